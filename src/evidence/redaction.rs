//! What is taken out before anything is shown, and the count of it.
//!
//! Reports are pasted into public issues. Three nets, one behind the other: structure (a query value is shown only if
//! its name is known to be harmless, a cookie never), form (what looks like a token), and the values that this run
//! knows to be secret, searched for in every encoding in the finished text.

mod addresses;
mod counts;
mod encodings;
mod headers;
mod labels;
mod last_scan;
mod names;
mod ordinary;
mod own_headers;
mod pseudonyms;
mod shape;
mod structure;
mod tokens;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

pub use self::addresses::{AddressPart, address_parts};
use self::counts::Counts;
use self::encodings::{encodings, in_addresses};
use self::labels::{Masked, is_mask};
pub use self::last_scan::Leak;
use self::names::{is_placeholder, is_secret_name};
use self::ordinary::is_ordinary;
pub use self::own_headers::own_header_is_secret;
pub use self::pseudonyms::Pseudonyms;
pub use self::shape::{removed, withheld};
use self::structure::{is_harmless, secrets_in};
use super::{Secret, Untrusted};

/// Something that was taken out, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// `token`, `cookie`, …
    pub what: &'static str,
    /// How many times.
    pub count: usize,
    /// How many different ones.
    pub distinct: usize,
}

/// Takes secrets out of what is shown and counts them.
#[derive(Default)]
pub struct Redactor {
    /// Every form of every secret.
    known: Vec<Known>,
    /// The secrets themselves, but for those that are ordinary words.
    values: Vec<(&'static str, String)>,
    /// What has a label in the place of itself, where the result is for everybody.
    pseudonyms: Option<Pseudonyms>,
    counts: Counts,
}

/// A form of a secret that is searched for.
struct Known {
    what: &'static str,
    form: String,
    /// What stands in its place.
    shown: Arc<str>,
}

/// A known value shorter than this is not searched for: it would be found by chance in ordinary words.
const SHORTEST_KNOWN: usize = 6;

/// A value in a query that is shorter than this is no signature, and may stand anywhere else by chance.
const SHORTEST_SIGNATURE: usize = 12;

/// A known value at least this long is also found where line breaks were put into it.
const SHORTEST_BROKEN: usize = 16;

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Redactor {
    /// A redactor that looks for these values, each named by what it is.
    pub fn new<'a>(known: impl IntoIterator<Item = (&'static str, &'a Secret)>) -> Self {
        let mut redactor = Self::default();
        for (what, secret) in known {
            redactor.learn(what, secret.reveal());
        }
        redactor.learn_what_is_the_same();
        redactor
    }

    fn learn(&mut self, what: &'static str, value: &str) {
        // GHCR's tokens are the access tokens that they stand for, in base64.
        let inside = encodings::decoded(value);
        for value in [value].into_iter().chain(inside.as_deref()) {
            self.learn_forms(what, value, encodings(value));
            if !is_ordinary(value) {
                self.values.push((what, value.to_owned()));
            }
        }
    }

    /// A user name and a password are sent as one value in base64, and a long password is also looked for line by line: all
    /// of that is one password.
    fn learn_what_is_the_same(&mut self) {
        for (at, (what, form)) in self.values.iter().enumerate() {
            let inside = encodings::decoded(form);
            let holds = |value: &str| {
                let pair = inside.as_deref().and_then(|pair| pair.split_once(':'));
                pair.is_some_and(|(_, password)| password == value) || value.lines().any(|line| line.trim() == form)
            };
            let mut others = self.values.iter().enumerate().filter(|(other, (kind, _))| *other != at && kind == what);
            if let Some((_, (_, value))) = others.find(|(_, (_, value))| value != form && holds(value)) {
                self.counts.is_form_of(form, value);
            }
        }
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

    fn learn_forms(&mut self, what: &'static str, value: &str, forms: Vec<String>) {
        let shown: Arc<str> = removed(what, value).into();
        let forms = forms.into_iter().filter(|form| form.len() >= SHORTEST_KNOWN && !is_ordinary(form));
        self.known.extend(forms.map(|form| Known { what, form, shown: Arc::clone(&shown) }));
        // The longest form first, so that no part of it is left standing beside a shorter match.
        self.known.sort_by(|a, b| b.form.len().cmp(&a.form.len()).then_with(|| a.form.cmp(&b.form)));
        self.known.dedup_by(|a, b| a.form == b.form);
    }

    /// Keeps in mind what may be secret in an address that was asked or offered, in case a body repeats it. There may
    /// be many of those, so they are only looked for as they stand in addresses.
    pub fn learn_url(&mut self, url: &Url) {
        let pairs = url.query_pairs().filter(|(name, _)| !is_harmless(name));
        let values = pairs.map(|(name, value)| if value.is_empty() { name } else { value });
        let values = values.map(|value| value.into_owned()).chain(url.fragment().map(str::to_owned));
        let may_be_secret = |value: &String| value.len() >= SHORTEST_SIGNATURE && !is_media_type(value);
        for value in values.filter(may_be_secret).collect::<Vec<_>>() {
            self.learn_forms("query value", &value, in_addresses(&value));
        }
        if let Some(password) = url.password() {
            self.learn_forms("password", password, vec![password.to_owned()]);
        }
    }

    /// What was taken out so far, in the order of its names.
    pub fn redactions(&self) -> Vec<Redaction> {
        self.counts.redactions()
    }

    /// Counts something that was never recorded in the first place, because its value was replaced as it was sent.
    /// `shown` is what stands in its place.
    pub fn count(&mut self, what: &'static str, shown: &str) {
        self.counts.add_shown(what, shown, 1);
    }

    fn removed(&mut self, what: &'static str, value: &str) -> String {
        self.counts.add(what, value);
        removed(what, value)
    }

    /// A body, in which JSON is read: languages differ in what they escape there, and it is shown as it reads.
    pub fn body(&mut self, text: &str) -> String {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return self.text(text) };
        let counts = self.counts.clone();
        let clean = self.json(&value);
        if clean != value {
            return clean.to_string();
        }
        // Nothing was there, so nothing is counted, and the text stays as it was sent.
        self.counts = counts;
        self.text(text)
    }

