//! JSON from a server, as a tree. A tree takes up to two hundred times the memory of its text (an empty list in a list
//! is three bytes), so its values are counted as they are read. No other code turns a server's bytes into a tree.

mod beginning;
mod list;

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

pub use beginning::read_json_beginning;
pub use list::{ListField, Listing, read_list, read_names};

/// The maximum number of values of a document in a tree, where a field name counts as one. The manifest of an image has
/// a few dozen, and an index of 10,000 images has this many.
pub const MOST_VALUES: usize = 200_000;

/// For a document with more values: the maximum number of entries of each list and object that are read.
pub const MOST_ENTRIES: usize = 1000;
/// For such a document: the maximum number of values in each field of the document itself.
const MOST_OF_FIELD: usize = 20_000;

/// Fields of manifests, indexes and configs (image-spec), which are read regardless of the number of others.
const OWN_FIELDS: [&str; 21] = [
    "annotations",
    "architecture",
    "artifactType",
    "author",
    "config",
    "created",
    "fsLayers",
    "history",
    "layers",
    "manifests",
    "mediaType",
    "os",
    "os.features",
    "os.version",
    "rootfs",
    "schemaVersion",
    "subject",
    "tags",
    "errors",
    "name",
    "variant",
];

/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadJson {
    /// It has more than [`MOST_VALUES`].
    #[error("it has more than {MOST_VALUES} values")]
    TooMany,
    /// It is not JSON, or nested deeper than 128.
    #[error(transparent)]
    NotJson(serde_json::Error),
}

/// Reads a document as a tree.
///
/// # Errors
/// Fails if the document has too many values, or is not JSON.
pub fn read_json(bytes: &[u8]) -> Result<Value, UnreadJson> {
    read_json_within(bytes, &mut { MOST_VALUES })
}

/// Reads one of several documents as a tree; they share the number of values that may be read.
///
/// # Errors
/// Fails if the document has more values than are left, or is not JSON.
pub fn read_json_within(bytes: &[u8], left: &mut usize) -> Result<Value, UnreadJson> {
    let room = Room { left: Cell::new(*left), is_full: Cell::new(false) };
    let read = whole(bytes, Tree { room: &room, cuts: None });
    *left = room.left.get();
    read.map_err(|error| if room.is_full.get() { UnreadJson::TooMany } else { UnreadJson::NotJson(error) })
}

/// Reads a document as a tree; of one with too many values, its own fields, and of each list and object the first
/// [`MOST_ENTRIES`]. Also returns whether it was cut. `None` if it is not JSON.
pub fn read_json_cut(bytes: &[u8]) -> Option<(Value, bool)> {
    match read_json(bytes) {
        Ok(value) => Some((value, false)),
        Err(UnreadJson::NotJson(_)) => None,
        Err(UnreadJson::TooMany) => {
            let room = Room { left: Cell::new(MOST_VALUES), is_full: Cell::new(false) };
            let cut = whole(bytes, Tree { room: &room, cuts: Some(0) }).ok()?;
            Some((cut, true))
        }
    }
}

/// Whether bytes are a JSON document, without building a tree.
pub fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

fn whole<'de, S: DeserializeSeed<'de>>(bytes: &'de [u8], seed: S) -> serde_json::Result<S::Value> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = seed.deserialize(&mut json)?;
    json.end()?;
    Ok(read)
}

/// The number of values that may still be read.
struct Room {
    left: Cell<usize>,
    is_full: Cell<bool>,
}

impl Room {
    /// Takes one value; returns whether there was one left.
    fn takes(&self) -> bool {
        let left = self.left.get().checked_sub(1);
        left.inspect(|left| self.left.set(*left)).is_some()
    }
}

/// Reads a value. From the depth in `cuts` on, values beyond the room are skipped; without it, they are an error.
#[derive(Clone, Copy)]
struct Tree<'a> {
    room: &'a Room,
    cuts: Option<usize>,
}

