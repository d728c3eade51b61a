//! Two JSON documents whose bytes differ: whether their content is the same, and what differs otherwise.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::value::{Difference, Kind};
use crate::evidence::{Body, unlabelled};
use crate::text::{Untrusted, read_json};

/// The most names of fields that are named.
const MOST_NAMES: usize = 8;

/// Two documents, read for comparison. Labels of removed values are replaced by the same words on both sides.
pub(super) struct Documents<'a> {
    texts: [Cow<'a, str>; 2],
    values: [Value; 2],
    /// Whether values were removed from one of them, so that they are not compared.
    pub is_redacted: bool,
}

impl<'a> Documents<'a> {
    /// Reads two bodies; `None` if one of them is not JSON, or is too large to be read.
    pub fn read(bodies: [&'a Body; 2]) -> Option<Self> {
        let texts = bodies.map(|body| text(body)).map(|text| (unlabelled(&text) != text, text));
        let is_redacted = texts.iter().any(|(is_redacted, _)| *is_redacted);
        let texts = texts.map(|(is_redacted, text)| match is_redacted {
            true => Cow::Owned(unlabelled(&text).into_owned()),
            false => text,
        });
        let [a, b] = texts.each_ref().map(|text| read_json(text.as_bytes()).ok());
        Some(Self { values: [a?, b?], texts, is_redacted })
    }

    /// How the bytes of two documents with the same content differ, in words; `None` if their content differs.
    pub fn spelling(&self) -> Option<Vec<&'static str>> {
        let [a, b] = &self.values;
        if a != b {
            return None;
        }
        let [one, other] = self.texts.each_ref().map(|text| text.trim());
        if one == other {
            let is_equal = self.texts[0] == self.texts[1];
            return Some(if is_equal { Vec::new() } else { vec!["white space at the end"] });
        }
        let compact = [one, other].map(compact);
        if compact[0] == compact[1] {
            return Some(vec!["white space"]);
        }
        let mut found = Vec::new();
        // Fields keep their order in the parsed form.
        let in_order = [a, b].map(Value::to_string);
        found.push(if in_order[0] == in_order[1] { "the spelling of texts or numbers" } else { "the order of fields" });
        let is_spaced = [compact[0].len() < one.len(), compact[1].len() < other.len()];
        found.extend((is_spaced[0] != is_spaced[1]).then_some("white space"));
        Some(found)
    }

    /// Whether they are equal apart from these fields of the document itself.
    pub fn is_same_without(&self, names: &[&str]) -> bool {
        let [a, b] = self.values.each_ref().map(|value| without(value, names));
        a == b
    }

    /// The fields of the documents themselves that differ, except for these.
    pub fn other_fields(&self, except: &[&str]) -> Vec<String> {
        let [a, b] = &self.values;
        other_fields(a, b, "").into_iter().filter(|name| !except.contains(&name.as_str())).collect()
    }
}

/// The difference of two documents with the same content; `None` if their content differs. `what` names them.
pub(super) fn same_json(what: &str, documents: &Documents<'_>) -> Option<Difference> {
    let spelling = documents.spelling()?;
    let text = match spelling.is_empty() {
        // The bytes that are left are equal, so those that were removed differ.
        true => format!("The {what} differs only in values that are not shown because they may be secret."),
        false => {
            let removed = if documents.is_redacted { " Values that are not shown were not compared." } else { "" };
            let words = spelling.join(" and ");
            format!("The {what} is the same JSON in other bytes: {words}. One side wrote it anew.{removed}")
        }
    };
    let kind = if spelling.is_empty() { Kind::Fields } else { Kind::SameJson };
    Some(Difference::noticed(kind, text).likely_if(documents.is_redacted))
}

/// The names of the fields that differ between two objects, each after this prefix; printable.
pub(super) fn other_fields(a: &Value, b: &Value, prefix: &str) -> Vec<String> {
    let names = |value: &Value| value.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect();
    let (one, other): (BTreeSet<String>, BTreeSet<String>) = (names(a), names(b));
    let differing = one.union(&other).filter(|name| meaningful(a.get(name)) != meaningful(b.get(name)));
    differing.map(|name| format!("{prefix}{}", plain_name(name))).collect()
}

/// A value that says something: null, an empty text, an empty list and an empty object say nothing, and tools write or
/// omit them as they like.
fn meaningful(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    })
}

/// Whether two values say the same: fields that say nothing do not count.
pub(super) fn says_the_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names = one.keys().chain(other.keys());
            names.all(|name| match (meaningful(one.get(name)), meaningful(other.get(name))) {
                (Some(one), Some(other)) => says_the_same(one, other),
                (None, None) => true,
                _ => false,
            })
        }
        _ => a == b,
    }
}

/// Names for a sentence, the first few and the number of the others.
pub(super) fn named(mut names: Vec<String>) -> String {
    let others = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    if others > 0 {
        names.push(format!("{others} more"));
    }
    names.join(", ")
}

/// The name of a field as it is, unless it is not plain.
fn plain_name(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    match name.len() <= 60 && !name.is_empty() && name.bytes().all(is_plain) {
        true => name.to_owned(),
        false => Untrusted::from(name).named_within(60),
    }
}

fn text(body: &Body) -> Cow<'_, str> {
    let bytes = body.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body.bytes);
    String::from_utf8_lossy(bytes)
}

