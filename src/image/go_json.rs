//! Documents as Go's `encoding/json` decodes them: the values that it rejects, and those that it reads differently from
//! other parsers.
//!
//! A field that is missing or null keeps its zero value, and an unknown field is skipped. Names are compared without
//! regard to case; several fields of the same name are decoded into the same place, so the last one wins, and objects
//! are merged.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::go_types::{GoDocument, GoField, GoReader, GoType};
use crate::text::{Untrusted, read_json};

/// A field whose JSON type does not fit its Go type, for which clients reject the whole document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeMismatch {
    /// The path of the field: `layers[0].urls`. Keys of maps in it come from the document.
    pub path: Untrusted,
    /// The JSON type found, with its article: `a string`.
    pub found: &'static str,
    /// The JSON type required, with its article: `a list of strings`.
    pub wanted: &'static str,
    /// The value as written, truncated.
    pub written: Untrusted,
    /// The clients that decode the field.
    pub readers: &'static [GoReader],
}

/// The maximum number of mismatches that are reported.
const MOST: usize = 8;
/// The maximum length of a value that is kept, in bytes.
const WRITTEN: usize = 200;

/// The fields of a document that clients cannot decode, in document order, at most eight. Empty if it is not JSON.
pub fn type_mismatches(document: &[u8], kind: GoDocument) -> Vec<TypeMismatch> {
    let mut found = Vec::new();
    let Ok(text) = std::str::from_utf8(document) else { return found };
    if let Ok(raw) = serde_json::from_str::<&RawValue>(text) {
        check(raw.get(), GoType::Struct(kind.fields()), &FieldPath { path: String::new(), readers: &[] }, &mut found);
    }
    found
}

/// The position of the walk.
struct FieldPath {
    path: String,
    readers: &'static [GoReader],
}

impl FieldPath {
    fn within(&self, path: String) -> Self {
        Self { path, readers: self.readers }
    }
}

fn check(raw: &str, kind: GoType, place: &FieldPath, found: &mut Vec<TypeMismatch>) {
    let beginning = raw.as_bytes().first().copied().unwrap_or_default();
    if beginning == b'n' || found.len() >= MOST {
        return;
    }
    let fits = match kind {
        GoType::Text => beginning == b'"',
        GoType::Integer => raw.parse::<i64>().is_ok(),
        GoType::Flag => matches!(beginning, b't' | b'f'),
        GoType::Time => serde_json::from_str::<String>(raw).is_ok_and(|text| is_rfc3339(&text)),
        GoType::Base64 => serde_json::from_str::<String>(raw).is_ok_and(|text| is_base64(&text)),
        GoType::Empty => beginning == b'{',
        GoType::TextOrTexts(strict) => {
            if beginning == b'"' {
                let place = FieldPath { path: place.path.clone(), readers: strict };
                found.push(mismatch(raw, kind, &place));
                return;
            }
            return check(raw, GoType::List(&GoType::Text), place, found);
        }
        GoType::Struct(fields) => match members(raw) {
            Some(members) => {
                for (name, raw) in members {
                    let Some(field) = field_of(fields, &name) else { continue };
                    let path = match place.path.as_str() {
                        "" => field.name.to_owned(),
                        path => format!("{path}.{}", field.name),
                    };
                    check(raw.get(), field.kind, &FieldPath { path, readers: field.readers }, found);
                }
                true
            }
            None => false,
        },
        GoType::Map(of) => match members(raw) {
            Some(members) => {
                for (name, raw) in members {
                    let name = Value::from(name);
                    check(raw.get(), *of, &place.within(format!("{}[{name}]", place.path)), found);
                }
                true
            }
            None => false,
        },
        GoType::List(of) => match elements(raw) {
            Some(elements) => {
                for (at, raw) in elements.iter().enumerate() {
                    check(raw.get(), *of, &place.within(format!("{}[{at}]", place.path)), found);
                }
                true
            }
            None => false,
        },
    };
    if !fits && found.len() < MOST {
        found.push(mismatch(raw, kind, place));
    }
}

fn mismatch(raw: &str, kind: GoType, place: &FieldPath) -> TypeMismatch {
    let end = (0..=WRITTEN.min(raw.len())).rev().find(|&end| raw.is_char_boundary(end)).unwrap_or_default();
    TypeMismatch {
        path: Untrusted::new(place.path.as_str()),
        found: match raw.as_bytes().first() {
            Some(b'"') => "a string",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "a boolean",
            _ if matches!(kind, GoType::Integer) => "a number that is not a 64-bit integer",
            _ => "a number",
        },
        wanted: match kind {
            GoType::Text => "a string",
            GoType::Integer => "an integer",
            GoType::Flag => "a boolean",
            GoType::Time => "a time (RFC 3339)",
            GoType::Base64 => "base64",
            GoType::Empty | GoType::Struct(_) => "an object",
            GoType::List(GoType::Struct(_)) => "a list of objects",
            GoType::TextOrTexts(_) | GoType::List(_) => "a list of strings",
            GoType::Map(GoType::Empty) => "an object of objects",
            GoType::Map(_) => "an object of strings",
        },
        written: Untrusted::new(&raw[..end]),
        readers: place.readers,
    }
}

