//! The staged pairs. What each differs in was written down by whoever staged it.

use serde_json::json;

use super::super::REPOSITORY;
use super::staging::{Stage, edited, value, with_attestation, with_config, with_layer, written};
use crate::support::content::{Field, docker_image, docker_list, media_type, oci_image, oci_index};
use crate::support::digest_of;
use crate::support::layer::Layer;

/// The bytes of a stored gzip member around its content: the header with the block's, and the checksums.
const GZIP: (usize, usize) = (15, 8);

/// A staged pair, and what is to be said of it.
pub(super) struct Pair {
    /// The tag on both sides.
    pub tag: &'static str,
    pub stage: fn(&Stage, &str),
    pub status: i32,
    /// The kinds of the differences that clients notice, without those of the answers to other Accept headers.
    pub reasons: &'static [&'static str],
    /// Words that the differences have.
    pub words: &'static [&'static str],
    /// Consequences: who, and what they get.
    pub consequences: &'static [(&'static str, &'static str)],
}

pub(super) const PAIRS: &[Pair] = &[
    Pair {
        tag: "same-image",
        stage: |stage, tag| stage.on_both(tag, &docker_image("amd64")),
        status: 0,
        reasons: &[],
        words: &[],
        consequences: &[],
    },
    Pair {
        tag: "same-index-copied",
        stage: |stage, tag| stage.copied(tag, &oci_index(&["amd64", "arm64"], Field::Present), &["--all"]),
        status: 0,
        reasons: &[],
        words: &[],
        consequences: &[],
    },
    Pair {
        tag: "white-space",
        stage: |stage, tag| {
            let image = docker_image("amd64");
            let compact = value(&image).to_string();
            stage.each(tag, &image, &written(&image, compact.into_bytes()));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["other bytes: white space."],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "trailing-newline",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            stage.each(tag, &image, &written(&image, [&image.bytes[..], b"\n"].concat()));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["white space at the end"],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "order-of-fields",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let fields = value(&image).as_object().expect("an object").clone();
            let turned: serde_json::Map<_, _> = fields.into_iter().rev().collect();
            stage.each(tag, &image, &written(&image, serde_json::to_vec_pretty(&turned).expect("JSON")));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["the order of fields."],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "index-written-anew",
        stage: |stage, tag| {
            let index = oci_index(&["amd64", "arm64"], Field::Present);
            let compact = value(&index).to_string();
            stage.each(tag, &index, &written(&index, compact.into_bytes()));
        },
        status: 4,
        reasons: &["same-json"],
        words: &["The index is the same JSON"],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same")],
    },
    Pair {
        tag: "docker-to-oci",
        stage: |stage, tag| stage.copied(tag, &docker_image("amd64"), &["--format", "oci"]),
        status: 4,
        // skopeo writes the config anew (containers/image, internal/image/docker_schema2.go).
        reasons: &["converted", "same-json"],
        words: &["a Docker v2 manifest, B as an OCI manifest", "The config is the same JSON in other bytes"],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same-content"), ("accept-variants", "fails")],
    },
    Pair {
        tag: "oci-to-docker",
        stage: |stage, tag| stage.copied(tag, &oci_image("amd64", Field::Present), &["--format", "v2s2"]),
        status: 4,
        // skopeo keeps the config (containers/image, internal/image/oci.go).
        reasons: &["converted"],
        words: &["an OCI manifest, B as a Docker v2 manifest"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "docker-to-schema1",
        stage: |stage, tag| stage.copied(tag, &docker_image("amd64"), &["--format", "v2s1"]),
        status: 4,
        reasons: &["converted"],
        words: &["B as a Docker schema 1 manifest"],
        consequences: &[("pulls-by-digest", "fails")],
    },
    Pair {
        tag: "list-to-index",
        stage: |stage, tag| {
            let list = docker_list(&["amd64", "arm64"]);
            let index = edited(&list, media_type::OCI_INDEX, |list| list["mediaType"] = json!(media_type::OCI_INDEX));
            stage.each(tag, &list, &index);
        },
        status: 4,
        reasons: &["converted"],
        words: &["A serves the index as a Docker manifest list, B as an OCI index"],
        consequences: &[("pulls-by-tag", "same")],
    },
    Pair {
        tag: "gzip-to-zstd",
        stage: |stage, tag| {
            // A layer that the registry does not have yet, compressed in another way: skopeo would mount that.
            let Layer { bytes, diff_id } = Layer::with_greeting("Hello, zstd.\n");
            let image = with_layer(&oci_image("amd64", Field::Present), bytes, media_type::OCI_LAYER);
            let image = with_config(&image, |config| config["rootfs"]["diff_ids"][0] = json!(diff_id));
            stage.copied(tag, &image, &["--dest-compress-format", "zstd"]);
        },
        status: 4,
        reasons: &["recompressed"],
        words: &["the only layer was recompressed (gzip on A, zstd on B)"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "gzip-again",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let mut layer = image.blobs[1].clone();
            // The system on which the member was made (RFC 1952, section 2.3.1).
            layer[9] = 3;
            stage.each(tag, &image, &with_layer(&image, layer, media_type::OCI_LAYER));
        },
        status: 4,
        reasons: &["recompressed"],
        words: &["both gzip"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "uncompressed",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let member = &image.blobs[1];
            let archive = member[GZIP.0..member.len() - GZIP.1].to_vec();
            stage.each(tag, &image, &with_layer(&image, archive, "application/vnd.oci.image.layer.v1.tar"));
        },
        status: 4,
        reasons: &["recompressed"],
        words: &["gzip on A, uncompressed on B"],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "platform-left-out",
        stage: |stage, tag| {
            let index = oci_index(&["amd64", "arm64"], Field::Present);
            stage.each(tag, &index, &oci_index(&["amd64"], Field::Present));
        },
        status: 4,
        reasons: &["platforms"],
        words: &["B lacks linux/arm64."],
        consequences: &[("pulls-by-tag", "same"), ("platforms", "fails")],
    },
    Pair {
        tag: "one-platform-copied",
        stage: |stage, tag| {
            let index = oci_index(&["amd64", "arm64"], Field::Present);
            stage.copied(tag, &index, &["--override-os", "linux", "--override-arch", "amd64"]);
        },
        status: 4,
        reasons: &["image-of-index"],
        words: &["B serves the linux/amd64 image of A's index instead of the index, so it lacks linux/arm64."],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "same"), ("platforms", "fails")],
    },
    Pair {
        tag: "image-deleted",
        stage: |stage, tag| {
            // An image of its own, because deletion is for all tags.
            let index = oci_index(&["amd64", "s390x"], Field::Present);
            stage.on_both(tag, &index);
            stage.b.delete_manifest(REPOSITORY, &oci_image("s390x", Field::Present).digest).expect(202);
        },
        status: 4,
        reasons: &["missing"],
        words: &["B does not serve the linux/s390x image (missing)."],
        consequences: &[("platforms", "fails")],
    },
    Pair {
        tag: "layer-deleted",
        stage: |stage, tag| {
            let image = docker_image("ppc64le");
            let own = format!("{REPOSITORY}-layers");
            stage.a.push(&own, tag, &image);
            stage.b.push(&own, tag, &image);
            stage.b.delete_blob(&own, &digest_of(&image.blobs[1])).expect(202);
        },
        status: 4,
        reasons: &["missing"],
        words: &["B does not serve layer"],
        consequences: &[("pulls-by-tag", "fails")],
    },
    Pair {
        tag: "settings",
        stage: |stage, tag| {
            let image = docker_image("amd64");
            let other = with_config(&image, |config| config["config"]["Env"] = json!(["PATH=/bin"]));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["config"],
        words: &["The configs differ in config.Env."],
        consequences: &[("pulls-by-digest", "fails"), ("pulls-by-tag", "other")],
    },
    Pair {
        tag: "date-of-the-build",
        stage: |stage, tag| {
            let image = docker_image("amd64");
            let other = with_config(&image, |config| config["created"] = json!("2025-01-02T03:04:05Z"));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["config"],
        words: &["The configs differ in created."],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "another-image",
        stage: |stage, tag| {
            // The greeting of another architecture, in an image for this one.
            let image = docker_image("amd64");
            let other = docker_image("arm64");
            let other = with_config(&other, |config| config["architecture"] = json!("amd64"));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["config", "layers"],
        words: &["Other layers: A has 1, B 1, and none is on both sides."],
        consequences: &[("pulls-by-tag", "other")],
    },
    Pair {
        tag: "annotations",
        stage: |stage, tag| {
            let image = oci_image("amd64", Field::Present);
            let other = edited(&image, image.media_type, |image| image["annotations"] = json!({ "a": "b" }));
            stage.each(tag, &image, &other);
        },
        status: 4,
        reasons: &["fields"],
        words: &["Other fields of the manifest differ: annotations."],
        consequences: &[("pulls-by-tag", "same-content")],
    },
    Pair {
        tag: "attestation-left-out",
        stage: |stage, tag| {
            let plain = oci_index(&["amd64"], Field::Present);
            stage.each(tag, &with_attestation(&plain), &plain);
        },
        status: 4,
        reasons: &["entries"],
        words: &["A lists 1 attestation, B none."],
        consequences: &[("pulls-by-tag", "same")],
    },
    Pair {
        tag: "index-and-another-image",
        stage: |stage, tag| {
            let image =
                with_config(&oci_image("amd64", Field::Present), |config| config["config"]["Cmd"] = json!(["x"]));
            stage.each(tag, &oci_index(&["amd64", "arm64"], Field::Present), &image);
        },
        status: 4,
        reasons: &["index-and-image", "config"],
        words: &["A serves an index, B an OCI manifest that is not in it, so it lacks linux/arm64."],
        consequences: &[("pulls-by-tag", "other"), ("platforms", "fails")],
    },
];
