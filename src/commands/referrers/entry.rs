//! The entries of a list of referrers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::commands::listing::counted;
use crate::evidence::Redactor;
use crate::oci::media_type::plain_words;
use crate::report::Block;
use crate::text::{ListField, Untrusted, read_list};

/// The descriptor of a referrer (image-spec, image index), as far as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Referrer {
    artifact_type: Option<String>,
    media_type: Option<String>,
    /// The digest, as in the list.
    pub digest: Option<String>,
    size: Option<u64>,
    /// The annotations that are text.
    annotations: Vec<(String, String)>,
    /// The number of annotations, including those that are not text.
    pub annotation_count: usize,
}

impl Referrer {
    fn read(entry: Value) -> Option<Self> {
        let Value::Object(mut fields) = entry else { return None };
        let mut text = |name: &str| match fields.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let [artifact_type, media_type, digest] = ["artifactType", "mediaType", "digest"].map(&mut text);
        let size = fields.get("size").and_then(Value::as_u64);
        let annotations = match fields.remove("annotations") {
            Some(Value::Object(annotations)) => annotations,
            _ => Map::new(),
        };
        let annotation_count = annotations.len();
        let as_text = |(name, value)| match value {
            Value::String(value) => Some((name, value)),
            _ => None,
        };
        let annotations = annotations.into_iter().filter_map(as_text).collect();
        Some(Self { artifact_type, media_type, digest, size, annotations, annotation_count })
    }

    /// The entry of a document.
    pub fn shown(&self, redactor: &mut Redactor) -> Block {
        let mut clean = |text: &Option<String>| text.as_ref().map(|text| Untrusted::new(redactor.text(text)));
        let mut named = |text: &Option<String>| clean(text).map(|text| text.named_within(160));
        let known = self.media_type.as_deref().and_then(plain_words).map(str::to_owned);
        let media_type = known.or_else(|| named(&self.media_type));
        let size = self.size.map(|size| format!("{size} bytes"));
        let annotations =
            (self.annotation_count > 0).then(|| counted(self.annotation_count, "annotation", "annotations"));
        let about: Vec<_> = [media_type, size, annotations].into_iter().flatten().collect();
        Block::Entry {
            name: named(&self.artifact_type).unwrap_or_else(|| "no artifact type".to_owned()),
            about: about.join(" · "),
            command: clean(&self.digest).map_or_else(|| "no digest".to_owned(), |digest| digest.printable_within(160)),
        }
    }

    /// The entry of the JSON result, not redacted yet.
    pub fn written(self) -> WrittenReferrer {
        let Self { artifact_type, media_type, digest, size, annotations, annotation_count: _ } = self;
        let annotations = annotations.into_iter().map(|(name, value)| (name, value.into())).collect();
        WrittenReferrer { artifact_type, media_type, digest, size, annotations }
    }
}

/// The first entries of an index, and the number of further ones. `None` if it is not an index.
pub(super) fn entries(bytes: &[u8], most: usize) -> Option<(Vec<Referrer>, usize)> {
    match read_list(bytes, "manifests", most, &mut Referrer::read)? {
        ListField::List(list) => Some((list.entries, list.unread)),
        // Harbor answers an empty object without referrers, and servers in Go write null.
        ListField::Null | ListField::Missing => {
            let is_error = read_list(bytes, "errors", 0, &mut Some)? != ListField::Missing;
            (!is_error).then(|| (Vec::new(), 0))
        }
        ListField::Other => None,
    }
}

/// A referrer.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct WrittenReferrer {
    /// The artifact type.
    artifact_type: Option<String>,
    /// The media type of its manifest.
    media_type: Option<String>,
    /// Its digest, as in the list.
    digest: Option<String>,
    /// The size of its manifest in bytes.
    size: Option<u64>,
    /// Its annotations.
    #[schemars(with = "BTreeMap<String, String>")]
    annotations: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_list_differs_from_other_documents() {
        let entries = |bytes| entries(bytes, 2);
        assert_eq!(entries(b"{}"), Some((Vec::new(), 0)));
        assert_eq!(entries(br#"{"manifests":null}"#), Some((Vec::new(), 0)));
        for (json, expected) in [
            (&br#"{"manifests":[7,{}]}"#[..], (1, 0)),
            (br#"{"manifests":[{},{},7,{}]}"#, (2, 2)),
            (br#"{"manifests":[]}"#, (0, 0)),
        ] {
            assert_eq!(entries(json).map(|(entries, unread)| (entries.len(), unread)), Some(expected));
        }
        for no_list in [&b"<html>"[..], b"[]", br#"{"manifests":"x"}"#, br#"{"errors":[]}"#] {
            assert_eq!(entries(no_list), None);
        }
    }
}
