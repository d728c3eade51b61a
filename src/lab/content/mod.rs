//! What scenarios store, made here: images, lists, indexes, artifacts, and their broken relatives.
//!
//! Everything is the same in every run, so that a digest can be written down. Digests and sizes are true except in
//! content whose name says what is wrong with it.

mod artifacts;
mod attestations;
mod broken;
pub(super) mod document;
mod edit;
mod images;
mod layer;
mod legacy;
mod lists;
mod platform;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::document::Artifact;

/// A piece of content with its names.
struct Entry {
    /// As scenario files write it.
    name: &'static str,
    /// What it is, in a few words.
    about: &'static str,
    make: fn() -> Artifact,
}

impl Entry {
    const fn of(name: &'static str, about: &'static str, make: fn() -> Artifact) -> Self {
        Self { name, about, make }
    }
}

const CONTENT: &[Entry] = &[
    Entry::of("docker-image", "a docker v2 image for linux/amd64", images::docker_image),
    Entry::of("docker-image-newer", "another docker v2 image for linux/amd64", images::docker_image_newer),
    Entry::of("oci-image", "an OCI image for linux/amd64", images::oci_image),
    Entry::of(
        "oci-image-no-mediatype",
        "an OCI image whose manifest does not say what it is",
        images::oci_image_no_mediatype,
    ),
    Entry::of("arm64-image", "a docker v2 image for linux/arm64, without a list", images::arm64_image),
    Entry::of("zstd-layers", "an OCI image with a layer in zstd", images::zstd_layers),
    Entry::of("foreign-layers", "a docker v2 image for Windows whose base layer is elsewhere", images::foreign_layers),
    Entry::of(
        "image-with-empty-layer",
        "a docker v2 image whose last layer is the archive of nothing",
        images::image_with_empty_layer,
    ),
    Entry::of("schema1-signed", "a signed docker v1 image of 2015", legacy::schema1_signed),
    Entry::of("deepvariant", "a docker v2 image of 2018 with many steps", legacy::deepvariant),
    Entry::of("docker-list", "a docker list for linux/amd64 and linux/arm64", lists::docker_list),
    Entry::of("docker-list-arm64", "a docker list for linux/arm64 alone", lists::docker_list_arm64),
    Entry::of("oci-index", "an OCI index for linux/amd64 and linux/arm64", lists::oci_index),
    Entry::of("oci-index-no-mediatype", "an OCI index that does not say what it is", lists::oci_index_no_mediatype),
    Entry::of("nested-index", "an OCI index that lists an index", lists::nested_index),
    Entry::of("index-with-chart", "an OCI index of an image and a Helm chart", lists::index_with_chart),
    Entry::of("index-other-platforms", "an OCI index for linux/s390x and linux/ppc64le", lists::index_other_platforms),
    Entry::of("windows-index", "an OCI index for two builds of Windows", lists::windows_index),
    Entry::of("mixed-tree", "a docker list of OCI images", lists::mixed_tree),
    Entry::of("index-missing-child", "an OCI index whose image for linux/amd64 is gone", lists::index_missing_child),
    Entry::of(
        "index-variant-only-in-index",
        "an OCI index with a variant that its image does not name",
        lists::index_variant_only_in_index,
    ),
    Entry::of("index-all-children-gone", "an OCI index of which every image is gone", lists::index_all_children_gone),
    Entry::of("index-empty", "an OCI index that lists nothing", lists::index_empty),
    Entry::of("index-20-platforms", "an OCI index for twenty platforms", lists::index_20_platforms),
    Entry::of("index-100-children", "an OCI index of a hundred images", lists::index_100_children),
    Entry::of(
        "index-wrong-config-platform",
        "an OCI index whose image for linux/arm64 is for linux/amd64",
        lists::index_wrong_config_platform,
    ),
    Entry::of(
        "index-with-attestations",
        "an OCI index of two images and their attestations",
        attestations::index_with_attestations,
    ),
    Entry::of(
        "index-one-image-attested",
        "an OCI index of one image and its attestation",
        attestations::index_one_image_attested,
    ),
    Entry::of(
        "index-missing-attestation",
        "the same without the attestation of linux/amd64",
        attestations::index_missing_attestation,
    ),
    Entry::of(
        "index-missing-image-and-attestation",
        "the same without the image for linux/amd64 and its attestation",
        attestations::index_missing_image_and_attestation,
    ),
    Entry::of("attestation", "an attestation of BuildKit by itself", attestations::attestation),
    Entry::of("helm-chart", "a Helm chart", artifacts::helm_chart),
    Entry::of("cosign-signature", "a signature by cosign of oci-image", artifacts::cosign_signature),
    Entry::of("cosign-attestation", "an attestation by cosign about oci-image", artifacts::cosign_attestation),
    Entry::of("sif", "an image of Singularity", artifacts::sif),
    Entry::of("wasm", "a WebAssembly module", artifacts::wasm),
    Entry::of("buildkit-cache", "a build cache of BuildKit", artifacts::buildkit_cache),
    Entry::of("artifact", "a list of parts, attached to oci-image", artifacts::artifact),
    Entry::of(
        "image-with-referrers",
        "oci-image with a list of parts and a signature attached",
        artifacts::image_with_referrers,
    ),
    Entry::of("missing-config", "a docker v2 image without its configuration", broken::missing_config),
    Entry::of("missing-layer", "a docker v2 image without its layer", broken::missing_layer),
    Entry::of("missing-layer-of-250", "an OCI image of 250 layers without the last", broken::missing_layer_of_250),
    Entry::of("wrong-size", "a docker v2 image with wrong sizes in its manifest", broken::wrong_size),
    Entry::of(
        "gzip-layer-called-tar",
        "an OCI image whose compressed layer is called an archive",
        broken::gzip_layer_called_tar,
    ),
    Entry::of(
        "layer-not-in-config",
        "a docker v2 image with a layer that its configuration does not have",
        broken::layer_not_in_config,
    ),
    Entry::of("wrong-bytes", "a docker v2 image with a damaged layer", broken::wrong_bytes),
    Entry::of("wrong-manifest-bytes", "a docker v2 image with a damaged manifest", broken::wrong_manifest_bytes),
    Entry::of("oversized-manifest", "an OCI image whose manifest is longer than 4 MiB", broken::oversized_manifest),
    Entry::of("duplicate-keys", "a docker v2 image whose manifest has keys twice", broken::duplicate_keys),
];

