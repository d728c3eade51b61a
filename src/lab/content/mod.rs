//! What scenarios store, made here: images, lists, indexes, artifacts, and their broken relatives.
//!
//! Everything is the same in every run, so that a digest can be written down. Digests and sizes are true except in
//! content whose name says what is wrong with it.

mod artifacts;
mod attestations;
mod broken;
mod edit;
mod images;
mod layer;
mod legacy;
mod lists;
mod platform;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde_json::{Value, json};

/// A manifest, list or index, and everything that is stored with it.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// The type that it is stored as.
    pub media_type: String,
    /// The digest that it is stored under.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The configuration and the layers that are there.
    pub blobs: Vec<Blob>,
    /// Other documents that are stored with it: those that it lists, its subject, what refers to it.
    pub children: Vec<Artifact>,
}

/// A configuration or a layer.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    /// The digest that it is stored under.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Blob {
    /// A blob with its true digest.
    fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { digest: digest_of(&bytes), bytes }
    }

    /// What a document says of it.
    fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

impl Artifact {
    /// A document with its true digest, as Docker writes it.
    fn new(media_type: &str, content: &Value) -> Self {
        Self::written(media_type, content, Hand::Docker)
    }

    /// A document with its true digest, as some tool writes it.
    fn written(media_type: &str, content: &Value, hand: Hand) -> Self {
        Self::of_bytes(media_type, hand.write(content))
    }

    /// A document of exactly these bytes, with its true digest.
    fn of_bytes(media_type: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = digest_of(&bytes);
        Self { media_type: media_type.to_owned(), digest, bytes, blobs: Vec::new(), children: Vec::new() }
    }

    /// With these blobs beside it.
    fn with_blobs(mut self, blobs: impl IntoIterator<Item = Blob>) -> Self {
        self.blobs.extend(blobs);
        self
    }

    /// With these documents beside it.
    fn with_children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The same with another content, under the digest of that.
    fn changed(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut content = serde_json::from_slice(&self.bytes).expect("it was written as JSON just now");
        change(&mut content);
        let changed = Self::new(&self.media_type, &content);
        changed.with_blobs(self.blobs).with_children(self.children)
    }

    /// The same without the field that says what it is.
    fn without_media_type(self) -> Self {
        self.changed(|content| {
            content.as_object_mut().map(|fields| fields.shift_remove("mediaType"));
        })
    }

    /// What another document says of it.
    fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

/// How the tools that make documents write their JSON. Nobody may write it anew, because the digest is over its bytes.
#[derive(Debug, Clone, Copy)]
enum Hand {
    /// Indented by three spaces.
    Docker,
    /// Indented by two spaces.
    BuildKit,
    /// On one line, as Helm, ORAS and cosign do.
    Compact,
}

impl Hand {
    fn write(self, content: &Value) -> Vec<u8> {
        let indent: &[u8] = match self {
            Self::Docker => b"   ",
            Self::BuildKit => b"  ",
            Self::Compact => return content.to_string().into_bytes(),
        };
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
        serde::Serialize::serialize(content, &mut serializer).expect("a JSON value can be written to memory");
        bytes
    }
}

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

/// Computed by ring, which is quick in programs that are not optimised, too: one content is 4 MiB long.
fn digest_of(bytes: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
