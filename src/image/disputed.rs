//! Fields of a JSON document that parsers read differently.
//!
//! Go's `encoding/json`, which nearly every registry client uses, takes the last of several fields of the same name,
//! and ignores the case of names. Other parsers match the exact name only, and some reject a document with a duplicate
//! field. So one digest may mean different images.

use std::collections::HashMap;

use serde_json::Value;

use super::go_json::{as_read, elements, field_of, members};
use super::go_types::{GoDocument, GoField, GoReader, GoType};
use crate::text::{MOST_VALUES, Untrusted, read_json};

/// A field that occurs twice, or whose name differs from the specification in case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputedField {
    /// The name in its last spelling.
    pub name: Untrusted,
    /// The offset of the first occurrence, in bytes from the start of the document.
    pub at: usize,
    /// The offset of the next occurrence, if it occurs twice.
    pub again: Option<usize>,
    /// The name in the specification, if Go clients and case-sensitive parsers read two different values of it, and it
    /// decides which content the image has or which image is selected.
    pub decides: Option<&'static str>,
}

/// The maximum number of fields that are reported.
const MOST: usize = 8;
/// The maximum depth of the search in values that clients do not decode.
const DEEPEST: usize = 6;

/// The fields of a manifest or index that parsers read differently, at most eight, those that decide first. Empty if
/// the document is not JSON.
pub fn disputed_fields(document: &[u8]) -> Vec<DisputedField> {
    disputed(document, GoDocument::any())
}

/// The fields of a document that parsers read differently, by the fields of its Go type.
pub(super) fn disputed(document: &[u8], fields: &'static [GoField]) -> Vec<DisputedField> {
    let mut found = Vec::new();
    if let Ok(text) = std::str::from_utf8(document) {
        look(text, text.trim_start_matches([' ', '\t', '\n', '\r']), Some(GoType::Struct(fields)), 0, &mut found);
    }
    found.sort_by_key(|field: &DisputedField| field.decides.is_none());
    found
}

/// Searches a value, whose type is known as far as clients decode it.
fn look(document: &str, value: &str, kind: Option<GoType>, depth: usize, found: &mut Vec<DisputedField>) {
    if depth > DEEPEST || found.len() >= MOST {
        return;
    }
    if let Some(elements) = elements(value) {
        let of = match kind {
            Some(GoType::List(of)) => Some(*of),
            _ => None,
        };
        elements.into_iter().for_each(|element| look(document, element.get(), of, depth + 1, found));
        return;
    }
    let Some(members) = members(value) else { return };
    let mut seen: HashMap<String, Seen<'_>> = HashMap::new();
    let mut end = offset(document, value);
    for (name, value) in members {
        // Between two fields there is only white space and a comma.
        let at = document[end..].find('"').map_or(end, |quote| end + quote);
        end = offset(document, value.get()) + value.get().len();
        let field = match kind {
            Some(GoType::Struct(fields)) => field_of(fields, &name),
            _ => None,
        };
        let own = field.map_or(name.as_str(), |field| field.name).to_owned();
        let is_exact = own == name;
        let seen = seen.entry(own).or_insert(Seen { at, exact: None, values: Vec::new() });
        let again = (!seen.values.is_empty()).then_some(at);
        if found.len() < MOST {
            seen.values.push(value.get());
        }
        if is_exact {
            seen.exact = Some(value.get());
        }
        // Docker's own fields have no spelling that a specification requires.
        let is_respelled = !is_exact && field.is_some_and(|field| field.readers.contains(&GoReader::Containerd));
        if found.len() < MOST && (again.is_some() || is_respelled) {
            let decides = field
                .filter(|field| !has_many_values(document) && seen.is_read_in_two_ways(field))
                .map(|field| field.name);
            found.push(DisputedField { name: Untrusted::new(name.as_str()), at: seen.at, again, decides });
        }
        let within = match kind {
            Some(GoType::Map(of)) => Some(*of),
            _ => field.map(|field| field.kind),
        };
        look(document, value.get(), within, depth + 1, found);
    }
}

/// The fields of one object that Go clients read as the same field, so far.
struct Seen<'a> {
    /// The offset of the first of them.
    at: usize,
    /// The last value under the exact name, as written.
    exact: Option<&'a str>,
    /// All values, as written.
    values: Vec<&'a str>,
}

