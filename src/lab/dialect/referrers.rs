//! The list of referrers, as written by registries in Go that use the specification's own types (distribution-spec,
//! "Listing Referrers"; image-spec, `specs-go/v1`).

use serde_json::{Map, Value, json};

use crate::lab::host::Visit;
use crate::lab::store::Stored;
use crate::oci::media_type::OCI_INDEX;

/// The index of all referrers to this digest, or of those with this type.
pub(crate) fn index(visit: &Visit<'_>, repository: &str, subject: &str, artifact_type: Option<&str>) -> Value {
    let found = visit.host.store().repository(repository).map(|found| found.referrers(subject));
    let descriptors = found.into_iter().flatten().map(|(digest, document)| descriptor(digest, document));
    let wanted = |descriptor: &Value| artifact_type.is_none_or(|wanted| descriptor["artifactType"] == wanted);
    let manifests: Vec<_> = descriptors.filter(wanted).collect();
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests })
}

/// The descriptor of a referrer, with the fields in Go's order. The artifact type is that of the document, or else the
/// type of its config.
fn descriptor(digest: &str, document: &Stored) -> Value {
    let content: Value = serde_json::from_slice(&document.bytes).unwrap_or_default();
    let mut descriptor = Map::new();
    descriptor.insert("mediaType".to_owned(), document.media_type.as_str().into());
    descriptor.insert("digest".to_owned(), digest.into());
    descriptor.insert("size".to_owned(), document.bytes.len().into());
    if content["annotations"].is_object() {
        descriptor.insert("annotations".to_owned(), content["annotations"].clone());
    }
    let named = content["artifactType"].as_str().filter(|named| !named.is_empty());
    if let Some(artifact_type) = named.or(content["config"]["mediaType"].as_str()) {
        descriptor.insert("artifactType".to_owned(), artifact_type.into());
    }
    Value::Object(descriptor)
}