fn without(value: &Value, names: &[&str]) -> Value {
    let mut value = value.clone();
    if let Value::Object(fields) = &mut value {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
    value
}

/// A JSON text without the white space between its values (RFC 8259, section 2).
fn compact(text: &str) -> String {
    let (mut is_in_text, mut is_escaped) = (false, false);
    let mut compact = String::with_capacity(text.len());
    for character in text.chars() {
        if is_in_text {
            is_in_text = is_escaped || character != '"';
            is_escaped = character == '\\' && !is_escaped;
        } else if matches!(character, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            is_in_text = character == '"';
        }
        compact.push(character);
    }
    compact
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::evidence::Redactor;
    use crate::text::Secret;

    fn body(text: &str) -> Body {
        Body::whole(Bytes::from(text.to_owned()))
    }

    fn spelling(one: &str, other: &str) -> Option<Vec<&'static str>> {
        Documents::read([&body(one), &body(other)]).unwrap().spelling()
    }

    #[test]
    fn other_bytes_of_the_same_json_are_told_apart() {
        let written = r#"{"a": 1, "b": {"c": [1, 2], "d": "x y"}}"#;
        for (other, expected) in [
            ("{\"a\": 1, \"b\": {\"c\": [1, 2], \"d\": \"x y\"}}\n", &["white space at the end"][..]),
            ("\u{feff}{\"a\": 1, \"b\": {\"c\": [1, 2], \"d\": \"x y\"}}\r\n\r\n", &["white space at the end"]),
            (r#"{"a":1,"b":{"c":[1,2],"d":"x y"}}"#, &["white space"]),
            ("{\n   \"a\": 1,\n   \"b\": {\"c\": [1,2], \"d\": \"x y\"}}", &["white space"]),
            (r#"{"b": {"c": [1, 2], "d": "x y"}, "a": 1}"#, &["the order of fields"]),
            (r#"{"a": 1, "b": {"d": "x y", "c": [1, 2]}}"#, &["the order of fields"]),
            (r#"{"b":{"c":[1,2],"d":"x y"},"a":1}"#, &["the order of fields", "white space"]),
            (r#"{"a": 1, "b": {"c": [1, 2], "d": "\u0078 y"}}"#, &["the spelling of texts or numbers"]),
            (written, &[]),
        ] {
            assert_eq!(spelling(written, other).as_deref(), Some(expected), "{other}");
        }
    }

    #[test]
    fn other_content_is_not_the_same_json() {
        let written = r#"{"a": [1, 2], "b": "x y"}"#;
        for other in [
            r#"{"a": [2, 1], "b": "x y"}"#,
            r#"{"a": [1, 2], "b": "x  y"}"#,
            r#"{"a": [1, 2]}"#,
            r#"{"a": [1, 2], "b": "x y", "c": null}"#,
            r#"{"a": "[1, 2]", "b": "x y"}"#,
        ] {
            assert_eq!(spelling(written, other), None, "{other}");
        }
        assert!(Documents::read([&body("{}"), &body("<html>")]).is_none());
        assert!(Documents::read([&body("{}"), &body(&"[".repeat(100_000))]).is_none());
    }

    #[test]
    fn white_space_in_a_text_is_content() {
        assert_eq!(compact(r#"{ "a b" : " \" c " , "d\\" : [ ] }"#), r#"{"a b":" \" c ","d\\":[]}"#);
    }

    #[test]
    fn fields_that_say_nothing_do_not_differ() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let (a, b) = (value(r#"{"Cmd":null,"User":"","x":1}"#), value(r#"{"Env":[],"Labels":{},"x":2}"#));
        assert_eq!(other_fields(&a, &b, "config."), ["config.x"]);
        assert!(says_the_same(&value(r#"{"a":{"b":null},"c":1}"#), &value(r#"{"a":{"d":""},"c":1}"#)));
        assert!(!says_the_same(&value(r#"{"a":1}"#), &value(r#"{"a":2}"#)));
        assert!(!says_the_same(&value(r#"{"a":false}"#), &value("{}")));
    }

    #[test]
    fn hostile_name_of_a_field_is_made_printable_and_the_list_is_bounded() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let names = other_fields(&value(r#"{"\u001b[2J":1,"a b":2}"#), &value("{}"), "");
        assert!(names.iter().all(|name| !name.contains('\u{1b}')), "{names:?}");
        let many: Vec<_> = (0..1000).map(|number| number.to_string()).collect();
        assert_eq!(named(many), "0, 1, 2, 3, 4, 5, 6, 7, 992 more");
    }

    /// Two runs label the same secret differently, and a label says nothing about another run's secret.
    #[test]
    fn labels_of_secrets_are_not_compared() {
        let sealed = |secret: &str| {
            let text = format!(r#"{{"Env":["TOKEN={secret}"]}}"#);
            body(&Redactor::new([("token", &Secret::new(secret))]).body(&text, usize::MAX, false))
        };
        let (one, other) = (sealed("CANARY-0123456789"), sealed("CANARY-abcdefghij-of-another-length"));
        assert_ne!(one.bytes, other.bytes);
        let documents = Documents::read([&one, &other]).unwrap();
        assert!(documents.is_redacted);
        assert_eq!(documents.spelling(), Some(Vec::new()));
        assert!(!Documents::read([&body("{}"), &body("{ }")]).unwrap().is_redacted);
    }
}