impl Seen<'_> {
    /// Returns `true` if Go clients and case-sensitive parsers both read a value, and the two differ in a way that
    /// decides.
    fn is_read_in_two_ways(&self, field: &GoField) -> bool {
        let exact = self.exact.and_then(|exact| read_json(exact.as_bytes()).ok());
        let read = self.values.iter().fold(None, |before, value| Some(as_read(value, field.kind, before)));
        exact.zip(read).is_some_and(|(exact, read)| differ(field, &read, &exact))
    }
}

/// Returns `true` if two values of a field differ in a way that decides.
fn differ(field: &GoField, one: &Value, other: &Value) -> bool {
    field.decides && values_differ(field.kind, one, other)
}

fn values_differ(kind: GoType, one: &Value, other: &Value) -> bool {
    match (kind, one, other) {
        (GoType::Struct(fields), Value::Object(one), Value::Object(other)) => fields.iter().any(|field| {
            let value = |all: &serde_json::Map<String, Value>| all.get(field.name).cloned().unwrap_or_default();
            differ(field, &value(one), &value(other))
        }),
        (GoType::List(of), Value::Array(one), Value::Array(other)) => {
            one.len() != other.len() || one.iter().zip(other).any(|(one, other)| values_differ(*of, one, other))
        }
        _ => one != other,
    }
}

/// Returns `true` if a document may have more values than become a tree; every value but the first follows one of these
/// characters.
fn has_many_values(document: &str) -> bool {
    document.bytes().filter(|byte| matches!(byte, b',' | b':' | b'[')).count() > MOST_VALUES
}

