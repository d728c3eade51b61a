//! Attestations as BuildKit stores them, as further entries of an image's index.
//!
//! From buildkit, docs/attestations/attestation-storage.md.

use serde_json::{Value, json};

use super::document::{Artifact, Blob, Writer};
use super::images::{CREATED, OCI, image};
use super::platform::{AMD64, ARM64, Platform, UNKNOWN};
use crate::oci::media_type::{OCI_CONFIG, OCI_INDEX, OCI_MANIFEST};

/// The type of an attestation.
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// An index of two images, followed by the attestation of each.
pub(super) fn index_with_attestations() -> Artifact {
    attested(&[AMD64, ARM64])
}

/// The result of an attested build for one platform: an index, where there was a manifest before.
pub(super) fn index_one_image_attested() -> Artifact {
    attested(&[AMD64])
}

fn attested(platforms: &[Platform]) -> Artifact {
    let images: Vec<_> = platforms.iter().map(|platform| (image(&OCI, platform), *platform)).collect();
    let attestations: Vec<_> = images.iter().map(|(image, _)| attestation_of(image)).collect();
    let described = images.iter().map(|(image, platform)| {
        let mut descriptor = image.descriptor();
        descriptor["platform"] = Value::Object(platform.fields());
        descriptor
    });
    let attested = images.iter().zip(&attestations).map(|((image, _), attestation)| {
        let mut descriptor = attestation.descriptor();
        descriptor["annotations"] = json!({
            "vnd.docker.reference.digest": image.digest,
            "vnd.docker.reference.type": "attestation-manifest",
        });
        descriptor["platform"] = Value::Object(UNKNOWN.fields());
        descriptor
    });
    let manifests: Vec<_> = described.chain(attested).collect();
    let content = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests });
    let children = images.into_iter().map(|(image, _)| image).chain(attestations);
    Artifact::written(OCI_INDEX, &content, Writer::BuildKit).with_children(children)
}

/// `index-with-attestations` after a cleanup job deleted the attestation of linux/amd64 and kept both images.
pub(super) fn index_missing_attestation() -> Artifact {
    let mut index = index_with_attestations();
    index.children.remove(2);
    index
}

/// `index-with-attestations` after a cleanup job deleted the image for linux/amd64 and its attestation.
pub(super) fn index_missing_image_and_attestation() -> Artifact {
    let mut index = index_missing_attestation();
    index.children.remove(0);
    index
}

/// An attestation by itself, as a client gets it that mistakes its digest for an image's.
pub(super) fn attestation() -> Artifact {
    attestation_of(&image(&OCI, &AMD64))
}

fn attestation_of(image: &Artifact) -> Artifact {
    let subject = json!([{ "name": "_", "digest": { "sha256": image.digest.trim_start_matches("sha256:") } }]);
    let contents = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "subject": subject,
        "predicate": {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": "greeting",
            "creationInfo": { "created": CREATED, "creators": ["Tool: example"] },
            "packages": [],
        },
    });
    let provenance = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": subject,
        "predicate": {
            "builder": { "id": "" },
            "buildType": "https://mobyproject.org/buildkit@v1",
            "materials": [],
            "metadata": { "buildStartedOn": CREATED, "buildFinishedOn": CREATED },
        },
    });
    let blobs = [&contents, &provenance].map(|statement| Blob::new(statement.to_string()));
    let layers = [&contents, &provenance].into_iter().zip(&blobs).map(|(statement, blob)| {
        let mut descriptor = blob.descriptor(IN_TOTO);
        descriptor["annotations"] = json!({ "in-toto.io/predicate-type": statement["predicateType"] });
        descriptor
    });
    let layers: Vec<_> = layers.collect();
    let diff_ids: Vec<_> = blobs.iter().map(|blob| blob.digest.clone()).collect();
    let mut config = Value::Object(UNKNOWN.fields());
    config["config"] = json!({});
    config["rootfs"] = json!({ "type": "layers", "diff_ids": diff_ids });
    let config = Blob::new(config.to_string());
    let content = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(OCI_CONFIG),
        "layers": layers,
    });
    Artifact::written(OCI_MANIFEST, &content, Writer::BuildKit).with_blobs([config]).with_blobs(blobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attested_image_is_an_index_of_two_entries() {
        let index: Value = serde_json::from_slice(&index_one_image_attested().bytes).unwrap();
        let entries = index["manifests"].as_array().unwrap();
        let platforms: Vec<_> = entries.iter().map(|entry| &entry["platform"]["architecture"]).collect();
        assert_eq!(platforms, ["amd64", "unknown"]);
        assert_eq!(entries[1]["annotations"]["vnd.docker.reference.digest"], entries[0]["digest"]);
    }
}
