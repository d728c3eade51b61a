//! The images that the tests push, with true digests throughout.
//!
//! They have the shapes of the recorded matrix and its names: `schema2`, `list`, `list-arm-only`, `oci`, `oci-nomt`,
//! `index`, `index-nomt` and `artifact`, where `nomt` means without the `mediaType` field.

use serde_json::{Value, json};

use super::digest_of;
use super::layer::Layer;

/// The media types of manifests and of what they refer to.
pub mod media_type {
    pub const DOCKER_V1: &str = "application/vnd.docker.distribution.manifest.v1+json";
    pub const DOCKER_V1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    pub const DOCKER_V2: &str = "application/vnd.docker.distribution.manifest.v2+json";
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
    pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
    pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    pub const OCI_EMPTY: &str = "application/vnd.oci.empty.v1+json";
}

use media_type::{
    DOCKER_CONFIG, DOCKER_LAYER, DOCKER_LIST, DOCKER_V2, OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER, OCI_MANIFEST,
};

/// The content of the recorded matrix, in its order.
pub const RECORDED_NAMES: [&str; 8] =
    ["schema2", "list", "list-arm-only", "oci", "oci-nomt", "index", "index-nomt", "artifact"];

/// A manifest, list or index, with everything that has to be in the registry before it.
#[derive(Clone)]
pub struct Document {
    /// What it is pushed as.
    pub media_type: &'static str,
    /// The bytes that its digest is made of.
    pub bytes: Vec<u8>,
    /// The digest under which it is stored.
    pub digest: String,
    /// The configuration and the layers that it refers to.
    pub blobs: Vec<Vec<u8>>,
    /// The documents of single platforms that it refers to.
    pub children: Vec<Document>,
}

impl Document {
    fn new(media_type: &'static str, content: &Value) -> Self {
        let bytes = serde_json::to_vec_pretty(content).expect("JSON");
        Self { media_type, digest: digest_of(&bytes), bytes, blobs: Vec::new(), children: Vec::new() }
    }

    /// The digest of the image's configuration, which is stored as a blob.
    pub fn config_digest(&self) -> String {
        let content: Value = serde_json::from_slice(&self.bytes).expect("JSON");
        content["config"]["digest"].as_str().expect("a document with a configuration").to_owned()
    }
}

/// The content of this name in the recorded matrix.
pub fn recorded(name: &str) -> Document {
    match name {
        "schema2" => docker_image("amd64"),
        "list" => docker_list(&["amd64", "arm64"]),
        "list-arm-only" => docker_list(&["arm64"]),
        "oci" => oci_image("amd64", Field::Present),
        "oci-nomt" => oci_image("amd64", Field::Absent),
        "index" => oci_index(&["amd64", "arm64"], Field::Present),
        "index-nomt" => oci_index(&["amd64", "arm64"], Field::Absent),
        "artifact" => artifact(),
        _ => panic!("the recorded matrix has no {name:?}"),
    }
}

/// Whether a document has its optional `mediaType` field. Distribution 2.8 treats an index by it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Present,
    Absent,
}

/// A Docker v2 image ("schema 2") for Linux on this architecture.
pub fn docker_image(architecture: &str) -> Document {
    let layer = layer_for(architecture);
    image(&DOCKER, &image_config(architecture, &layer.diff_id), layer, Field::Present)
}

/// A Docker v2 image of which every history entry has made a layer, which is rare.
pub fn docker_image_of_layers_only(architecture: &str) -> Document {
    let layer = layer_for(architecture);
    let mut config = image_config(architecture, &layer.diff_id);
    config["history"].as_array_mut().expect("a list").truncate(1);
    image(&DOCKER, &config, layer, Field::Present)
}

/// An OCI image for Linux on this architecture.
pub fn oci_image(architecture: &str, own_type: Field) -> Document {
    let layer = layer_for(architecture);
    image(&OCI, &image_config(architecture, &layer.diff_id), layer, own_type)
}