/// The field of a struct that Go decodes a name into.
pub(super) fn field_of(fields: &'static [GoField], name: &str) -> Option<&'static GoField> {
    let known = || fields.iter().filter(|field| !field.readers.is_empty());
    known().find(|field| field.name == name).or_else(|| {
        let folded = folded(name);
        known().find(|field| field.name.eq_ignore_ascii_case(&folded))
    })
}

/// A name as Go compares it with field names: case is ignored, the long s equals s, and the Kelvin sign equals k. No
/// other letter equals an ASCII one.
fn folded(name: &str) -> String {
    let letter = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    };
    name.chars().map(letter).collect()
}

/// The value that Go clients read, known fields under their own names; `before` is the result of an earlier field of
/// the same name. Values that they cannot decode are kept as written.
pub(super) fn as_read(raw: &str, kind: GoType, before: Option<Value>) -> Value {
    if raw == "null" {
        // null empties lists and maps, and leaves everything else as it is.
        let is_emptied = matches!(kind, GoType::List(_) | GoType::Map(_) | GoType::TextOrTexts(_));
        return before.filter(|_| !is_emptied).unwrap_or_default();
    }
    match kind {
        GoType::Struct(fields) => {
            let Some(members) = members(raw) else { return plain(raw) };
            let mut read = objects(before);
            for (name, raw) in members {
                match field_of(fields, &name) {
                    Some(field) => {
                        let before = read.get_mut(field.name).map(Value::take);
                        read.insert(field.name.to_owned(), as_read(raw.get(), field.kind, before));
                    }
                    None => drop(read.insert(name, plain(raw.get()))),
                }
            }
            Value::Object(read)
        }
        GoType::Map(of) => {
            let Some(members) = members(raw) else { return plain(raw) };
            let mut read = objects(before);
            read.extend(members.into_iter().map(|(name, raw)| (name, as_read(raw.get(), *of, None))));
            Value::Object(read)
        }
        GoType::List(of) => {
            let Some(elements) = elements(raw) else { return plain(raw) };
            let mut before = match before {
                Some(Value::Array(before)) => before.into_iter(),
                _ => Vec::new().into_iter(),
            };
            elements.into_iter().map(|raw| as_read(raw.get(), *of, before.next())).collect()
        }
        _ => plain(raw),
    }
}

fn objects(before: Option<Value>) -> serde_json::Map<String, Value> {
    match before {
        Some(Value::Object(before)) => before,
        _ => serde_json::Map::new(),
    }
}

fn plain(raw: &str) -> Value {
    read_json(raw.as_bytes()).unwrap_or_default()
}

/// The fields of an object in document order, each as written; `None` if it is not an object.
pub(super) fn members(raw: &str) -> Option<Vec<(String, &RawValue)>> {
    serde_json::from_str::<Members<'_>>(raw).ok().map(|Members(members)| members)
}

/// The elements of a list, each as written; `None` if it is not a list.
pub(super) fn elements(raw: &str) -> Option<Vec<&RawValue>> {
    if raw.starts_with('[') { serde_json::from_str::<Vec<&RawValue>>(raw).ok() } else { None }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AllMembers)
    }
}

struct AllMembers;

impl<'de> Visitor<'de> for AllMembers {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// Returns `true` if Go parses a text as a time: the form of RFC 3339 §5.6 with capital `T` and `Z`, on a day that
/// exists. Seconds end at 59. An hour of one digit, a comma before the fraction, and offsets up to 24:60 are accepted
/// too (golang/go#54580).
fn is_rfc3339(text: &str) -> bool {
    let with_two_digits = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T', b'0'..=b'9', b':', ..] => {
            text.split_once('T').map(|(day, time)| format!("{day}T0{time}"))
        }
        _ => None,
    };
    let text = with_two_digits.as_deref().unwrap_or(text);
    let shaped = |text: &str, pattern: &str| {
        let digit = |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
        text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(digit)
    };
    let Some((head, rest)) = text.split_at_checked(19) else { return false };
    let fraction =
        rest.strip_prefix(['.', ',']).map_or(0, |digits| 1 + digits.bytes().take_while(u8::is_ascii_digit).count());
    let zone = rest.get(fraction..).unwrap_or_default();
    let is_zone = zone == "Z"
        || ((shaped(zone, "+00:00") || shaped(zone, "-00:00")) && number(zone, 1, 3) <= 24 && number(zone, 4, 6) <= 60);
    shaped(head, "0000-00-00T00:00:00") && fraction != 1 && is_zone && is_there(head)
}

/// Returns `true` if the day and time exist.
fn is_there(head: &str) -> bool {
    let year = number(head, 0, 4);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match number(head, 5, 7) {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&number(head, 8, 10))
        && number(head, 11, 13) <= 23
        && number(head, 14, 16) <= 59
        && number(head, 17, 19) <= 59
}

fn number(text: &str, from: usize, to: usize) -> u32 {
    text.get(from..to).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
}

/// Returns `true` if Go decodes a text as bytes: the standard alphabet of RFC 4648 with padding; line breaks are
/// skipped.
fn is_base64(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let padding = digits.iter().rev().take_while(|byte| **byte == b'=').count();
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    digits.len().is_multiple_of(4) && padding <= 2 && digits[..digits.len() - padding].iter().all(is_digit)
}

#[cfg(test)]
mod tests;
