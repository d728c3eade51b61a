//! The content of scenarios, generated here: images, lists, indexes, artifacts, and broken variants of them.
//!
//! All content is the same in every run, so that a digest can be written down. Digests and sizes are true except in
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
    /// The name in scenario files.
    name: &'static str,
    /// A short description.
    about: &'static str,
    make: fn() -> Artifact,
}

impl Entry {
    const fn of(name: &'static str, about: &'static str, make: fn() -> Artifact) -> Self {
        Self { name, about, make }
    }
}

const CONTENT: &[Entry] = &[
    Entry::of("docker-image", "a Docker v2 image for linux/amd64", images::docker_image),
    Entry::of("docker-image-newer", "another Docker v2 image for linux/amd64", images::docker_image_newer),
    Entry::of("oci-image", "an OCI image for linux/amd64", images::oci_image),
    Entry::of("oci-image-no-mediatype", "an OCI image whose manifest has no mediaType", images::oci_image_no_mediatype),
    Entry::of("arm64-image", "a Docker v2 image for linux/arm64, without a list", images::arm64_image),
    Entry::of("zstd-layers", "an OCI image with a zstd layer", images::zstd_layers),
    Entry::of("foreign-layers", "a Docker v2 image for Windows with a foreign base layer", images::foreign_layers),
    Entry::of(
        "image-with-empty-layer",
        "a Docker v2 image whose last layer is an empty archive",
        images::image_with_empty_layer,
    ),
    Entry::of("schema1-signed", "a signed Docker schema 1 image of 2015", legacy::schema1_signed),
    Entry::of("deepvariant", "a Docker v2 image of 2018 with many build steps", legacy::deepvariant),
    Entry::of("docker-list", "a Docker manifest list for linux/amd64 and linux/arm64", lists::docker_list),
    Entry::of("docker-list-arm64", "a Docker manifest list for linux/arm64 only", lists::docker_list_arm64),
    Entry::of("oci-index", "an OCI index for linux/amd64 and linux/arm64", lists::oci_index),
    Entry::of("oci-index-no-mediatype", "an OCI index without a mediaType", lists::oci_index_no_mediatype),
    Entry::of("nested-index", "an OCI index that lists an index", lists::nested_index),
    Entry::of("index-with-chart", "an OCI index of an image and a Helm chart", lists::index_with_chart),
    Entry::of("index-other-platforms", "an OCI index for linux/s390x and linux/ppc64le", lists::index_other_platforms),
    Entry::of("windows-index", "an OCI index for two Windows builds", lists::windows_index),
    Entry::of("mixed-tree", "a Docker manifest list of OCI images", lists::mixed_tree),
    Entry::of("index-missing-child", "an OCI index whose image for linux/amd64 is gone", lists::index_missing_child),
    Entry::of(
        "index-variant-only-in-index",
        "an OCI index with a variant that the image's config lacks",
        lists::index_variant_only_in_index,
    ),
    Entry::of("index-all-children-gone", "an OCI index whose images are all gone", lists::index_all_children_gone),
    Entry::of("index-empty", "an OCI index that lists nothing", lists::index_empty),
    Entry::of("index-20-platforms", "an OCI index for twenty platforms", lists::index_20_platforms),
    Entry::of("index-100-children", "an OCI index of a hundred images", lists::index_100_children),
    Entry::of(
        "index-wrong-config-platform",
        "an OCI index whose linux/arm64 image is for linux/amd64",
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
        "index-with-attestations without the attestation of linux/amd64",
        attestations::index_missing_attestation,
    ),
    Entry::of(
        "index-missing-image-and-attestation",
        "index-with-attestations without the linux/amd64 image and its attestation",
        attestations::index_missing_image_and_attestation,
    ),
    Entry::of("attestation", "a BuildKit attestation by itself", attestations::attestation),
    Entry::of("helm-chart", "a Helm chart", artifacts::helm_chart),
    Entry::of("cosign-signature", "a cosign signature of oci-image", artifacts::cosign_signature),
    Entry::of("cosign-attestation", "a cosign attestation of oci-image", artifacts::cosign_attestation),
    Entry::of("sif", "a Singularity image (SIF)", artifacts::sif),
    Entry::of("wasm", "a WebAssembly module", artifacts::wasm),
    Entry::of("buildkit-cache", "a BuildKit build cache", artifacts::buildkit_cache),
    Entry::of("artifact", "an SBOM that refers to oci-image", artifacts::artifact),
    Entry::of(
        "image-with-referrers",
        "oci-image with an SBOM and a signature as referrers",
        artifacts::image_with_referrers,
    ),
    Entry::of("missing-config", "a Docker v2 image without its config", broken::missing_config),
    Entry::of("missing-layer", "a Docker v2 image without its layer", broken::missing_layer),
    Entry::of("missing-layer-of-250", "an OCI image of 250 layers without the last", broken::missing_layer_of_250),
    Entry::of("wrong-size", "a Docker v2 image with wrong sizes in its manifest", broken::wrong_size),
    Entry::of(
        "gzip-layer-called-tar",
        "an OCI image whose gzip layer has the type of plain tar",
        broken::gzip_layer_called_tar,
    ),
    Entry::of(
        "layer-not-in-config",
        "a Docker v2 image with a layer that its config lacks",
        broken::layer_not_in_config,
    ),
    Entry::of("wrong-bytes", "a Docker v2 image with a damaged layer", broken::wrong_bytes),
    Entry::of("wrong-manifest-bytes", "a Docker v2 image with a damaged manifest", broken::wrong_manifest_bytes),
    Entry::of("oversized-manifest", "an OCI image whose manifest is longer than 4 MiB", broken::oversized_manifest),
    Entry::of("duplicate-keys", "a Docker v2 image whose manifest has duplicate keys", broken::duplicate_keys),
];

/// Generates the content with this name, with the edits that follow it: `docker-image; drop /config/size` (see `edit`).
pub(super) fn named(name: &str) -> Option<Artifact> {
    let mut parts = name.split("; ");
    let base = parts.next().unwrap_or_default();
    let document = CONTENT.iter().find(|entry| entry.name == base).map(|entry| (entry.make)())?;
    parts.try_fold(document, edit::edited)
}

/// The short description of the content with this name, and its edits, if any.
pub(super) fn about(name: &str) -> String {
    let (base, edits) = name.split_once("; ").map_or((name, None), |(base, edits)| (base, Some(edits)));
    let about = CONTENT.iter().find(|entry| entry.name == base).map_or("", |entry| entry.about);
    edits.map_or_else(|| about.to_owned(), |edits| format!("{about}, edited: {edits}"))
}

/// The digest of a part of the content with this name: `manifest`, `config`, or the first `layer` or `child`.
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

/// All content: the name in scenario files, and a short description.
pub fn content() -> impl Iterator<Item = (&'static str, &'static str)> {
    CONTENT.iter().map(|entry| (entry.name, entry.about))
}
