//! Quay's content negotiation (`endpoints/v2/manifest.py`, `_rewrite_schema_if_necessary`).

use serde_json::{Value, json};

use super::{error, no_repository};
use crate::lab::dialect::negotiation::{accepted, child_for_amd64};
use crate::lab::host::Visit;
use crate::lab::schema1;
use crate::lab::store::{Repository, Stored};
use crate::lab::wire::Answer;
use crate::oci::media_type::{DOCKER_LIST, DOCKER_V1, DOCKER_V2, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST};
use crate::oci::{Algorithm, Digest};

/// The manifest: by digest as it is stored; by tag in a type that the client names, or else in Docker schema 1.
pub(super) fn manifest(visit: &Visit<'_>, name: &str, reference: &str) -> Answer {
    let Some(repository) = visit.host.store().repository(name) else { return no_repository() };
    let Some((digest, document)) = repository.document(reference) else { return unknown() };
    let accepted = accepted(visit);
    if reference.contains(':') || accepted.contains(&document.media_type.as_str()) {
        return served(digest, document);
    }
    match document.media_type.as_str() {
        DOCKER_LIST | OCI_INDEX => match child_for_amd64(repository, document) {
            Some((digest, child)) if accepted.contains(&child.media_type.as_str()) => served(digest, child),
            Some((_, child)) => converted(repository, name, reference, child),
            None => unknown(),
        },
        DOCKER_V2 | OCI_MANIFEST => converted(repository, name, reference, document),
        // Docker schema 1 is served to every client.
        _ => served(digest, document),
    }
}

fn unknown() -> Answer {
    error(404, "MANIFEST_UNKNOWN", "manifest unknown")
}

fn served(digest: &str, document: &Stored) -> Answer {
    Answer::with_body(200, &document.media_type, document.bytes.clone()).header("Docker-Content-Digest", digest)
}

/// Converts an image to Docker schema 1, without storing the result: its digest is unknown. OCI artifacts other than
/// images are not converted (`is_image_manifest`).
fn converted(repository: &Repository, name: &str, tag: &str, image: &Stored) -> Answer {
    let is_image = image.media_type == DOCKER_V2 || config_type(image).as_deref() == Some(OCI_CONFIG);
    let made = is_image.then(|| schema1::document(repository, name, tag, image)).flatten();
    let Some(text) = made.as_ref().and_then(in_the_order_of_quay) else { return unknown() };
    let digest = Digest::of(Algorithm::Sha256, text.as_bytes()).to_string();
    Answer::with_body(200, DOCKER_V1, text).header("Docker-Content-Digest", digest)
}

fn config_type(image: &Stored) -> Option<String> {
    let content: Value = serde_json::from_slice(&image.bytes).ok()?;
    content["config"]["mediaType"].as_str().map(str::to_owned)
}

/// The document with its fields in the order of `DockerSchema1ManifestBuilder`.
fn in_the_order_of_quay(document: &Value) -> Option<String> {
    schema1::indented(&json!({
        "tag": document["tag"],
        "name": document["name"],
        "architecture": document["architecture"],
        "schemaVersion": 1,
        "history": document["history"],
        "fsLayers": document["fsLayers"],
    }))
}