    fn json(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(values) => values.iter().map(|value| self.json(value)).collect(),
            Value::Object(fields) => {
                let shown = |(name, value): (&String, &Value)| match value {
                    Value::String(secret) if is_secret_name(name) && !is_placeholder(secret) => {
                        (self.text(name), Value::String(self.secret_value(secret)))
                    }
                    value => (self.text(name), self.json(value)),
                };
                fields.iter().map(shown).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// What stands in the place of a value whose name says that it is a secret: what is known of it, else how long it is.
    fn secret_value(&mut self, value: &str) -> String {
        let known = self.known_values(value);
        match known != value && Masked::of(&known).text.chars().all(is_mask) {
            true => known,
            false => self.removed("secret value", value),
        }
    }

    /// A body that came from a token server: its structure, and nothing of its values but numbers and dates.
    pub fn token_body(&mut self, bytes: &[u8]) -> Untrusted {
        match serde_json::from_slice::<Value>(bytes) {
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
                        Value::String(self.removed("token", &text))
                    };
                    shown.insert(Untrusted::new(name).printable_within(64), kept);
                }
                Untrusted::new(Value::Object(shown).to_string())
            }
            _ if bytes.is_empty() => Untrusted::default(),
            _ if bytes.trim_ascii_start().starts_with(b"<") => {
                Untrusted::new(self.text(&Untrusted::from_bytes(bytes).as_str().chars().take(2048).collect::<String>()))
            }
            _ => Untrusted::new(self.removed("token server's answer", Untrusted::from_bytes(bytes).as_str())),
        }
    }

    /// Text that may hold a secret anywhere: what is known to be one, what its place gives away, and what looks like one,
    /// is taken out.
    pub fn text(&mut self, text: &str) -> String {
        // Before it comes apart: a secret may have quotes in it, and then stands in no one word.
        let known = self.known_values(text);
        let masked = Masked::of(&known);
        masked.unmasked(&self.without_secrets(&masked.text))
    }

    fn without_secrets(&mut self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut at = 0;
        for found in secrets_in(text) {
            shown.push_str(&text[at..found.range.start]);
            let value = &text[found.range.clone()];
            match found.is_named {
                true => shown.push_str(&self.removed(found.what, value)),
                false => self.counts.add(found.what, value),
            }
            at = found.range.end;
        }
        shown.push_str(&text[at..]);
        shown
    }

    /// The last net, over finished output: the values that this run knows, in every encoding.
    pub fn known_values(&mut self, text: &str) -> String {
        let mut shown = text.to_owned();
        for known in &self.known {
            let found = shown.matches(known.form.as_str()).count();
            if found > 0 {
                self.counts.add_shown(known.what, &known.shown, found);
                shown = shown.replace(known.form.as_str(), &known.shown);
            }
        }
        self.broken_values(shown)
    }

    /// What is left of the known values: those that go on in the next line. Base64 is often written so, and a terminal
    /// that is too narrow makes lines out of anything.
    fn broken_values(&mut self, shown: String) -> String {
        if !shown.contains('\n') {
            return shown;
        }
        // The text without breaks, and where each of its bytes came from.
        let mut joined = String::with_capacity(shown.len());
        let mut origins = Vec::with_capacity(shown.len());
        for (at, character) in shown.char_indices().filter(|&(_, character)| !is_break(character)) {
            joined.push(character);
            origins.extend((0..character.len_utf8()).map(|offset| at + offset));
        }
        let mut found = Vec::new();
        for known in &self.known {
            let form: String = known.form.chars().filter(|&c| !is_break(c)).collect();
            if form.len() >= SHORTEST_BROKEN {
                let places = joined.match_indices(form.as_str());
                found.extend(places.map(|(at, _)| (origins[at], origins[at + form.len() - 1] + 1, known)));
            }
        }
        found.sort_by_key(|&(start, end, _)| (start, end));
        let mut clean = String::with_capacity(shown.len());
        let mut kept = 0;
        for (start, end, known) in found {
            // Several forms of one value may overlap.
            if start >= kept {
                clean.push_str(&shown[kept..start]);
                clean.push_str(&known.shown);
                self.counts.add_shown(known.what, &known.shown, 1);
            }
            kept = kept.max(end);
        }
        clean.push_str(&shown[kept..]);
        clean
    }
}

/// Storage services are told which type to answer with in a signed address (`response-content-type`), and that type
/// then stands in their answer.
fn is_media_type(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-".contains(&byte);
    let name = value.strip_prefix("application/").or_else(|| value.strip_prefix("text/"));
    name.is_some_and(|name| name.len() < 100 && name.bytes().all(plain))
}

/// What may stand between two parts of a value that was broken into lines: white space, and the bar that we set.
fn is_break(character: char) -> bool {
    character.is_whitespace() || character == '│'
}
