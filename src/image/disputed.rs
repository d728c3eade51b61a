//! Fields of a JSON document that readers do not read alike.
//!
//! Go's `encoding/json`, by which nearly every client of registries reads, takes the last of several fields of one name,
//! and takes names for the same whatever the case of their letters. Other readers take the exact name alone, and some
//! refuse a document with a field twice. So one digest may stand for different images.

use std::collections::HashMap;

use serde_json::Value;

use super::go_json::{as_read, elements, field_of, members};
use super::go_types::{GoDocument, GoField, GoReader, GoType};
use crate::text::{MOST_VALUES, Untrusted, read_json};

/// A field that is there twice, or whose name is written with other letters than in the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputedField {
    /// Its name, as it is written the last time.
    pub name: Untrusted,
    /// Where it begins for the first time, in bytes from the beginning of the document.
    pub at: usize,
    /// Where it begins again, where it is there twice.
    pub again: Option<usize>,
    /// The name of the specification, where clients in Go and readers that distinguish case read two values of it, and it
    /// decides which content the image is or which image is taken.
    pub decides: Option<&'static str>,
}

/// How many are looked for.
const MOST: usize = 8;
/// How deep values are looked into that clients do not decode.
const DEEPEST: usize = 6;

/// The fields of a manifest or index that readers do not read alike, at most eight, those that decide first. None where
/// it is not JSON.
pub fn disputed_fields(document: &[u8]) -> Vec<DisputedField> {
    disputed(document, GoDocument::any())
}

/// The fields of a document that readers do not read alike, by the fields of its Go type.
pub(super) fn disputed(document: &[u8], fields: &'static [GoField]) -> Vec<DisputedField> {
    let mut found = Vec::new();
    if let Ok(text) = std::str::from_utf8(document) {
        look(text, text.trim_start_matches([' ', '\t', '\n', '\r']), Some(GoType::Struct(fields)), 0, &mut found);
    }
    found.sort_by_key(|field: &DisputedField| field.decides.is_none());
    found
}

/// Looks at a value; its type is known as far as clients decode it.
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
        // Between two fields there is nothing but white space and a comma.
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
        // Docker's own fields have no spelling that a specification asks for.
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

/// The fields of one object that clients in Go read as the same one, so far.
struct Seen<'a> {
    /// Where the first of them begins.
    at: usize,
    /// The last value under the exact name, as it is written.
    exact: Option<&'a str>,
    /// All values, as they are written.
    values: Vec<&'a str>,
}

impl Seen<'_> {
    /// Whether clients in Go and readers that distinguish case both read a value, and two that differ in what decides.
    fn is_read_in_two_ways(&self, field: &GoField) -> bool {
        let exact = self.exact.and_then(|exact| read_json(exact.as_bytes()).ok());
        let read = self.values.iter().fold(None, |before, value| Some(as_read(value, field.kind, before)));
        exact.zip(read).is_some_and(|(exact, read)| differ(field, &read, &exact))
    }
}

/// Whether two values of a field differ in what decides.
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

/// Whether a document may have more values than become a tree; every value but the first comes after one of these.
fn has_many_values(document: &str) -> bool {
    document.bytes().filter(|byte| matches!(byte, b',' | b':' | b'[')).count() > MOST_VALUES
}

/// Where a part of a document begins.
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
    fn a_field_that_is_there_twice_is_found_with_both_places() {
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
    fn what_everybody_reads_alike_is_left_alone() {
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
        // Nobody reads a field that no specification knows.
        assert_eq!(found(r#"{"x":1,"X":2,"layers":[{"foo":1,"FOO":2}]}"#), []);
        // Letters that only some ways of comparing take for the same (Unicode, CaseFolding).
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
    fn equal_values_and_fields_beside_the_content_do_not_decide() {
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
    fn a_document_without_end_is_looked_at_within_bounds() {
        let many = format!("{{{}\"a\":0}}", "\"a\":0,".repeat(10_000));
        assert_eq!(disputed_fields(many.as_bytes()).len(), MOST);
        // One after the other, they would have to be compared with all before them.
        let others: String = (0..200_000).map(|number| format!("\"{number}\":0,")).collect();
        assert_eq!(found(&format!("{{{others}\"a\":0}}")), []);
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(found(&deep), []);
    }

    proptest::proptest! {
        #[test]
        fn places_are_those_of_fields(text in r#"(\{("[aA]":(1|\[\]|\{"b":2,"B":3\}),?)*\})"#) {
            for field in disputed_fields(text.as_bytes()) {
                for at in [Some(field.at), field.again].into_iter().flatten() {
                    proptest::prop_assert!(text[at..].starts_with('"'), "{at} in {text}");
                }
            }
        }
    }
}
