//! Manifests, lists and indexes: the results of negotiation as distribution answers them.

use serde_json::{Value, json};

use super::errors::folder_of;
use super::route::wrong_with_digest;
use super::{Answer, Distribution, Generation, Role};
use crate::lab::dialect::negotiation::{self, Found, served};
use crate::lab::host::Visit;
use crate::lab::store::{Store, Stored};
use crate::oci::media_type::{DOCKER_V1, DOCKER_V1_SIGNED};

/// The limit for reading a document from the storage, in bytes (`registry/storage/io.go`).
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
        let store = if self.can_read(visit, name) { store } else { &Store::default() };
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
            // The conversion stores the empty layer, and a cache accepts no uploads, not even its own.
            Found::Converted(signed) if self.role == Role::Cache && signed.has_empty_layer() => self.not_convertible(),
            Found::NotAManifest => {
                let blob = store.repository(name).and_then(|repository| repository.blobs.get(reference));
                self.unknown(blob.map_or(json!({}), |blob| decoding_detail(blob)))
            }
            found => found.answer(name, reference, self.generation, &|status, code, message, detail| {
                self.error(status, code, message, detail)
            }),
        }
    }

    /// The error for a stored document that is too long to be read, or, in 3, is Docker schema 1, which 3 does not
    /// support.
    fn cannot_be_read(&self, document: &Stored) -> Option<Answer> {
        if document.bytes.len() > LONGEST {
            let detail = self.detail(json!({}), "storage: read exceeds limit".to_owned());
            return Some(self.unknown(detail.unwrap_or_default()));
        }
        let is_schema1 = matches!(document.media_type.as_str(), DOCKER_V1 | DOCKER_V1_SIGNED);
        let words = "unrecognized manifest schema version 1";
        (self.generation == Generation::Three && is_schema1).then(|| self.unknown(json!(words)))
    }

    /// The error for content that is not a manifest, or cannot be converted to one.
    pub(super) fn not_convertible(&self) -> Answer {
        self.error(400, "MANIFEST_INVALID", "manifest invalid", Some(json!({})))
    }

    /// The error for a malformed digest: it is taken for a tag, and the storage has no valid path for it.
    pub(super) fn unstorable(&self, name: &str, reference: &str) -> Answer {
        let folder = format!("{}/_manifests", folder_of(name));
        let wrong = wrong_with_digest(reference).is_some();
        match reference.split_once(':').filter(|_| !wrong) {
            Some((algorithm, hex)) => self.invalid_path(&format!("{folder}/revisions/{algorithm}/{hex}/link")),
            None => self.invalid_path(&format!("{folder}/tags/{reference}/current/link")),
        }
    }
}

/// The detail that Go's JSON decoder gives for a blob that is not a manifest: the offset of the error, or nothing.
fn decoding_detail(blob: &[u8]) -> Value {
    match serde_json::from_slice::<serde::de::IgnoredAny>(blob) {
        Ok(_) => json!({}),
        Err(error) => {
            let lines = blob.split_inclusive(|byte| *byte == b'\n');
            let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
            json!({ "Offset": before + error.column() })
        }
    }
}
