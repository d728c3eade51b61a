//! A manifest or index, parsed leniently, because diagnosing broken ones is the purpose.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::decoded::Decoded;
use super::descriptor::Descriptor;
use super::disputed::DisputedField;
use super::go_types::GoDocument;
use crate::text::{MOST_ENTRIES, Untrusted};

/// A JSON document that was served as a manifest. Its content is not trusted to be valid.
#[derive(Debug, Clone)]
pub struct Manifest(Arc<Read>);

/// A document and its parsed entries, which are cached: rules read them repeatedly, and there can be thousands.
#[derive(Debug)]
struct Read {
    document: Decoded,
    manifests: OnceLock<Vec<Descriptor>>,
    layers: OnceLock<Vec<Descriptor>>,
}

/// The kind of a document by its fields, whatever its media type claims (image-spec, manifest and image index).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `schemaVersion` 1, or `fsLayers`.
    Schema1,
    /// `config` and `layers`.
    Manifest,
    /// `manifests`.
    Index,
    /// `manifests` along with `layers` or `config`: parsers disagree about its kind (GHSA-mc8v-mgrf-8f4m).
    Ambiguous,
    /// None of these.
    Unknown,
}

impl Manifest {
    /// Parses a body; `None` if it is not a JSON object.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let document = Decoded::read(bytes, GoDocument::any())?;
        Some(Self(Arc::new(Read { document, manifests: OnceLock::new(), layers: OnceLock::new() })))
    }

    /// Returns `true` if the document has more values than are parsed, so that [`Manifest::value`] is incomplete.
    pub fn is_cut(&self) -> bool {
        self.0.document.is_cut
    }

    /// The parsed document. Its texts are untrusted and must not be printed as they are.
    pub fn value(&self) -> &Value {
        &self.0.document.sent
    }

    /// The fields that parsers read differently, at most eight, those that decide first.
    pub fn disputed(&self) -> &[DisputedField] {
        &self.0.document.disputed
    }

    /// The document as Go clients decode it, known fields under their own names. All rules judge this form.
    pub(super) fn decoded(&self) -> &Value {
        self.0.document.by_go()
    }

    /// The kind of the document by its fields.
    pub fn shape(&self) -> Shape {
        let is_first = || self.decoded().get("schemaVersion").and_then(Value::as_u64) == Some(1);
        match self.kinds()[..] {
            [(_, "manifests")] => Shape::Index,
            [(_, "fsLayers")] => Shape::Schema1,
            [_] => Shape::Manifest,
            // A mere version number does not make it a schema 1 document, because then its digest would not be that of
            // its bytes.
            [] if is_first() => Shape::Schema1,
            [] => Shape::Unknown,
            _ => Shape::Ambiguous,
        }
    }

    /// The kinds whose fields the document has, each with such a field.
    pub fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        const KINDS: [(&str, &[&str]); 3] = [
            ("an index", &["manifests"]),
            ("an image", &["config", "layers"]),
            ("an image in Docker schema 1", &["fsLayers"]),
        ];
        let has = |name: &&&str| self.decoded().get(**name).is_some_and(|value| !value.is_null());
        KINDS.iter().filter_map(|(kind, fields)| Some((*kind, *fields.iter().find(has)?))).collect()
    }

    /// The media type that the document claims. OCI documents may omit it.
    pub fn media_type(&self) -> Option<Untrusted> {
        self.decoded().get("mediaType").and_then(Value::as_str).map(Untrusted::from)
    }

    /// The artifact type that the document claims, by `artifactType` (image-spec 1.1).
    pub fn artifact_type(&self) -> Option<Untrusted> {
        self.decoded().get("artifactType").and_then(Value::as_str).filter(|kind| !kind.is_empty()).map(Untrusted::from)
    }

    /// The digest of the document that this one refers to, by `subject`.
    pub fn subject(&self) -> Option<Untrusted> {
        self.decoded().pointer("/subject/digest").and_then(Value::as_str).map(Untrusted::from)
    }

    /// Returns `true` if the field `config` is missing or null.
    pub fn lacks_config(&self) -> bool {
        self.decoded().get("config").is_none_or(Value::is_null)
    }

    /// The descriptor of the image configuration, which is stored as a blob.
    pub fn config(&self) -> Option<Descriptor> {
        self.decoded().get("config").filter(|config| config.is_object()).map(Descriptor::read)
    }

    /// The entries of an index, at most a thousand; empty for any other document.
    pub fn manifests(&self) -> Vec<Descriptor> {
        self.0.manifests.get_or_init(|| self.descriptors("manifests")).clone()
    }

    /// The layers of a manifest, at most a thousand; empty for any other document.
    pub fn layers(&self) -> Vec<Descriptor> {
        self.0.layers.get_or_init(|| self.descriptors("layers")).clone()
    }

    /// The number of layers of a manifest, including those beyond the limit of [`Manifest::layers`].
    pub fn layer_count(&self) -> usize {
        self.decoded().get("layers").and_then(Value::as_array).map_or(0, Vec::len)
    }

    fn descriptors(&self, name: &str) -> Vec<Descriptor> {
        let entries = self.decoded().get(name).and_then(Value::as_array);
        entries.into_iter().flatten().take(MOST_ENTRIES).map(Descriptor::read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(json: &str) -> Manifest {
        Manifest::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn shape_follows_the_fields() {
        for (json, shape) in [
            (r#"{"schemaVersion":1,"fsLayers":[]}"#, Shape::Schema1),
            (r#"{"schemaVersion":2,"config":{},"layers":[]}"#, Shape::Manifest),
            (r#"{"schemaVersion":2,"manifests":[]}"#, Shape::Index),
            (r#"{"manifests":[],"layers":[],"config":{}}"#, Shape::Ambiguous),
            (r#"{"architecture":"amd64","rootfs":{}}"#, Shape::Unknown),
            (r#"{"schemaVersion":1}"#, Shape::Schema1),
            (r#"{"schemaVersion":1,"config":{},"layers":[]}"#, Shape::Manifest),
            (r#"{"schemaVersion":1,"layers":[]}"#, Shape::Manifest),
            (r#"{"schemaVersion":1,"manifests":[]}"#, Shape::Index),
            (r#"{"schemaVersion":2,"config":{},"layers":[],"fsLayers":[]}"#, Shape::Ambiguous),
            (r#"{"schemaVersion":1,"manifests":[],"fsLayers":[]}"#, Shape::Ambiguous),
            (r#"{"schemaVersion":2,"config":{},"layers":[],"fsLayers":null}"#, Shape::Manifest),
        ] {
            assert_eq!(document(json).shape(), shape, "{json}");
        }
        assert!(Manifest::read(b"[]").is_none() && Manifest::read(b"<html>").is_none());
    }

    #[test]
    fn index_distinguishes_images_from_attestations() {
        let index = document(
            r#"{"manifests":[{"mediaType":"m","digest":"sha256:a","platform":{"os":"linux","architecture":"arm","variant":"v7"}},
                {"digest":"sha256:b","platform":{"os":"unknown","architecture":"unknown"},
                 "annotations":{"vnd.docker.reference.type":"attestation-manifest"}}, 7]}"#,
        );
        let entries = index.manifests();
        assert_eq!(entries.len(), 3);
        assert!(entries[0].platform.as_ref().unwrap().is(&"linux/arm/v7".parse().unwrap()));
        assert!(entries[1].attestation && !entries[0].attestation);
        assert!(entries[2].platform.is_none());
    }
}