/// A Docker manifest list of images for these architectures.
pub fn docker_list(architectures: &[&str]) -> Document {
    list(DOCKER_LIST, Field::Present, architectures, docker_image)
}

/// An OCI index of images for these architectures.
pub fn oci_index(architectures: &[&str], own_type: Field) -> Document {
    list(OCI_INDEX, own_type, architectures, |architecture| oci_image(architecture, Field::Present))
}

/// Something that is no image: a document about an image, with the empty configuration of OCI 1.1.
pub fn artifact() -> Document {
    let subject = oci_image("amd64", Field::Present);
    let statement = br#"{"statement":"looks good"}"#.to_vec();
    let empty = b"{}".to_vec();
    let mut document = Document::new(
        OCI_MANIFEST,
        &json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": "application/vnd.example.statement.v1+json",
            "config": descriptor(OCI_EMPTY, &empty),
            "layers": [descriptor("application/vnd.example.statement.v1+json", &statement)],
            "subject": descriptor(OCI_MANIFEST, &subject.bytes),
        }),
    );
    document.blobs = vec![empty, statement];
    document.children = vec![subject];
    document
}

/// What an image of one family is made of.
struct Family {
    manifest: &'static str,
    config: &'static str,
    layer: &'static str,
}

const DOCKER: Family = Family { manifest: DOCKER_V2, config: DOCKER_CONFIG, layer: DOCKER_LAYER };
const OCI: Family = Family { manifest: OCI_MANIFEST, config: OCI_CONFIG, layer: OCI_LAYER };

fn image(family: &Family, config: &Value, layer: Layer, own_type: Field) -> Document {
    let config = serde_json::to_vec(config).expect("JSON");
    let mut content = json!({
        "schemaVersion": 2,
        "mediaType": family.manifest,
        "config": descriptor(family.config, &config),
        "layers": [descriptor(family.layer, &layer.bytes)],
    });
    if own_type == Field::Absent {
        content.as_object_mut().expect("an object").shift_remove("mediaType");
    }
    let mut document = Document::new(family.manifest, &content);
    document.blobs = vec![config, layer.bytes];
    document
}

fn list(kind: &'static str, own_type: Field, architectures: &[&str], image: fn(&str) -> Document) -> Document {
    let children: Vec<Document> = architectures.iter().map(|architecture| image(architecture)).collect();
    let entries = children.iter().zip(architectures).map(|(child, architecture)| {
        let mut entry = descriptor(child.media_type, &child.bytes);
        entry["platform"] = json!({ "architecture": architecture, "os": "linux" });
        entry
    });
    let mut content = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": entries.collect::<Vec<_>>() });
    if own_type == Field::Absent {
        content.as_object_mut().expect("an object").shift_remove("mediaType");
    }
    let mut document = Document::new(kind, &content);
    document.children = children;
    document
}

fn layer_for(architecture: &str) -> Layer {
    Layer::with_greeting(&format!("Hello from linux/{architecture}.\n"))
}

/// A configuration as a build writes it: one history entry made the layer, the other changed settings only.
fn image_config(architecture: &str, diff_id: &str) -> Value {
    json!({
        "architecture": architecture,
        "os": "linux",
        "created": "2024-05-06T07:08:09Z",
        "author": "The tests",
        "config": {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "GREETING=hello"],
            "Entrypoint": ["/bin/cat"],
            "Cmd": ["/greeting"],
            "WorkingDir": "/",
            "Labels": { "org.opencontainers.image.title": "greeting" },
        },
        "rootfs": { "type": "layers", "diff_ids": [diff_id] },
        "history": [
            { "created": "2024-05-06T07:08:09Z", "created_by": "COPY greeting /greeting" },
            { "created": "2024-05-06T07:08:09Z", "created_by": "ENTRYPOINT [\"/bin/cat\"]", "empty_layer": true },
        ],
    })
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "size": content.len(), "digest": digest_of(content) })
}
