//! Fields of a JSON document that readers do not read alike.
//!
//! Go's `encoding/json`, by which nearly every client of registries reads, takes the last of several fields of one name,
//! and takes names for the same whatever the case of their letters. Other readers take the exact name alone, and some
//! refuse a document with a field twice. So one digest may stand for different images.

use std::collections::HashMap;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::is_json;
use crate::text::Untrusted;

/// A field that is there twice, or whose name is written with other letters than in the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputedField {
    /// Its name, as it is written the last time.
    pub name: Untrusted,
    /// Where it begins for the first time, in bytes from the beginning of the document.
    pub at: usize,
    /// Where it begins again, where it is there twice.
    pub again: Option<usize>,
}

/// How many are looked for.
const MOST: usize = 8;
/// How deep: entries of an index with their platforms stand at 3.
const DEEPEST: usize = 6;

/// Names that the specifications of images give a meaning (image-spec, manifest, image index and content descriptors).
const KNOWN: [&str; 20] = [
    "annotations",
    "architecture",
    "artifactType",
    "blobSum",
    "config",
    "data",
    "digest",
    "fsLayers",
    "history",
    "layers",
    "manifests",
    "mediaType",
    "os",
    "platform",
    "schemaVersion",
    "signatures",
    "size",
    "subject",
    "urls",
    "variant",
];

/// Below these names are anybody's, and the case of their letters counts everywhere.
const FREE: [&str; 2] = ["annotations", "labels"];

/// The fields of a document that readers do not read alike, at most eight. None where it is no JSON.
pub fn disputed_fields(document: &[u8]) -> Vec<DisputedField> {
    let mut found = Vec::new();
    if let Ok(text) = std::str::from_utf8(document)
        && is_json(document)
    {
        look(text, text, 0, false, &mut found);
    }
    found
}

fn look(document: &str, value: &str, depth: usize, is_free: bool, found: &mut Vec<DisputedField>) {
    if depth > DEEPEST || found.len() >= MOST {
        return;
    }
    // One entry after the other, and not all at once: there can be millions. Anything else has none.
    let mut json = serde_json::Deserializer::from_str(value);
    let _ = json.deserialize_any(Look { document, value, depth, is_free, found });
}

/// Looks at the entries of a list or an object.
struct Look<'a, 'de> {
    document: &'de str,
    value: &'de str,
    depth: usize,
    is_free: bool,
    found: &'a mut Vec<DisputedField>,
}

impl<'de> Visitor<'de> for Look<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&'de RawValue>()? {
            look(self.document, element.get(), self.depth + 1, self.is_free, self.found);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let Self { document, is_free, .. } = self;
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut end = offset(document, self.value);
        while let Some((name, value)) = fields.next_entry::<String, &'de RawValue>()? {
            // Between two fields there is nothing but blanks and a comma.
            let at = document[end..].find('"').map_or(end, |quote| end + quote);
            end = offset(document, value.get()) + value.get().len();
            let folded = if is_free { name.clone() } else { folded(&name) };
            let first = seen.get(&folded).copied();
            let is_known = KNOWN.iter().any(|known| *known != name && known.eq_ignore_ascii_case(&folded));
            if self.found.len() < MOST && (first.is_some() || (is_known && !is_free)) {
                let (at, again) = first.map_or((at, None), |first| (first, Some(at)));
                self.found.push(DisputedField { name: Untrusted::new(name.as_str()), at, again });
            }
            let is_free = is_free || FREE.contains(&folded.as_str());
            look(document, value.get(), self.depth + 1, is_free, self.found);
            seen.entry(folded).or_insert(at);
            if self.found.len() >= MOST {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

/// Where a part of a document begins.
fn offset(document: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(document.as_ptr() as usize).min(document.len())
}

/// A name as Go compares it: letters are the same in either case, the long s is an s, and the Kelvin sign a k.
fn folded(name: &str) -> String {
    match name.is_ascii() {
        true => name.to_ascii_lowercase(),
        false => name.to_uppercase().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use crate::image::disputed::*;

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
