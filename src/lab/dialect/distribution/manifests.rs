//! Manifests, lists and indexes: what negotiation finds, in the words of distribution.

use serde_json::{Value, json};

use super::errors::folder_of;
use super::route::wrong_with_digest;
use super::{Answer, Distribution, Generation, Role};
use crate::lab::dialect::negotiation::{self, Found, served};
use crate::lab::host::Visit;
use crate::lab::store::{Store, Stored};
use crate::oci::media_type::{DOCKER_V1, DOCKER_V1_SIGNED};

/// The most bytes of a document that are read from the storage (`registry/storage/io.go`).
const LONGEST: usize = 4 << 20;

impl Distribution {
    pub(super) fn manifest(&self, visit: &Visit<'_>, name: &str, reference: &str) -> Answer {
        if reference.contains(':') && wrong_with_digest(reference).is_some() {
            return self.unstorable(name, reference);
        }
        if let Some(answer) = self.origin_refuses(visit, name, reference) {
            return answer;
        }
        let Some(store) = self.store(visit) else { return self.no_such_digest(name, reference) };
        let store = if self.is_given(visit, name) { store } else { &Store::default() };
        let found = negotiation::find_in(store, visit, name, reference, self.generation);
        let document = store.repository(name).and_then(|repository| repository.document(reference));
        if let Some((_, document)) = document
            && found != Found::NotModified
            && let Some(answer) = self.cannot_be_read(document)
        {
            return answer;
        }
        match found {
            Found::Stored { digest, document } => {
                let media_type = match document.media_type.as_str() {
                    DOCKER_V1 => DOCKER_V1_SIGNED,
                    other => other,
                };
                served(media_type, digest, document.bytes.clone())
            }
            // To make it, the empty layer has to be stored, and a cache takes no uploads, not even its own.
            Found::Converted(signed) if self.role == Role::Cache && signed.has_empty_layer() => self.not_convertible(),
            Found::NoManifest => {
                let blob = store.repository(name).and_then(|repository| repository.blobs.get(reference));
                self.unknown(blob.map_or(json!({}), |blob| why_no_manifest(blob)))
            }
            found => found.answer(name, reference, self.generation, &|status, code, message, detail| {
                self.error(status, code, message, detail)
            }),
        }
    }

    /// What is in the storage and too long to be read, or, for 3, in the form of docker v1, which it does not know.
    fn cannot_be_read(&self, document: &Stored) -> Option<Answer> {
        if document.bytes.len() > LONGEST {
            let detail = self.detail(json!({}), "storage: read exceeds limit".to_owned());
            return Some(self.unknown(detail.unwrap_or_default()));
        }
        let is_docker_v1 = matches!(document.media_type.as_str(), DOCKER_V1 | DOCKER_V1_SIGNED);
        let words = "unrecognized manifest schema version 1";
        (self.generation == Generation::Three && is_docker_v1).then(|| self.unknown(json!(words)))
    }

    /// The answer to what cannot be made into a document, or is none.
    pub(super) fn not_convertible(&self) -> Answer {
        self.error(400, "MANIFEST_INVALID", "manifest invalid", Some(json!({})))
    }

    /// A digest that is none is taken for a tag, which cannot be stored in a file of that name.
    pub(super) fn unstorable(&self, name: &str, reference: &str) -> Answer {
        let folder = format!("{}/_manifests", folder_of(name));
        let wrong = wrong_with_digest(reference).is_some();
        match reference.split_once(':').filter(|_| !wrong) {
            Some((algorithm, hex)) => self.invalid_path(&format!("{folder}/revisions/{algorithm}/{hex}/link")),
            None => self.invalid_path(&format!("{folder}/tags/{reference}/current/link")),
        }
    }
}

/// What Go's JSON decoder shows of its trouble with something that is no manifest: how far it came, or nothing.
fn why_no_manifest(blob: &[u8]) -> Value {
    match serde_json::from_slice::<serde::de::IgnoredAny>(blob) {
        Ok(_) => json!({}),
        Err(error) => {
            let lines = blob.split_inclusive(|byte| *byte == b'\n');
            let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
            json!({ "Offset": before + error.column() })
        }
    }
}
