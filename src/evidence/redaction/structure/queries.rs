//! Pairs of a name and a value: `?X-Amz-Signature=…&n=5`, `sig=…`, `signature="…"`.
//!
//! In a query, or in adjacent pairs like those of a query, a value is shown only if its name is known to be harmless. A
//! single pair may be anything, so there the name has to mark the value as secret.

use std::ops::Range;

use super::marks::{ends_word, find_from, mark_at, mark_before, word_end};
use crate::evidence::redaction::found::SecretPart;
use crate::evidence::redaction::names::{LONGEST_NAME, is_harmless, is_placeholder, is_secret_name, is_variable};

/// The position of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Query,
    Alone,
}

/// Finds the secret values.
pub(super) fn find(text: &str, found: &mut Vec<SecretPart>) {
    let mut at = 0;
    // The end of the last value that was not hidden: a value that begins within it ends there too.
    let mut end = 0;
    while let Some((equals, length)) = next_equals(text, at) {
        at = equals + length;
        let name = name_before(text, equals);
        if name.is_empty() {
            continue;
        }
        let value = value_at(text, at, end);
        if value.is_empty() {
            continue;
        }
        // A value in quotation marks may contain several pairs.
        if value.start == at {
            end = value.end;
        }
        let place = place(text, &name, &value);
        let decoded = decoded(&text[name.clone()]);
        if is_hidden(&decoded, &text[value.clone()], place) {
            at = value.end;
            let what = if place == Position::Query { "query value" } else { "secret value" };
            let is_value = place == Position::Query && decoded.chars().count() > LONGEST_NAME;
            found.push(SecretPart::named(if is_value { name.start..value.end } else { value }, what));
        }
    }
}

fn is_hidden(name: &str, value: &str, place: Position) -> bool {
    match place {
        _ if is_variable(value) => false,
        Position::Query => !is_harmless(name),
        Position::Alone => is_secret_name(name) && !is_placeholder(value),
    }
}

/// The position and length of the next equals sign, in any spelling.
fn next_equals(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        at += text.as_bytes().get(at..)?.iter().position(|byte| matches!(byte, b'=' | b'%' | b'\\' | b'&'))?;
        match mark_at(text, at, '=') {
            Some(length) => return Some((at, length)),
            None => at += 1,
        }
    }
}

/// The name that ends here. It begins after a separator of pairs, and not with a character that names do not contain.
fn name_before(text: &str, end: usize) -> Range<usize> {
    const LONGEST: usize = 256;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.~[]$%+".contains(c) || super::super::labels::is_mask(c);
    let mut start = end;
    while end - start < LONGEST
        && let Some(before) = text[..start].chars().next_back().filter(|before| is_part(*before))
        && !separates(text, start)
        && mark_before(text, start, '=').is_none()
    {
        start -= before.len_utf8();
    }
    start..end
}

/// Whether the character before `at` separates pairs.
fn separates(text: &str, at: usize) -> bool {
    ['?', '&', '#'].iter().any(|mark| mark_before(text, at, *mark).is_some())
}

/// The value that begins here: to the next separator or the end of the word, or between quotation marks. `known` is the
/// end of an earlier value, which holds for this one if it begins within.
fn value_at(text: &str, at: usize, known: usize) -> Range<usize> {
    if at < known {
        return at..known;
    }
    for quote in ['"', '\''] {
        if let Some(length) = mark_at(text, at, quote) {
            let start = at + length;
            let end = find_from(text, start, |at| mark_at(text, at, quote).is_some() || text[at..].starts_with('\n'));
            return start..end.unwrap_or(text.len());
        }
    }
    let end = find_from(text, at, |at| ends_word(text, at) || begins_separator(text, at)).unwrap_or(text.len());
    let is_last = end == text.len() || text[end..].starts_with(char::is_whitespace);
    // A full stop belongs to the sentence, and a bracket to the text around the address.
    let value =
        if is_last { text[at..end].trim_end_matches(['.', ',', ';', ':', '!', ')', ']', '}']) } else { &text[at..end] };
    at..at + value.len()
}

fn begins_separator(text: &str, at: usize) -> bool {
    ['&', '#'].iter().any(|mark| mark_at(text, at, *mark).is_some())
}

/// Whether a query or a pair precedes this ampersand in the same word: in a path, an ampersand is not a separator.
fn goes_on(text: &str, ampersand: usize) -> bool {
    const FARTHEST: usize = 512;
    let mut at = ampersand;
    while let Some(before) = text[..at].chars().next_back() {
        at -= before.len_utf8();
        if ampersand - at > FARTHEST || mark_at(text, at, '?').is_some() || mark_at(text, at, '=').is_some() {
            return true;
        }
        if ends_word(text, at) {
            return false;
        }
    }
    false
}

/// Whether a pair is part of a query: preceded by a question mark, or next to an ampersand and another pair.
fn place(text: &str, name: &Range<usize>, value: &Range<usize>) -> Position {
    if mark_before(text, name.start, '?').is_some() {
        return Position::Query;
    }
    if let Some(length) = mark_before(text, name.start, '&')
        && goes_on(text, name.start - length)
    {
        return Position::Query;
    }
    let next = mark_at(text, value.end, '&').map(|length| value.end + length);
    let another =
        next.and_then(|next| next_equals(&text[..word_end(text, next)], next).map(|(equals, _)| (next, equals)));
    match another {
        Some((next, equals)) if name_before(text, equals).start == next => Position::Query,
        _ => Position::Alone,
    }
}

fn decoded(name: &str) -> String {
    if !name.contains('%') {
        return name.to_owned();
    }
    let pairs = url::form_urlencoded::parse(name.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}