impl Tree<'_> {
    fn inner(self) -> Self {
        Self { cuts: self.cuts.map(|depth| depth + 1), ..self }
    }

    /// Whether there is room for one more value.
    fn has_room<E: serde::de::Error>(self) -> Result<bool, E> {
        if self.room.takes() {
            return Ok(true);
        }
        self.room.is_full.set(true);
        if self.cuts.is_some() { Ok(false) } else { Err(E::custom("too many values")) }
    }

    fn is_enough(self, entries: usize) -> bool {
        self.cuts.is_some() && entries >= MOST_ENTRIES
    }

    /// Reads a field of the document itself, which may take this much of the room.
    fn own<'de, M: MapAccess<'de>>(self, fields: &mut M) -> Result<Value, M::Error> {
        let left = self.room.left.get();
        self.room.left.set(left.min(MOST_OF_FIELD));
        let value = fields.next_value_seed(self.inner());
        let used = left.min(MOST_OF_FIELD) - self.room.left.get();
        self.room.left.set(left - used);
        value
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.has_room()? {
            return deserializer.deserialize_any(self);
        }
        deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while !self.is_enough(read.len()) {
            match entries.next_element_seed(self.inner())? {
                Some(entry) => read.push(entry),
                None => return Ok(read.into()),
            }
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(read.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        let is_document = self.cuts == Some(0);
        while let Some(name) = fields.next_key::<String>()? {
            if is_document && OWN_FIELDS.contains(&name.as_str()) {
                let value = self.own(&mut fields)?;
                read.insert(name, value);
            } else if self.is_enough(read.len()) || !self.has_room::<A::Error>()? {
                fields.next_value::<IgnoredAny>()?;
            } else {
                let value = if is_document { self.own(&mut fields)? } else { fields.next_value_seed(self.inner())? };
                read.insert(name, value);
            }
        }
        Ok(read.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::text::json::*;

    fn text(value: &Value) -> String {
        value.to_string()
    }

    #[test]
    fn document_within_the_bound_is_read_as_it_is() {
        for json in [
            "null",
            "true",
            "-7",
            "18446744073709551615",
            "1.5e300",
            "\"a\\u00e9\\n\"",
            "[]",
            "{}",
            "[[],{},[1,{\"a\":[null]}]]",
            "{\"b\":1,\"a\":{\"c\":\"\"},\"$serde_json::private::RawValue\":\"[]\"}",
        ] {
            let read = read_json(json.as_bytes()).unwrap();
            assert_eq!(text(&read), text(&read_json_cut(json.as_bytes()).unwrap().0), "{json}");
            if !json.contains("private") {
                assert_eq!(read, serde_json::from_str::<Value>(json).unwrap(), "{json}");
            }
        }
        assert_eq!(text(&read_json(b"{\"a\":1,\"b\":2,\"a\":3}").unwrap()), "{\"a\":3,\"b\":2}", "the last one counts");
    }

    #[test]
    fn document_that_is_not_json_is_not_read() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        for json in ["", "{", "[1,]", "{} x", "nul", "\u{feff}{}", &"[".repeat(100_000)] {
            assert!(matches!(read_json(json.as_bytes()), Err(UnreadJson::NotJson(_))), "{json:.20}");
            assert!(read_json_cut(json.as_bytes()).is_none() && !is_json(json.as_bytes()), "{json:.20}");
        }
        // A document that is not built as a tree may have any depth.
        assert!(read_json(deep(200).as_bytes()).is_err() && is_json(deep(200).as_bytes()));
        assert!(read_json(deep(120).as_bytes()).is_ok() && is_json(deep(120).as_bytes()));
    }

    /// As many values as are allowed, and one more.
    #[test]
    fn values_are_counted_whatever_they_are() {
        let list = |one: &str, count: usize| format!("[{}]", vec![one; count].join(","));
        let fields = |count: usize| {
            let fields: Vec<_> = (0..count).map(|at| format!("\"{at}\":0")).collect();
            format!("{{{}}}", fields.join(","))
        };
        for (within, beyond) in [
            (list("0", 199_999), list("0", 200_000)),
            (list("[]", 199_999), list("[]", 200_000)),
            (list("\"\"", 199_999), list("null", 200_000)),
            (list("[0]", 99_999), list("[0]", 100_000)),
            (list("{\"a\":0}", 66_666), list("{\"a\":0}", 66_667)),
            (fields(99_999), fields(100_000)),
            (list("[[[{}]]]", 49_999), list("[[[{}]]]", 50_000)),
            // Text that looks like structure is not counted.
            (list("\"[0],[0]{:}\"", 199_999), list("\"[0],[0]{:}\"", 200_000)),
        ] {
            assert!(read_json(within.as_bytes()).is_ok(), "{within:.30}");
            assert!(matches!(read_json(beyond.as_bytes()), Err(UnreadJson::TooMany)), "{beyond:.30}");
            assert!(read_json_cut(beyond.as_bytes()).is_some_and(|(_, is_cut)| is_cut), "{beyond:.30}");
        }
    }

    #[test]
    fn documents_that_share_their_room_end_together() {
        let mut left = 10;
        assert!(read_json_within(b"[1,2,3]", &mut left).is_ok());
        assert_eq!(left, 6);
        assert!(read_json_within(b"{\"a\":[1]}", &mut left).is_ok());
        assert_eq!(left, 2);
        assert!(matches!(read_json_within(b"[1,2]", &mut left), Err(UnreadJson::TooMany)));
        assert!(read_json_within(b"{", &mut left).is_err());
    }

    #[test]
    fn own_fields_are_read_wherever_they_are_in_a_document_with_too_many_values() {
        let junk: Vec<_> = (0..150_000).map(|at| format!("\"x{at}\":{{}}")).collect();
        let junk = junk.join(",");
        let entry = "{\"digest\":\"sha256:a\",\"size\":1}";
        let layers = vec![entry; 1200].join(",");
        let long = vec!["[0]"; 150_000].join(",");
        for document in [
            format!("{{{junk},\"mediaType\":\"m\",\"layers\":[{layers}],\"config\":{entry}}}"),
            format!("{{\"mediaType\":\"m\",\"layers\":[{layers}],\"config\":{entry},{junk}}}"),
            format!("{{\"x\":[{long}],\"mediaType\":\"m\",\"y\":[{long}],\"config\":{entry},\"layers\":[{layers}]}}"),
            format!("{{\"annotations\":{{{junk}}},\"config\":{entry},\"layers\":[{layers}],\"mediaType\":\"m\"}}"),
            format!("{{\"manifests\":[{long}],\"config\":{entry},\"layers\":[{layers}],\"mediaType\":\"m\"}}"),
        ] {
            let (read, is_cut) = read_json_cut(document.as_bytes()).unwrap();
            assert!(is_cut && read["mediaType"] == "m" && read["config"]["digest"] == "sha256:a", "{document:.60}");
            assert_eq!(read["layers"].as_array().map(Vec::len), Some(1000), "{document:.60}");
            assert_eq!(read["layers"][999]["size"], 1, "{document:.60}");
        }
    }

    proptest::proptest! {
        #[test]
        fn tree_is_that_of_the_library(text in "[\\[\\]{}\",:0-9a-c.eE+\\- ntrufalse\\\\]{0,40}") {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => proptest::prop_assert_eq!(read_json(text.as_bytes()).unwrap(), value),
                Err(_) => proptest::prop_assert!(read_json(text.as_bytes()).is_err()),
            }
            proptest::prop_assert_eq!(is_json(text.as_bytes()), read_json(text.as_bytes()).is_ok());
        }
    }
}
