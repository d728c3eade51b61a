//! The lab's content in the storage of a real registry: pushed where the registry takes it, and else put there by hand,
//! since scenarios also have what no registry would take.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ociscope::internals::Piece;
use serde_json::Value;
use tempfile::TempDir;

use super::requests::{parts, repository_of};
use crate::support::content::media_type::DOCKER_V1_SIGNED;
use crate::support::digest_of;
use crate::support::registry::{Options, Registry};

/// Content that lies about its digests. Storage is by digest, so that it would spoil other content.
pub fn lies(name: &str) -> bool {
    // The digest of a signed document is not over its signatures.
    name != "schema1-signed" && parts(name).iter().any(|part| digest_of(&part.bytes) != part.digest)
}

/// A folder with this content in it, each kind in a repository of its own, under the tag `latest`.
#[expect(clippy::print_stdout, reason = "what was not pushed is worth seeing in the log")]
pub fn filled_with(names: &[&str]) -> TempDir {
    let registry = Registry::start(Options::default());
    let mut refused = Vec::new();
    for name in names {
        if !push(&registry, name) {
            refused.push(*name);
        }
    }
    let storage = registry.stop().storage;
    for name in &refused {
        put_by_hand(storage.path(), name);
    }
    println!("{} kinds of content pushed; put into the storage by hand: {refused:?}", names.len() - refused.len());
    storage
}

/// Whether the registry took all of it.
fn push(registry: &Registry, name: &str) -> bool {
    let repository = repository_of(name);
    let parts = parts(name);
    let (root, others) = parts.split_last().expect("a document");
    let put = |reference: &str, part: &Piece| match &part.media_type {
        None => {
            registry.push_blob(&repository, &part.bytes);
            true
        }
        Some(media_type) => {
            let path = format!("/v2/{repository}/manifests/{reference}");
            let headers = [("Content-Type", media_type.as_str())];
            registry.endpoint.send("PUT", &path, &headers, &part.bytes).status == 201
        }
    };
    !lies(name) && others.iter().all(|part| put(&part.digest, part)) && put("latest", root)
}

/// The layout of distribution's storage (`registry/storage/paths.go`).
fn put_by_hand(storage: &Path, name: &str) {
    let root = storage.join("docker/registry/v2");
    let repository = root.join("repositories").join(repository_of(name));
    let write = |path: &Path, content: &[u8]| {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    };
    let parts = parts(name);
    for part in &parts {
        // Signatures are not stored, but made anew for each answer.
        let bytes = match part.media_type.as_deref() {
            Some(DOCKER_V1_SIGNED) => payload_of_signed(&part.bytes),
            _ => part.bytes.to_vec(),
        };
        let hex = part.digest.strip_prefix("sha256:").expect("one of SHA-256");
        write(&root.join("blobs/sha256").join(&hex[..2]).join(hex).join("data"), &bytes);
        let kind = if part.media_type.is_some() { "_manifests/revisions" } else { "_layers" };
        write(&repository.join(kind).join("sha256").join(hex).join("link"), part.digest.as_bytes());
    }
    let digest = &parts.last().expect("a document").digest;
    write(&repository.join("_manifests/tags/latest/current/link"), digest.as_bytes());
}

/// The document that was signed (libtrust, `jsonsign.go`): so much of the beginning, and an end.
pub fn payload_of_signed(bytes: &[u8]) -> Vec<u8> {
    let document: Value = serde_json::from_slice(bytes).expect("JSON");
    let decoded = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().expect("a text")).expect("base64");
    let protected: Value = serde_json::from_slice(&decoded(&document["signatures"][0]["protected"])).expect("JSON");
    let length = usize::try_from(protected["formatLength"].as_u64().expect("a length")).expect("a length");
    [&bytes[..length], &decoded(&protected["formatTail"])].concat()
}
