//! Bytes and their digests.

mod decoding;
mod descriptors;
mod digest;
mod encodings;
mod pieces;

use crate::diagnosis::Severity;
use crate::diagnosis::testing::{DOCKER_IMAGE, DOCKER_V1, Scene, answer, digest_of, scene, served};
use crate::evidence::{FailureKind, Step};
use crate::oci::media_type;

fn by_tag() -> Scene {
    scene("r.example.com/demo/app:1")
}

fn by_digest(of: &str) -> Scene {
    scene(&format!("r.example.com/demo/app@{}", digest_of(of)))
}

#[test]
fn content_with_another_digest_than_requested_is_an_error() {
    let other = by_digest("other").to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert_eq!(other.verdict(), (vec!["content-does-not-match-digest"], 17));
    let same = by_digest(DOCKER_IMAGE).to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert_eq!(same.verdict(), (vec![], 0));
}

/// T15: an empty body is not a damaged document.
#[test]
fn empty_body_is_recognized_by_its_digest() {
    let empty = by_digest(DOCKER_IMAGE).to(&["all"], &served(media_type::DOCKER_V2, ""));
    let finding = empty.finding("content-does-not-match-digest").unwrap();
    assert!(finding.cause.contains("the body is empty"), "{finding:?}");
}

/// T14, T43: an invalid header, a HEAD response, an encoded and a signed document prove nothing.
#[test]
fn incomparable_digests_are_not_compared() {
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("docker-content-digest", "sha256:odd");
    let signed = served(media_type::DOCKER_V1_SIGNED, DOCKER_V1)
        .header("docker-content-digest", &digest_of("without signatures").to_string());
    let encoded = served(media_type::DOCKER_V2, "").bytes(b"\x1f\x8b").header("content-encoding", "gzip");
    let encoded = encoded.header("docker-content-digest", &digest_of(DOCKER_IMAGE).to_string());
    let head = served(media_type::DOCKER_V2, DOCKER_IMAGE).by_head();
    for reply in [image, signed, encoded.clone(), head] {
        let scene = by_digest("other").to(&["all"], &reply);
        assert!(scene.finding("digest-header-wrong").is_none(), "{reply:?}");
        assert_eq!(scene.verdict().1 == 17, reply.response.as_ref().unwrap().body.bytes == DOCKER_IMAGE, "{reply:?}");
    }
    assert_eq!(by_tag().to(&["all"], &encoded).verdict(), (vec!["body-transformed"], 0));
    let identity = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("content-encoding", "identity");
    assert_eq!(by_tag().to(&["all"], &identity).verdict(), (vec![], 0));
}

#[test]
fn wrong_digest_header_is_an_error_unless_the_body_has_the_requested_digest() {
    let digest = digest_of("other").to_string();
    let wrong = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("docker-content-digest", &digest);
    assert_eq!(by_tag().to(&["all"], &wrong).verdict(), (vec!["digest-header-wrong"], 17));
    let right_bytes = by_digest(DOCKER_IMAGE).to(&["all"], &wrong);
    assert_eq!(right_bytes.verdict(), (vec!["digest-header-wrong"], 0));
    assert_eq!(right_bytes.finding("digest-header-wrong").unwrap().severity, Severity::Warning);
    let both_wrong = by_digest("third").to(&["all"], &wrong);
    assert_eq!(both_wrong.verdict(), (vec!["content-does-not-match-digest"], 17));
}

#[test]
fn body_cut_short_is_not_a_refusal() {
    for kind in [FailureKind::BodyCutShort, FailureKind::Timeout(Step::Body)] {
        let scene = by_tag().to(&["all"], &served(media_type::DOCKER_V2, "{\"schema").broken(kind.clone()));
        assert_eq!(scene.verdict(), (vec!["body-cut-short"], 17));
        let error = by_tag().to(&["all"], &answer(404, "application/json", "{\"err").broken(kind));
        assert!(error.finding("body-cut-short").is_none());
    }
}

#[test]
fn manifest_over_4_mib_is_not_a_body_cut_short() {
    let long = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("content-length", "5000000");
    let long = by_tag().to(&["all"], &long.broken(FailureKind::BodyTooLarge));
    assert_eq!(long.verdict(), (vec!["manifest-over-4MiB"], 17));
    assert!(long.finding("manifest-over-4MiB").unwrap().cause.contains("5000000"));
}

/// moby/moby#27580, and OCI's media type for the same layers.
#[test]
fn foreign_layers_are_a_warning() {
    for foreign in [
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ] {
        let body = DOCKER_IMAGE.replace("application/vnd.docker.image.rootfs.diff.tar.gzip", foreign);
        let image = by_tag().to(&["all"], &served(media_type::DOCKER_V2, &body));
        assert_eq!(
            image.finding("foreign-layer").map(|finding| finding.severity),
            Some(Severity::Warning),
            "{foreign}"
        );
    }
    let image = by_tag().to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(image.finding("foreign-layer").is_none());
}
