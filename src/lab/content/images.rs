//! Images for one platform.

use serde_json::{Map, Value, json};

use super::document::{Artifact, Blob};
use super::layer::Layer;
use super::platform::{AMD64, ARM64_V8, Platform};
use crate::lab::schema1::{EMPTY_LAYER, EMPTY_LAYER_BYTES};
use crate::oci::media_type::{DOCKER_CONFIG, DOCKER_V2, OCI_CONFIG, OCI_MANIFEST};

/// The type of a compressed layer of a Docker v2 image.
pub(super) const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
/// The type of a compressed layer of an OCI image.
pub(super) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The type of a layer of an OCI image that is compressed with zstd (image-spec, layer.md).
const OCI_ZSTD_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
/// The type of a foreign layer, which is stored elsewhere (distribution, docs/spec/manifest-v2-2.md).
const FOREIGN_LAYER: &str = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

/// The media types of an image of one family.
pub(super) struct Family {
    pub manifest: &'static str,
    pub config: &'static str,
    pub layer: &'static str,
}

pub(super) const DOCKER: Family = Family { manifest: DOCKER_V2, config: DOCKER_CONFIG, layer: DOCKER_LAYER };
pub(super) const OCI: Family = Family { manifest: OCI_MANIFEST, config: OCI_CONFIG, layer: OCI_LAYER };

/// The creation time of images.
pub(super) const CREATED: &str = "2024-05-06T07:08:09Z";

/// A Docker v2 image.
pub(super) fn docker_image() -> Artifact {
    image(&DOCKER, &AMD64)
}

/// An OCI image.
pub(super) fn oci_image() -> Artifact {
    image(&OCI, &AMD64)
}

/// Another Docker v2 image, like the next release of the first.
pub(super) fn docker_image_newer() -> Artifact {
    newer_image(&DOCKER, &AMD64)
}

/// An OCI image whose manifest has no field `mediaType`, as the specification allows (image-spec, manifest.md).
pub(super) fn oci_image_no_mediatype() -> Artifact {
    oci_image().without_media_type()
}

/// A Docker v2 image for linux/arm64, without a manifest list.
pub(super) fn arm64_image() -> Artifact {
    image(&DOCKER, &ARM64_V8)
}

/// An OCI image whose layer is compressed with zstd.
pub(super) fn zstd_layers() -> Artifact {
    let layer = Layer::with_greeting_in_zstd("Hello from linux/amd64.\n");
    let blob = layer.blob();
    let config = Blob::new(config_of(&AMD64, CREATED, &layer.diff_id).to_string());
    manifest(&OCI, config, &[blob.descriptor(OCI_ZSTD_LAYER)]).with_blobs([blob])
}

/// An image on a Windows base, whose layer may not be redistributed: only its publisher serves it
/// (image-spec, layer.md, "Non-Distributable Layers"; moby/moby#27580).
pub(super) fn foreign_layers() -> Artifact {
    let platform = Platform::windows("10.0.17763.5329");
    let base = Layer::with_file("Files/License.txt", "Not for redistribution.\n");
    let ours = Layer::with_file("Files/greeting", "Hello from windows/amd64.\n");
    let mut config = config_of(&platform, CREATED, &base.diff_id);
    config["rootfs"]["diff_ids"] = json!([base.diff_id, ours.diff_id]);
    config["history"] = json!([
        { "created": CREATED, "created_by": "Apply image 1809-amd64" },
        { "created": CREATED, "created_by": "COPY greeting C:/greeting" },
        { "created": CREATED, "created_by": "ENTRYPOINT [\"cmd\", \"/c\", \"type\"]", "empty_layer": true },
    ]);
    let mut foreign = base.blob().descriptor(FOREIGN_LAYER);
    let address = format!("https://mcr.microsoft.com/v2/windows/nanoserver/blobs/{}", base.blob().digest);
    foreign["urls"] = json!([address]);
    let ours = ours.blob();
    let config = Blob::new(config.to_string());
    manifest(&DOCKER, config, &[foreign, ours.descriptor(DOCKER_LAYER)]).with_blobs([ours])
}

