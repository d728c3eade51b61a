//! Removes secrets before anything is shown, and counts them.
//!
//! Reports are pasted into public issues. Three filters follow each other: structure (a query value is shown only if
//! its name is known to be harmless, a cookie never), form (text that looks like a token), and the known secrets of
//! this run, searched for in every encoding in the finished text.

mod addresses;
mod broken;
mod counts;
mod encodings;
mod found;
mod headers;
mod known;
mod labels;
mod last_scan;
mod names;
mod ordinary;
mod own_headers;
mod parts;
mod pieces;
mod pseudonyms;
mod sealing;
mod seen;
mod shape;
mod structure;
mod tokens;
mod values;
mod views;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::evidence::SecretKind;

pub use self::addresses::{AddressPart, address_parts};
use self::counts::Counts;
pub use self::headers::is_address;
use self::known::Known;
pub use self::labels::unlabelled;
use self::labels::{Masked, is_labels, labels_in};
pub use self::last_scan::Leak;
pub use self::names::{is_harmless, is_placeholder, is_secret_header, is_secret_name};
use self::ordinary::OWN_WORDS;
pub use self::own_headers::own_header_is_secret;
use self::pieces::Pieces;
pub use self::pseudonyms::Pseudonyms;
use self::seen::Seen;
pub use self::shape::Shape;
use self::shape::removed;
use self::structure::secrets_in;
use self::values::Values;
use crate::text::{Secret, Untrusted, cut, each_part, has_marks, read_json};

/// A kind of removed value, with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// `token`, `cookie`, …
    pub what: Cow<'static, str>,
    /// How many times.
    pub count: usize,
    /// How many different ones.
    pub distinct: usize,
}

/// Removes secrets from output and counts them.
#[derive(Default)]
pub struct Redactor {
    /// Every form of every secret of the run.
    own: Known,
    /// Parts of addresses that may be secret.
    others: Known,
    /// The secrets themselves.
    values: Values,
    /// The index for pieces of them.
    pieces: Pieces,
    /// Texts without findings.
    seen: Seen,
    /// The pseudonyms, if the result is anonymized.
    pseudonyms: Option<Pseudonyms>,
    counts: Counts,
    /// Whether labels that a text already has count as removed from it.
    counts_labels: bool,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Redactor {
    /// Creates a redactor for these values, each with its kind.
    pub fn new<'a>(known: impl IntoIterator<Item = (&'static str, &'a Secret)>) -> Self {
        let mut redactor = Self::default();
        redactor.pieces.spare_own(OWN_WORDS.iter().map(String::as_str));
        for (what, secret) in known {
            redactor.learn(what, secret.reveal());
        }
        redactor.learn_what_is_the_same();
        redactor
    }

    /// Adds pseudonyms, for an anonymized result.
    #[must_use]
    pub fn for_everybody(self, pseudonyms: Option<Pseudonyms>) -> Self {
        Self { pseudonyms, ..self }
    }

