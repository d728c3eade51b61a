//! What is taken out before anything is shown, and the count of it.
//!
//! Reports are pasted into public issues. Three nets, one behind the other: structure (a query value is shown only if
//! its name is known to be harmless, a cookie never), form (what looks like a token), and the values that this run
//! knows to be secret, searched for in every encoding in the finished text.

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
use self::labels::{Masked, is_labels, labels_in};
pub use self::last_scan::Leak;
use self::names::{is_placeholder, is_secret_name};
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

/// Something that was taken out, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// `token`, `cookie`, …
    pub what: Cow<'static, str>,
    /// How many times.
    pub count: usize,
    /// How many different ones.
    pub distinct: usize,
}

/// Takes secrets out of what is shown and counts them.
#[derive(Default)]
pub struct Redactor {
    /// Every form of every secret of the run.
    own: Known,
    /// Parts of addresses that may be secret.
    others: Known,
    /// The secrets themselves.
    values: Values,
    /// What looks for pieces of them.
    pieces: Pieces,
    /// Texts in which nothing was found.
    seen: Seen,
    /// What has a label in the place of itself, where the result is for everybody.
    pseudonyms: Option<Pseudonyms>,
    counts: Counts,
    /// Whether labels that a text has already count as taken out of it.
    counts_labels: bool,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Redactor {
    /// A redactor that looks for these values, each named by what it is.
    pub fn new<'a>(known: impl IntoIterator<Item = (&'static str, &'a Secret)>) -> Self {
        let mut redactor = Self::default();
        redactor.pieces.spare_own(OWN_WORDS.iter().map(String::as_str));
        for (what, secret) in known {
            redactor.learn(what, secret.reveal());
        }
        redactor.learn_what_is_the_same();
        redactor
    }

    /// The same, for a result that everybody may read.
    #[must_use]
    pub fn for_everybody(self, pseudonyms: Option<Pseudonyms>) -> Self {
        Self { pseudonyms, ..self }
    }

    /// What has a label in the place of itself, where the result is for everybody.
    pub fn pseudonyms(&self) -> Option<&Pseudonyms> {
        self.pseudonyms.as_ref()
    }

    /// What was taken out so far, in the order of its names.
    pub fn redactions(&self) -> Vec<Redaction> {
        self.counts.redactions()
    }

    /// Counts a secret that was not recorded in the first place. `shape` is what was recorded of it, if anything.
    pub fn count(&mut self, kind: SecretKind, shape: Option<&Shape>) {
        self.counts.add_label(kind.as_str(), shape.map(Shape::label).unwrap_or_default().to_owned());
    }

    /// From now on, what was taken out of a text before counts as well: a report of a sealed record says what is not in it.
    pub fn count_labels(&mut self, counts: bool) {
        self.counts_labels = counts;
    }

    fn removed(&mut self, what: &'static str, value: &str) -> String {
        // Taken out before.
        if is_labels(value) {
            return value.to_owned();
        }
        self.counts.add(what, value);
        removed(what, value)
    }

    /// The first `limit` bytes of a body, in which JSON is read: languages differ in what they escape there, and it is
    /// shown as it reads. Of a secret at the end of a body that was not read to its end (`truncated`), the rest is
    /// unknown; its beginning is taken out.
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
            // Nothing was there, so nothing is counted, and the text stays as it was sent.
            self.counts = counts;
        }
        self.clean(text)
    }

    /// A document of a server, in which every text is looked at, and every field whose name says that it is a secret.
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

    /// What stands in the place of a value whose name says that it is a secret: what is known of it, else how long it is.
    fn secret_value(&mut self, value: &str) -> String {
        let known = self.known_values(value);
        if is_labels(&known) { known } else { self.removed("secret value", value) }
    }

    /// A body that came from a token server: its structure, and nothing of its values but numbers and dates.
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

    /// Text that may hold a secret anywhere: what is known to be one, what its place gives away, and what looks like one,
    /// is taken out. Then it is cut where it is marked to be ([`Untrusted::printable_within`]).
    pub fn text(&mut self, text: &str) -> String {
        if !has_marks(text) {
            return self.clean(text);
        }
        // The words for a secret are not cut in two: each counts as one character.
        let cut_around_labels = |text: &str, limit: usize| {
            let masked = Masked::of(text);
            masked.unmasked(cut(&masked.text, limit).into()).into_owned()
        };
        each_part(text, |part| self.clean(part), cut_around_labels)
    }

    /// The words of a server, in which marks mean nothing.
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

    /// Most texts have no secret, and some are megabytes long: none is copied that stays as it is.
    fn cleaned<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        // Before it comes apart: a secret may have quotes in it, and then stands in no one word.
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

/// A text after one more step, without a copy of one that stays as it is.
fn through<'t>(text: Cow<'t, str>, step: impl for<'s> FnOnce(&'s str) -> Cow<'s, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => step(text),
        Cow::Owned(text) => match step(&text) {
            Cow::Borrowed(same) if same.len() == text.len() => Cow::Owned(text),
            other => Cow::Owned(other.into_owned()),
        },
    }
}

/// What may stand between two parts of a value that was broken into lines: white space, and the bar that we set.
fn is_break(character: char) -> bool {
    character.is_whitespace() || character == '│'
}
