//! The tolerant parser, for values that do not follow the grammar.
//!
//! It reads the bytes once and never backtracks, so its time is linear in the length of the value. If a value is
//! ambiguous, it chooses the reading that invents nothing: an unterminated quoted value is ignored rather than guessed,
//! a duplicate parameter keeps its first value, and an unquoted value ends at a comma or a space.

use super::{CHALLENGE_LIMIT, Challenge, Challenges, Kind, PARAMETER_LIMIT, PARAMETER_NAMES, Problem, ProblemKind};
use crate::text::Untrusted;

/// Parses one header value and adds its challenges to those found before.
pub(super) fn read(header: usize, bytes: &[u8], found: &mut Challenges) {
    Reader { header, bytes, position: 0, found, open: None }.run();
}

struct Reader<'a> {
    header: usize,
    bytes: &'a [u8],
    position: usize,
    found: &'a mut Challenges,
    open: Option<Open>,
}

/// The challenge being parsed: the last one found.
#[derive(Clone, Copy)]
struct Open {
    /// The offset of its scheme.
    start: usize,
    /// `true` while only the scheme was parsed.
    fresh: bool,
    /// `true` once the excess of parameters was recorded.
    full: bool,
}

impl<'a> Reader<'a> {
    fn run(mut self) {
        let before = self.found.all.len();
        let mut refused = false;
        loop {
            let comma = self.skip_separators();
            let start = self.position;
            match self.peek() {
                None => break,
                Some(byte) if is_token(byte) => {
                    let word = self.take_while(is_token);
                    if !self.word(start, word, comma) {
                        self.note(start, ProblemKind::TooManyChallenges);
                        refused = true;
                        break;
                    }
                }
                Some(b'"') => {
                    self.note(start, ProblemKind::StrayText);
                    self.quoted();
                }
                Some(byte) => {
                    let visible = byte.is_ascii_graphic();
                    let what = if visible { ProblemKind::StrayText } else { ProblemKind::UnexpectedByte(byte) };
                    self.note(start, what);
                    self.take_while(|byte| !matches!(byte, b' ' | b'\t' | b',' | b'"'));
                }
            }
        }
        self.close();
        if self.found.all.len() == before && !refused {
            self.note(0, ProblemKind::NoChallenge);
        }
    }

    /// Decides from the following bytes what a word is. Returns `false` if it begins a challenge for which there is no
    /// room.
    fn word(&mut self, start: usize, word: &'a [u8], comma: bool) -> bool {
        // Only token characters get here, and those are ASCII.
        let word = String::from_utf8_lossy(word).to_ascii_lowercase();
        let is_scheme = matches!(word.as_str(), "basic" | "bearer" | "digest" | "negotiate" | "ntlm");
        let is_parameter = PARAMETER_NAMES.contains(&word.as_str());
        let end = self.position;
        self.skip_whitespace();
        match (self.peek(), self.open) {
            (Some(b'='), _) => {
                self.position += 1;
                self.parameter(start, word, comma);
            }
            (Some(b'"'), Some(_)) if !is_scheme => {
                self.note(end, ProblemKind::MissingEquals);
                self.parameter(start, word, comma);
            }
            // A lone `realm` has lost its value; it is not a scheme, whatever the grammar says.
            (_, open) if is_parameter && open.is_none_or(|open| open.fresh || comma) => {
                self.note(end, ProblemKind::MissingEquals);
            }
            (_, None) => return self.open(start, end),
            (_, Some(open)) if open.fresh && !comma && !is_scheme => self.note(end, ProblemKind::MissingEquals),
            (_, Some(_)) if comma || is_scheme => {
                if !comma {
                    self.note(start, ProblemKind::MissingComma);
                }
                return self.open(start, end);
            }
            (_, Some(_)) => self.note(start, ProblemKind::StrayText),
        }
        true
    }

    /// Begins a challenge with the scheme between the two offsets.
    fn open(&mut self, start: usize, end: usize) -> bool {
        self.close();
        if self.found.all.len() >= CHALLENGE_LIMIT {
            return false;
        }
        let challenge = Challenge::new(Untrusted::from_bytes(&self.bytes[start..end]));
        let kind = challenge.kind();
        self.found.all.push(challenge);
        self.open = Some(Open { start, fresh: true, full: false });
        if kind == Kind::Other {
            self.skip_token68();
        }
        true
    }

    /// Ends the challenge being parsed: only now are its missing parameters known.
    fn close(&mut self) {
        let Some(open) = self.open else { return };
        if let Some(problem) = self.found.all.last().and_then(super::realm_is_missing) {
            self.note(open.start, problem);
        }
        self.open = None;
    }