    /// Also removes what another redactor removes, for output about two runs: one may repeat the other's secrets.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.own.extend(other.own);
        self.others.extend(other.others);
        self.values.extend(other.values);
        self.pieces.extend(other.pieces);
        self.seen.forget();
        self.pseudonyms = match (self.pseudonyms, other.pseudonyms) {
            (Some(own), Some(others)) => Some(own.with(others)),
            (own, others) => own.or(others),
        };
        self
    }

    /// The pseudonyms, if the result is anonymized.
    pub fn pseudonyms(&self) -> Option<&Pseudonyms> {
        self.pseudonyms.as_ref()
    }

    /// The values removed so far, in the order of their kinds.
    pub fn redactions(&self) -> Vec<Redaction> {
        self.counts.redactions()
    }

    /// Counts a secret that was withheld from the record. `shape` is the recorded part of it, if any.
    pub fn count(&mut self, kind: SecretKind, shape: Option<&Shape>) {
        self.counts.add_label(kind.as_str(), shape.map(Shape::label).unwrap_or_default().to_owned());
    }

    /// Also counts values that were removed from a text earlier: the report of a sealed record says what was removed.
    pub fn count_labels(&mut self, counts: bool) {
        self.counts_labels = counts;
    }

    fn removed(&mut self, what: &'static str, value: &str) -> String {
        // Removed before.
        if is_labels(value) {
            return value.to_owned();
        }
        self.counts.add(what, value);
        removed(what, value)
    }

    /// The first `limit` bytes of a body, decoded if it is JSON: languages differ in the characters they escape. If the
    /// body was not read to its end (`truncated`), a secret at its end is incomplete; its beginning is removed.
    pub fn body(&mut self, text: &str, limit: usize, truncated: bool) -> String {
        let whole: Cow<'_, str> = if truncated { self.without_beginning(text).into() } else { text.into() };
        let shown = self.whole_body(&whole);
        if shown.len() <= limit || text.len() <= limit {
            return shown;
        }
        let masked = Masked::of(&shown);
        let end = (0..=limit.min(masked.text.len())).rev().find(|end| masked.text.is_char_boundary(*end));
        masked.unmasked(masked.text[..end.unwrap_or_default()].into()).into_owned()
    }

    fn whole_body(&mut self, text: &str) -> String {
        if let Ok(value) = read_json(text.as_bytes()) {
            let counts = self.counts.clone();
            let clean = self.json(&value);
            if clean != value {
                return clean.to_string();
            }
            // Nothing was found, so nothing is counted, and the text stays as it was sent.
            self.counts = counts;
        }
        self.clean(text)
    }

    /// A document of a server, with every text redacted, and every field whose name marks it as secret.
    pub fn json(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(text)),
            Value::Array(values) => values.iter().map(|value| self.json(value)).collect(),
            Value::Object(fields) => {
                let shown = |(name, value): (&String, &Value)| match value {
                    Value::String(secret) if is_secret_name(name) && !is_placeholder(secret) => {
                        (self.clean(name), Value::String(self.secret_value(secret)))
                    }
                    value => (self.clean(name), self.json(value)),
                };
                fields.iter().map(shown).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// The replacement for a value whose name marks it as secret: its known kind, else its length.
    fn secret_value(&mut self, value: &str) -> String {
        let known = self.known_values(value);
        if is_labels(&known) { known } else { self.removed("secret value", value) }
    }

    /// The body of a token service's answer: its structure, and of its values only numbers and dates.
    pub fn token_body(&mut self, bytes: &[u8]) -> Untrusted {
        match read_json(bytes) {
            Ok(Value::Object(fields)) => {
                let mut shown = serde_json::Map::new();
                for (name, value) in fields {
                    let harmless = matches!(
                        name.as_str(),
                        "errors" | "error" | "code" | "message" | "details" | "issued_at" | "expires_in"
                    );
                    let kept = if value.is_number() || value.is_boolean() || value.is_null() {
                        value
                    } else if harmless {
                        self.json(&value)
                    } else {
                        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        self.note_labels(&text);
                        Value::String(self.removed("token", &text))
                    };
                    shown.insert(Untrusted::new(name).cut_within(64), kept);
                }
                Untrusted::new(Value::Object(shown).to_string())
            }
            _ if bytes.is_empty() => Untrusted::default(),
            _ if bytes.trim_ascii_start().starts_with(b"<") => {
                let page = self.clean(Untrusted::from_bytes(bytes).as_str());
                let masked = Masked::of(&page);
                let beginning: String = masked.text.chars().take(2048).collect();
                Untrusted::new(masked.unmasked(beginning.into()))
            }
            _ => {
                let text = Untrusted::from_bytes(bytes);
                self.note_labels(text.as_str());
                Untrusted::new(self.removed("token server's answer", text.as_str()))
            }
        }
    }

    /// Removes secrets anywhere in a text: known ones, those revealed by their position, and text that looks like one.
    /// Then cuts the text at its marks ([`Untrusted::printable_within`]).
    pub fn text(&mut self, text: &str) -> String {
        if !has_marks(text) {
            return self.clean(text);
        }
        // The label of a secret must not be cut in two: each counts as one character.
        let cut_around_labels = |text: &str, limit: usize| {
            let masked = Masked::of(text);
            masked.unmasked(cut(&masked.text, limit).into()).into_owned()
        };
        each_part(text, |part| self.clean(part), cut_around_labels)
    }

    /// A server's text, in which marks have no meaning.
    fn clean(&mut self, text: &str) -> String {
        self.note_labels(text);
        if self.seen.has(text) {
            return text.to_owned();
        }
        let shown = self.cleaned(text);
        if shown == text {
            self.seen.add(text);
        }
        shown.into_owned()
    }

    fn note_labels(&mut self, text: &str) {
        if self.counts_labels && text.contains('‹') {
            labels_in(text).for_each(|(kind, label)| self.counts.add_label(kind, label));
        }
    }

    /// Most texts contain no secret, and some are megabytes long: unchanged ones are not copied.
    fn cleaned<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        // Before the text is split: a secret may contain quotes, and then is not in any single word.
        let known = self.known_values_in(text.into());
        let known = through(known, |text| {
            let masked = Masked::of(text);
            masked.unmasked(self.without_secrets(masked.text.clone()))
        });
        through(known, |text| {
            let masked = Masked::of(text);
            masked.unmasked(self.without_pieces(masked.text.clone()))
        })
    }

    fn without_secrets<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        let secrets = secrets_in(&text);
        if secrets.is_empty() {
            return text;
        }
        let mut shown = String::with_capacity(text.len());
        let mut at = 0;
        for found in secrets {
            shown.push_str(&text[at..found.range.start]);
            let value = &text[found.range.clone()];
            match found.is_named {
                true => shown.push_str(&self.removed(found.what, value)),
                false => self.counts.add(found.what, value),
            }
            at = found.range.end;
        }
        shown.push_str(&text[at..]);
        shown.into()
    }
}

/// A text after one more step, without copying it if it is unchanged.
fn through<'t>(text: Cow<'t, str>, step: impl for<'s> FnOnce(&'s str) -> Cow<'s, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => step(text),
        Cow::Owned(text) => match step(&text) {
            Cow::Borrowed(same) if same.len() == text.len() => Cow::Owned(text),
            other => Cow::Owned(other.into_owned()),
        },
    }
}

/// Characters that may separate two parts of a value that was broken into lines: whitespace, and our own bar.
fn is_break(character: char) -> bool {
    character.is_whitespace() || character == '│'
}
