//! The content that 3.1.1 had when it was recorded, made again: the recording has the configuration and one manifest,
//! and the digests and lengths of all, by which the others are known to be right.

use ociscope::internals::Piece;
use serde_json::{Value, json};

use crate::support::content::media_type::{
    DOCKER_CONFIG, DOCKER_LAYER, DOCKER_LIST, DOCKER_V2, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST,
};
use crate::support::digest_of;

/// The layer. Its 96 bytes were not kept; any others stand for them.
const LAYER: &str = "sha256:8c895b07f45979367be9aad25590e7fab0d086203b512f7f189d9b84ca389c12";
/// The artifact. Its 711 bytes were not kept either.
const ARTIFACT: &str = "sha256:e1a93984099894e3c5aea59113aaec659d86edb17b89ae90fd8c9918abe388be";

fn config(architecture: &str) -> String {
    format!(
        r#"{{"architecture": "{architecture}", "os": "linux", "config": {{}}, "rootfs": {{"type": "layers", "diff_ids": ["sha256:6daa7314a2a6acc93ae1f690c3da1cbd451ff3db59516a571d2e7925dbf3be08"]}}, "history": [{{"created": "2020-01-01T00:00:00Z", "created_by": "x"}}]}}"#
    )
}

fn descriptor(media_type: &str, size: usize, digest: &str) -> Value {
    json!({ "mediaType": media_type, "size": size, "digest": digest })
}

/// A document under its tag, if its digest is the recorded one.
#[track_caller]
fn document(tag: &'static str, digest: &str, media_type: &str, content: &Value) -> (Option<&'static str>, Piece) {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"   ");
    serde::Serialize::serialize(content, &mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
        .expect("JSON");
    assert!(digest_of(&bytes).starts_with(digest), "{tag} is not what was recorded");
    (Some(tag), Piece { media_type: Some(media_type.to_owned()), digest: digest_of(&bytes), bytes: bytes.into() })
}

/// All of it, with the tags.
pub fn recorded() -> Vec<(Option<&'static str>, Piece)> {
    let blob = |bytes: Vec<u8>| Piece { media_type: None, digest: digest_of(&bytes), bytes: bytes.into() };
    let (amd64, arm64) = (blob(config("amd64").into_bytes()), blob(config("arm64").into_bytes()));
    let layer = Piece { media_type: None, digest: LAYER.to_owned(), bytes: vec![0; 96].into() };
    let image = |manifest, config_type, layer_type, config: &Piece| {
        json!({
            "schemaVersion": 2,
            "mediaType": manifest,
            "config": descriptor(config_type, config.bytes.len(), &config.digest),
            "layers": [descriptor(layer_type, 96, LAYER)],
        })
    };
    let list = |kind, child_type, children: &[(&Piece, &str)]| {
        let children = children.iter().map(|(child, architecture)| {
            let mut child = descriptor(child_type, child.bytes.len(), &child.digest);
            child["platform"] = json!({ "architecture": architecture, "os": "linux" });
            child
        });
        json!({ "schemaVersion": 2, "mediaType": kind, "manifests": children.collect::<Vec<_>>() })
    };
    let without_type = |mut content: Value| {
        content.as_object_mut().expect("an object").shift_remove("mediaType");
        content
    };
    let docker = |config| image(DOCKER_V2, DOCKER_CONFIG, DOCKER_LAYER, config);
    let oci = |config| image(OCI_MANIFEST, OCI_CONFIG, OCI_LAYER, config);

    let schema2 = document("schema2", "sha256:cbe6b5a80e0861b61abc", DOCKER_V2, &docker(&amd64));
    let schema2_arm = document("schema2arm", "sha256:8560ea617e1b2eb89334", DOCKER_V2, &docker(&arm64));
    let oci_image = document("oci", "sha256:2bfa6b82eab537e733a3", OCI_MANIFEST, &oci(&amd64));
    let oci_nomt = document("oci-nomt", "sha256:a368b6576aac91dd8209", OCI_MANIFEST, &without_type(oci(&arm64)));
    let both = list(DOCKER_LIST, DOCKER_V2, &[(&schema2.1, "amd64"), (&schema2_arm.1, "arm64")]);
    let arm_only = list(DOCKER_LIST, DOCKER_V2, &[(&schema2_arm.1, "arm64")]);
    let index = list(OCI_INDEX, OCI_MANIFEST, &[(&oci_image.1, "amd64")]);
    let mut artifact = format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}"}}"#).into_bytes();
    artifact.resize(711, b' ');
    let artifact =
        Piece { media_type: Some(OCI_MANIFEST.to_owned()), digest: ARTIFACT.to_owned(), bytes: artifact.into() };
    vec![
        document("list", "sha256:d5551a277435f1c60705", DOCKER_LIST, &both),
        document("list-arm-only", "sha256:3de44dd3dc09c709244b", DOCKER_LIST, &arm_only),
        document("index", "sha256:d1940d090b279f7533bb", OCI_INDEX, &index),
        document("index-nomt", "sha256:ca7d9470b7a702082863", OCI_INDEX, &without_type(index)),
        (Some("artifact"), artifact),
        schema2,
        schema2_arm,
        oci_image,
        oci_nomt,
        (None, amd64),
        (None, arm64),
        (None, layer),
    ]
}