/// The content of this name, with the edits that follow it: `docker-image; drop /config/size` (see `edit`).
pub(super) fn named(name: &str) -> Option<Artifact> {
    let mut parts = name.split("; ");
    let base = parts.next().unwrap_or_default();
    let document = CONTENT.iter().find(|entry| entry.name == base).map(|entry| (entry.make)())?;
    parts.try_fold(document, edit::edited)
}

/// The content of this name in a few words. Edited content is said to be edited.
pub(super) fn about(name: &str) -> String {
    let (base, edits) = name.split_once("; ").map_or((name, None), |(base, edits)| (base, Some(edits)));
    let about = CONTENT.iter().find(|entry| entry.name == base).map_or("", |entry| entry.about);
    edits.map_or_else(|| about.to_owned(), |edits| format!("{about}, edited: {edits}"))
}

/// The digest of a part of the content of this name: `manifest`, `config`, `layer` (the first) or `child` (the first).
pub(super) fn digest_in(name: &str, part: &str) -> Option<String> {
    let document = named(name)?;
    let content: Value = serde_json::from_slice(&document.bytes).ok()?;
    let digest = match part {
        "manifest" => return Some(document.digest),
        "config" => &content["config"]["digest"],
        "layer" => &content["layers"][0]["digest"],
        "child" => &content["manifests"][0]["digest"],
        _ => return None,
    };
    digest.as_str().map(str::to_owned)
}

/// All content: the name that scenario files use, and what it is.
pub fn content() -> impl Iterator<Item = (&'static str, &'static str)> {
    CONTENT.iter().map(|entry| (entry.name, entry.about))
}