/// An image as engines pushed it until 2015, with an empty archive as its last layer, whose digest is well known. The
/// image is complete (distribution, `manifest/schema1/config_builder.go`).
pub(super) fn image_with_empty_layer() -> Artifact {
    /// The digest of an archive that is two empty blocks.
    const NOTHING: &str = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
    let ours = Layer::with_greeting("Hello from linux/amd64.\n");
    let empty = Blob { digest: EMPTY_LAYER.to_owned(), bytes: EMPTY_LAYER_BYTES.into() };
    let mut config = config_of(&AMD64, CREATED, &ours.diff_id);
    config["rootfs"]["diff_ids"] = json!([ours.diff_id, NOTHING]);
    config["history"][1].as_object_mut().map(|step| step.shift_remove("empty_layer"));
    let ours = ours.blob();
    let layers = [ours.descriptor(DOCKER_LAYER), empty.descriptor(DOCKER_LAYER)];
    manifest(&DOCKER, Blob::new(config.to_string()), &layers).with_blobs([ours, empty])
}

/// An image of one layer for a platform.
pub(super) fn image(family: &Family, platform: &Platform) -> Artifact {
    let greeting = format!("Hello from {}/{}.\n", platform.os, platform.architecture);
    greeting_image(family, platform, &greeting, CREATED)
}

/// Another image for the same platform.
pub(super) fn newer_image(family: &Family, platform: &Platform) -> Artifact {
    let greeting = format!("Hello again from {}/{}.\n", platform.os, platform.architecture);
    greeting_image(family, platform, &greeting, "2025-06-07T08:09:10Z")
}

fn greeting_image(family: &Family, platform: &Platform, greeting: &str, created: &str) -> Artifact {
    let layer = match platform.os {
        // Windows layers have the files of an image below a directory of this name.
        "windows" => Layer::with_file("Files/greeting", greeting),
        _ => Layer::with_greeting(greeting),
    };
    let config = Blob::new(config_of(platform, created, &layer.diff_id).to_string());
    let layer = layer.blob();
    manifest(family, config, &[layer.descriptor(family.layer)]).with_blobs([layer])
}

/// An image of these layers, with a config without history.
pub(super) fn image_of(family: &Family, platform: &Platform, layers: Vec<Layer>) -> Artifact {
    let mut config = config_of(platform, CREATED, "");
    config["rootfs"]["diff_ids"] = layers.iter().map(|layer| Value::from(layer.diff_id.as_str())).collect();
    config["history"] = json!([]);
    let layers: Vec<_> = layers.iter().map(Layer::blob).collect();
    let described: Vec<_> = layers.iter().map(|layer| layer.descriptor(family.layer)).collect();
    manifest(family, Blob::new(config.to_string()), &described).with_blobs(layers)
}

/// The manifest of an image with these layer descriptors, stored along with its config.
pub(super) fn manifest(family: &Family, config: Blob, layers: &[Value]) -> Artifact {
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": family.manifest,
        "config": config.descriptor(family.config),
        "layers": layers,
    });
    Artifact::new(family.manifest, &manifest).with_blobs([config])
}

/// A config as a build writes it: one step made the layer, the other changed settings only.
fn config_of(platform: &Platform, created: &str, diff_id: &str) -> Value {
    let rest = json!({
        "created": created,
        "config": {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "GREETING=hello"],
            "Entrypoint": ["/bin/cat"],
            "Cmd": ["/greeting"],
            "WorkingDir": "/",
            "Labels": { "org.opencontainers.image.title": "greeting" },
        },
        "rootfs": { "type": "layers", "diff_ids": [diff_id] },
        "history": [
            { "created": created, "created_by": "COPY greeting /greeting" },
            { "created": created, "created_by": "ENTRYPOINT [\"/bin/cat\"]", "empty_layer": true },
        ],
    });
    let mut config: Map<String, Value> = platform.fields();
    config.extend(rest.as_object().cloned().unwrap_or_default());
    Value::Object(config)
}