/// The offset of a part of a document.
fn offset(document: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(document.as_ptr() as usize).min(document.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disputed_in_config(config: &[u8]) -> Vec<DisputedField> {
        disputed(config, GoDocument::Config.fields())
    }

    fn found(document: &str) -> Vec<(String, usize, Option<usize>)> {
        let fields = disputed_fields(document.as_bytes());
        fields.iter().map(|field| (field.name.printable(), field.at, field.again)).collect()
    }

    #[test]
    fn duplicate_field_is_reported_with_both_offsets() {
        let document = r#"{"schemaVersion":2, "mediaType":"a", "media\u0054ype":"b"}"#;
        assert_eq!(found(document), [("mediaType".to_owned(), 20, Some(37))]);
        assert!(document[20..].starts_with("\"mediaType") && document[37..].starts_with("\"media\\u0054ype"));
        let deep = r#"{"manifests":[{"digest":"sha256:a"},{"digest":"sha256:b","size":1,"digest":"sha256:c"}]}"#;
        assert_eq!(found(deep), [("digest".to_owned(), 37, Some(66))]);
    }

    #[test]
    fn other_letters_are_another_field_to_some() {
        assert_eq!(found(r#"{"mediaType":"a","MediaType":"b"}"#), [("MediaType".to_owned(), 1, Some(17))]);
        assert_eq!(found(r#"{"Config":{}}"#), [("Config".to_owned(), 1, None)]);
        assert_eq!(found("{\"layer\u{17f}\":[]}"), [("layer\u{17f}".to_owned(), 1, None)]);
    }

    #[test]
    fn field_that_all_parsers_read_alike_is_not_disputed() {
        for document in [
            r#"{"config":{"digest":"a"},"layers":[{"digest":"a"},{"digest":"b"}]}"#,
            r#"{"annotations":{"a":"1","A":"2","Config":"3"}}"#,
            r#"{"x":1,"y":{"x":2}}"#,
            "[]",
            "",
            "{",
            "<html>",
        ] {
            assert_eq!(found(document), [], "{document}");
        }
        assert_eq!(found(r#"{"annotations":{"a":"1","a":"2"}}"#).len(), 1);
        // Parsers skip a field that no specification defines.
        assert_eq!(found(r#"{"x":1,"X":2,"layers":[{"foo":1,"FOO":2}]}"#), []);
        // Letters that only some comparisons treat as equal (Unicode, CaseFolding).
        let own_of_docker = br#"{"size":"1 GB","Comment":"a","config":{"image":"a","hostname":"b"}}"#;
        assert_eq!(disputed_in_config(own_of_docker), []);
        assert_eq!(found("{\"conf\u{131}g\":{},\"\u{ff4c}ayers\":[]}"), []);
    }

    fn decides(fields: &[DisputedField]) -> Vec<Option<&'static str>> {
        fields.iter().map(|field| field.decides).collect()
    }

    #[test]
    fn field_decides_where_two_values_of_it_are_read() {
        for (document, name) in [
            (r#"{"layers":[{"digest":"a"}],"Layers":[{"digest":"b"}]}"#, "layers"),
            (r#"{"CONFIG":{"digest":"b"},"config":{"digest":"a"},"Config":{"digest":"b"}}"#, "config"),
            (r#"{"mediaType":"a","MediaType":"b"}"#, "mediaType"),
            (r#"{"layers":[{"digest":"a","DIGEST":"b","size":1}]}"#, "digest"),
            (r#"{"manifests":[{"size":1,"Size":2}]}"#, "size"),
            (r#"{"manifests":[{"platform":{"os":"linux"},"Platform":{"os":"windows"}}]}"#, "platform"),
            (r#"{"manifests":[{"platform":{"architecture":"arm","Architecture":"arm64"}}]}"#, "architecture"),
            (r#"{"manifests":[{"digest":"a"}],"MANIFESTS":[]}"#, "manifests"),
        ] {
            assert_eq!(decides(&disputed_fields(document.as_bytes()))[0], Some(name), "{document}");
        }
        for (config, name) in [
            (r#"{"rootfs":{"diff_ids":["a"]},"RootFS":{"diff_ids":["b"]}}"#, "rootfs"),
            (r#"{"rootfs":{"diff_ids":["a"],"Diff_IDs":["b"]}}"#, "diff_ids"),
            (r#"{"os":"linux","OS":"windows"}"#, "os"),
        ] {
            assert_eq!(decides(&disputed_in_config(config.as_bytes()))[0], Some(name), "{config}");
        }
    }

    #[test]
    fn equal_values_and_unrelated_fields_do_not_decide() {
        for document in [
            r#"{"layers":[{"digest":"a"}],"Layers":[{"digest":"a"}]}"#,
            r#"{"layers":[{"digest":"a","annotations":{"a":"1"}}],"Layers":[{"digest":"a","annotations":{"a":"2"}}]}"#,
            r#"{"Config":{"digest":"a"}}"#,
            r#"{"layers":[{"digest":"b"}],"layers":[{"digest":"a"}]}"#,
            r#"{"Layers":[{"digest":"b"}],"layers":[{"digest":"a"}]}"#,
            r#"{"annotations":{"a":"1"},"Annotations":{"a":"2"}}"#,
        ] {
            let fields = disputed_fields(document.as_bytes());
            assert!(!fields.is_empty() && decides(&fields).iter().all(Option::is_none), "{document}");
        }
        let config = r#"{"config":{"Entrypoint":["a"],"entrypoint":["b"],"Labels":{"os":"a","OS":"b"}}}"#;
        assert_eq!(decides(&disputed_in_config(config.as_bytes())), [None]);
    }

    #[test]
    fn fields_that_decide_come_first() {
        let document = r#"{"Annotations":{},"subject":{},"Subject":{},"layers":[],"Layers":[{}]}"#;
        assert_eq!(decides(&disputed_fields(document.as_bytes())), [Some("layers"), None, None]);
    }

    #[test]
    fn huge_document_is_searched_within_bounds() {
        let many = format!("{{{}\"a\":0}}", "\"a\":0,".repeat(10_000));
        assert_eq!(disputed_fields(many.as_bytes()).len(), MOST);
        // One after the other, each would have to be compared with all previous ones.
        let others: String = (0..200_000).map(|number| format!("\"{number}\":0,")).collect();
        assert_eq!(found(&format!("{{{others}\"a\":0}}")), []);
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(found(&deep), []);
    }

    proptest::proptest! {
        #[test]
        fn offsets_point_at_fields(text in r#"(\{("[aA]":(1|\[\]|\{"b":2,"B":3\}),?)*\})"#) {
            for field in disputed_fields(text.as_bytes()) {
                for at in [Some(field.at), field.again].into_iter().flatten() {
                    proptest::prop_assert!(text[at..].starts_with('"'), "{at} in {text}");
                }
            }
        }
    }
}
