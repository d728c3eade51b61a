//! The last check of a finished text. A finding here means that an earlier filter has failed: the text around it is
//! left out, and if it is still found then, nothing is written.
//!
//! It uses another method than the earlier filters. Those search for the forms that a secret can have; this one decodes
//! the text, and searches for the secret itself.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value as Json;

use super::Redactor;
use super::known::without_breaks;
use super::shape::removed;
use super::values::{SHORTEST_BROKEN, Value};
use super::views::each_view;
use crate::text::read_json;

/// Shorter values could match by chance in decoded text.
const SHORTEST: usize = 8;

/// A secret in a text that was about to be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} would have had a {what} in it")]
pub struct Leak {
    /// Its kind: `password`, `token`, …
    pub what: &'static str,
    /// Its place: a field of JSON, or a line.
    pub place: String,
}

impl Redactor {
    /// Searches a finished text for every secret of the run.
    ///
    /// # Errors
    /// Fails if the text contains a secret.
    pub fn last_scan(&self, text: &str) -> Result<(), Leak> {
        match self.leak_in(text) {
            Some(what) => Err(Leak { what, place: self.place(text) }),
            None => Ok(()),
        }
    }

    /// The text, or a replacement if it contains a secret.
    pub fn without_leak(&mut self, text: &str) -> String {
        match self.leak_in(text) {
            Some(what) => {
                self.counts.add(what, text);
                removed(&format!("text with a {what} in it"), text)
            }
            None => text.to_owned(),
        }
    }

    /// The kind of a secret in a text.
    fn leak_in(&self, text: &str) -> Option<&'static str> {
        let values: Vec<&Value> = self.values.iter().filter(|value| value.text.len() >= SHORTEST).collect();
        if values.is_empty() {
            return None;
        }
        let mut found = self.in_bytes(text.as_bytes());
        each_view(text, |view| found = found.or_else(|| self.in_bytes(&view.bytes)));
        found.or_else(|| {
            let encoded =
                |word: &str| values.iter().find(|value| is_encoded(&value.text, word)).map(|value| value.what);
            words(text).find_map(encoded)
        })
    }

    /// The kind of a secret in bytes, even if it is broken across lines.
    fn in_bytes(&self, bytes: &[u8]) -> Option<&'static str> {
        let long = |(_, value): (Range<usize>, &Value)| (value.text.len() >= SHORTEST).then_some(value.what);
        let piece = || self.pieces.find(&self.values, bytes).first().map(|(_, value)| value.what);
        if let Some(what) = self.values.find(bytes).find_map(long).or_else(piece) {
            return Some(what);
        }
        let joined = without_breaks(&String::from_utf8_lossy(bytes));
        let mut broken = self.values.iter().filter(|value| value.text.len() >= SHORTEST_BROKEN);
        broken.find(|value| joined.contains(&without_breaks(&value.text))).map(|value| value.what)
    }

    /// The place of a secret in a text: in JSON the first field that contains it, elsewhere the line.
    fn place(&self, text: &str) -> String {
        if let Ok(json) = read_json(text.as_bytes())
            && let Some(field) = self.field(&json, "$")
        {
            return field;
        }
        match text.lines().position(|line| self.leak_in(line).is_some()) {
            Some(line) => format!("line {}", line + 1),
            None => "the text, over several lines,".to_owned(),
        }
    }

    fn field(&self, json: &Json, path: &str) -> Option<String> {
        match json {
            Json::String(text) => self.leak_in(text).map(|_| path.to_owned()),
            Json::Array(elements) => {
                elements.iter().enumerate().find_map(|(at, element)| self.field(element, &format!("{path}[{at}]")))
            }
            // A field name could be a secret itself, so only our own names are repeated.
            Json::Object(fields) => fields.iter().find_map(|(name, element)| {
                let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                self.field(element, &format!("{path}.{}", if is_plain { name.as_str() } else { "…" }))
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) => None,
        }
    }
}

/// Words that could be base64 or hexadecimal.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_other = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '-' | '_');
    text.split(is_other).filter(|word| word.len() >= SHORTEST)
}

fn is_encoded(value: &str, word: &str) -> bool {
    let needle = value.as_bytes();
    // An encoded form is longer than its value.
    if word.len() < needle.len() {
        return false;
    }
    let has = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    // The secret may begin at any of the three positions in a group, and the word with something else.
    let base64 = (0..4).any(|skipped| {
        let Some(rest) = word.get(skipped..) else { return false };
        let rest = &rest[..rest.len() / 4 * 4];
        [STANDARD_NO_PAD.decode(rest), URL_SAFE_NO_PAD.decode(rest)].into_iter().flatten().any(|bytes| has(&bytes))
            || STANDARD_NO_PAD.decode(word.get(skipped..).unwrap_or_default()).is_ok_and(|bytes| has(&bytes))
    });
    let hexadecimal = || {
        (0..2).any(|skipped| {
            let digits = &word.as_bytes()[skipped.min(word.len())..];
            let pairs = digits
                .chunks_exact(2)
                .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
            pairs.collect::<Option<Vec<u8>>>().is_some_and(|bytes| has(&bytes))
        })
    };
    base64 || hexadecimal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Secret;

    const SECRET: &str = "CANARYpw+x/y=z:%\"\\'&<end";

    fn scan(text: &str) -> Result<(), Leak> {
        Redactor::new([("password", &Secret::new(SECRET))]).last_scan(text)
    }

    /// Case E25: if an earlier filter is missing, the text is not written.
    #[test]
    fn a_secret_that_got_through_is_found_in_every_form() {
        use base64::engine::general_purpose::STANDARD;
        let hexadecimal: String = SECRET.bytes().map(|byte| format!("{byte:02X}")).collect();
        let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let json = serde_json::to_string(SECRET).unwrap();
        let broken: String = SECRET.chars().map(|character| format!("{character}\n│ ")).collect();
        let escaped: String = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for text in [
            SECRET.to_owned(),
            format!("a {percent} b"),
            json.clone(),
            serde_json::to_string(&json).unwrap(),
            escaped,
            broken,
            format!("x{hexadecimal}"),
            SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;"),
            STANDARD.encode(SECRET),
            format!("Basic {}", STANDARD.encode(format!("user:{SECRET}"))),
            format!("Basic {}", STANDARD.encode(format!("us:{SECRET}x"))),
            url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
        ] {
            assert!(scan(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_has_no_secret_in_it_passes() {
        for text in ["", "CANARY", "Basic ‹removed›", "\\", "\\u12", "%", "%4", "&amp", "é\\é%é"] {
            assert_eq!(scan(text), Ok(()), "{text}");
        }
        let short = Redactor::new([("password", &Secret::new("the"))]);
        assert_eq!(short.last_scan("in the end"), Ok(()));
    }

    #[test]
    fn it_is_said_where_and_what_and_not_which() {
        let text = serde_json::json!({ "a": ["x", { "body": SECRET, SECRET: 1 }] }).to_string();
        let leak = scan(&text).unwrap_err();
        assert_eq!(leak.to_string(), "$.a[1].body would have had a password in it");
        assert_eq!(scan(&format!("one\ntwo {SECRET}")).unwrap_err().place, "line 2");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_redactor_lets_through_passes(text in "\\PC{0,80}", secret in "[a-zA-Z0-9+/=:%&\"'<]{8,30}") {
            let secret = Secret::new(secret);
            let mut redactor = Redactor::new([("password", &secret)]);
            let text = format!("{text}{}{text}", secret.reveal());
            let shown = redactor.known_values(&text);
            proptest::prop_assert!(redactor.last_scan(&shown).is_ok(), "{}", shown);
        }
    }
}