    /// Parses a parameter's value, with the position after the `=`, and keeps it.
    fn parameter(&mut self, start: usize, name: String, comma: bool) {
        let open = self.open;
        match open {
            None => self.note(start, ProblemKind::ParameterWithoutScheme),
            Some(open) if open.fresh && comma => self.note(start, ProblemKind::CommaAfterScheme),
            Some(open) if !open.fresh && !comma => self.note(start, ProblemKind::MissingComma),
            Some(_) => {}
        }
        let value = self.value(&name);
        let (Some(mut open), Some(challenge)) = (open, self.found.all.last_mut()) else { return };
        open.fresh = false;
        let known = challenge.parameters.iter().any(|(known, _)| *known == name);
        let full = challenge.parameters.len() == PARAMETER_LIMIT;
        match value {
            Some(value) if !known && !full => challenge.parameters.push((name, value)),
            _ if known => {
                let name = PARAMETER_NAMES.into_iter().find(|known| *known == name);
                self.note(start, ProblemKind::DuplicateParameter(name));
            }
            _ if full && !open.full => {
                open.full = true;
                self.note(start, ProblemKind::TooManyParameters);
            }
            _ => {}
        }
        self.open = Some(open);
    }

    /// Parses a value, quoted or not. `None` if it is not terminated.
    fn value(&mut self, name: &str) -> Option<Untrusted> {
        self.skip_whitespace();
        match self.peek() {
            Some(b'"') => self.quoted(),
            None | Some(b',') => {
                self.note(self.position, ProblemKind::MissingValue);
                Some(Untrusted::default())
            }
            Some(_) => Some(self.unquoted(name)),
        }
    }

    /// Parses a quoted string (RFC 9110 §5.6.4) from its opening quote.
    fn quoted(&mut self) -> Option<Untrusted> {
        let start = self.position;
        let mut text = Vec::new();
        let mut unexpected = None;
        self.position += 1;
        while let Some(byte) = self.next() {
            let byte = match byte {
                b'"' => {
                    if let Some((offset, byte)) = unexpected {
                        self.note(offset, ProblemKind::UnexpectedByte(byte));
                    }
                    return Some(Untrusted::from_bytes(&text));
                }
                b'\\' => match self.next() {
                    Some(escaped) => escaped,
                    None => break,
                },
                byte => byte,
            };
            // The grammar allows bytes above ASCII, but gives them no meaning (RFC 9110 §5.5).
            if unexpected.is_none() && !(byte == b'\t' || byte == b' ' || byte.is_ascii_graphic()) {
                unexpected = Some((self.position - 1, byte));
            }
            text.push(byte);
        }
        self.note(start, ProblemKind::UnterminatedQuote);
        None
    }

    /// Parses an unquoted value: up to the next comma or space. Only tokens may be unquoted (RFC 9110 §11.2).
    fn unquoted(&mut self, name: &str) -> Untrusted {
        let start = self.position;
        self.take_while(|byte| !matches!(byte, b' ' | b'\t' | b','));
        // The actions of a scope are separated by commas: `scope=repository:demo/app:pull,push`.
        while name == "scope" && self.skip_action() {}
        let value = &self.bytes[start..self.position];
        if let Some((offset, &byte)) = value.iter().enumerate().find(|(_, byte)| !byte.is_ascii_graphic()) {
            self.note(start + offset, ProblemKind::UnexpectedByte(byte));
        }
        if !value.iter().copied().all(is_token) {
            self.note(start, ProblemKind::UnquotedValue);
        }
        Untrusted::from_bytes(value)
    }

    /// Skips a comma and the action after it; does not move if no whole action follows.
    fn skip_action(&mut self) -> bool {
        let rest = &self.bytes[self.position..];
        for action in [&b",pull"[..], b",push", b",delete", b",*"] {
            if rest.starts_with(action) && matches!(rest.get(action.len()), None | Some(b' ' | b'\t' | b',')) {
                self.position += action.len();
                return true;
            }
        }
        false
    }

    /// Skips the single opaque value that a scheme may have instead of parameters, such as `Negotiate` (`token68`, RFC
    /// 9110 §11.2). No registry client can use it.
    fn skip_token68(&mut self) {
        self.skip_whitespace();
        let rest = &self.bytes[self.position..];
        let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t' | b',')).unwrap_or(rest.len());
        let value = rest[..end].trim_ascii_end();
        let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
        let body = &value[..value.len() - padding];
        let is_body = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
        if !body.is_empty() && body.iter().all(is_body) && rest[end..].trim_ascii_start().first() != Some(&b'=') {
            self.position += end;
        }
    }

    /// Skips spaces and commas; returns `true` if there was a comma, or a semicolon instead of one.
    fn skip_separators(&mut self) -> bool {
        let mut comma = false;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => {}
                b',' => comma = true,
                b';' => {
                    self.note(self.position, ProblemKind::Semicolon);
                    comma = true;
                }
                _ => break,
            }
            self.position += 1;
        }
        comma
    }

    fn skip_whitespace(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.bytes[self.position..];
        let taken = &rest[..rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())];
        self.position += taken.len();
        taken
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.position += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    /// Records a problem, with the challenge being parsed if there is one. A problem for which the response has no room
    /// is not kept with the challenge either.
    fn note(&mut self, offset: usize, what: ProblemKind) {
        let problem = Problem { header: self.header, offset, what };
        if self.open.is_some()
            && self.found.problems.len() < super::PROBLEM_LIMIT
            && let Some(challenge) = self.found.all.last_mut()
        {
            challenge.problems.push(problem);
        }
        self.found.note(problem);
    }
}

/// Returns `true` for the characters of a token (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
