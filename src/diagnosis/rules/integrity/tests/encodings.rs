//! `Content-Encoding` headers on bytes that are not encoded.

use crate::diagnosis::testing::{Canned, DOCKER_IMAGE, Scene, TestImage, answer, digest_of, gzip, scene, served};
use crate::diagnosis::{Certainty, Severity};
use crate::oci::media_type;

fn manifest(reply: &Canned) -> Scene {
    scene("r.example.com/demo/app:1").to(&["all"], reply)
}

fn plain(encoding: &str) -> Canned {
    served(media_type::DOCKER_V2, DOCKER_IMAGE).header("content-encoding", encoding)
}

/// docker-archive/docker-registry#369.
#[test]
fn gzip_header_on_plain_json_is_an_error() {
    for encoding in ["gzip", "x-gzip", "GZIP"] {
        let scene = manifest(&plain(encoding));
        assert_eq!(scene.verdict(), (vec!["content-encoding-false"], 17), "{encoding}");
        let finding = scene.finding("content-encoding-false").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        assert!(finding.cause.contains("only the header is wrong"), "{finding:?}");
        assert!(!finding.fix[0].text.contains("compression"), "{finding:?}");
    }
    // Without a digest to compare with, JSON is not gzip all the same.
    let unnamed = plain("gzip").header("docker-content-digest", "");
    assert_eq!(manifest(&unnamed).verdict(), (vec!["content-encoding-false"], 17));
}

/// Go clients decode only gzip by default.
#[test]
fn other_encodings_on_plain_json_are_a_warning() {
    for encoding in ["br", "deflate", "zstd"] {
        let scene = manifest(&plain(encoding));
        assert_eq!(scene.verdict(), (vec!["content-encoding-false"], 0), "{encoding}");
    }
}

#[test]
fn encoded_body_is_not_reported_as_a_false_header() {
    let packed = answer(200, media_type::DOCKER_V2, "").bytes(&gzip(DOCKER_IMAGE.as_bytes()));
    let packed = packed.header("content-encoding", "gzip");
    let announced = packed.clone().header("docker-content-digest", &digest_of(DOCKER_IMAGE).to_string());
    for reply in [packed, announced, plain("identity")] {
        assert_eq!(manifest(&reply).finding("content-encoding-false"), None, "{reply:?}");
    }
    let by_head = plain("gzip").by_head();
    assert_eq!(manifest(&by_head).finding("content-encoding-false"), None);
}

/// Storage metadata that describes how the layer itself is compressed.
#[test]
fn gzip_header_on_a_stored_gzip_layer_is_an_error() {
    let image = TestImage::of("linux/amd64");
    let of = |bytes: &[u8]| {
        let layer = answer(200, "", "").bytes(bytes).header("content-encoding", "gzip");
        image.rest_served(image.scene().told(image.layer_question(0), &[layer]))
    };
    let stored = of(&image.layers[0].1);
    assert_eq!(stored.verdict(), (vec!["content-encoding-false"], 17));
    assert!(stored.finding("content-encoding-false").unwrap().cause.contains("stored form"));
    let packed_again = of(&gzip(&image.layers[0].1));
    assert_eq!(packed_again.finding("content-encoding-false"), None);
    assert_eq!(packed_again.finding("body-transformed").unwrap().severity, Severity::Warning);
}

#[test]
fn gzip_header_on_a_plain_config_is_an_error() {
    let image = TestImage::of("linux/amd64");
    let config = answer(200, "", "").bytes(&image.config).header("content-encoding", "gzip");
    let scene = image.rest_served(image.scene().told(image.config_question(), &[config]));
    assert_eq!(scene.verdict(), (vec!["content-encoding-false"], 17));
}
