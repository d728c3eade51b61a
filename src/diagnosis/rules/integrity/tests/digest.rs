//! Requests for the digest that a tag resolves to.

use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, Scene, TestImage, UNKNOWN, answer, digest_of, failed, refused, scene, served,
};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::{FailureKind, Method, Query};
use crate::oci::media_type;

fn image() -> TestImage {
    TestImage::of("linux/amd64")
}

fn by_digest(reply: &Canned) -> Scene {
    let image = image();
    image.rest_served(image.scene().told(image.digest_question(), std::slice::from_ref(reply)))
}

/// tazjin/nixery#102.
#[test]
fn unknown_digest_of_a_served_tag_is_an_error() {
    let scene = by_digest(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["tag-digest-not-served"], 17));
    let finding = scene.finding("tag-digest-not-served").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(
        finding.cause.contains("containerd") && finding.cause.contains("Docker falls back to the tag"),
        "{finding:?}"
    );
}

#[test]
fn digest_refused_without_404_is_a_likely_error() {
    for (reply, exit) in [(refused(403, "{}"), 13), (refused(500, "{}"), 19), (failed(FailureKind::Closed), 15)] {
        let scene = by_digest(&reply);
        assert_eq!(scene.verdict(), (vec!["tag-digest-not-served"], exit), "{reply:?}");
        assert_eq!(scene.finding("tag-digest-not-served").unwrap().certainty, Certainty::Likely);
    }
}

#[test]
fn served_digest_rate_limit_or_interruption_is_not_reported() {
    for reply in [
        served(media_type::OCI_MANIFEST, &image().manifest()),
        refused(429, "{}"),
        failed(FailureKind::Interrupted),
        failed(FailureKind::Deadline),
    ] {
        assert_eq!(by_digest(&reply).finding("tag-digest-not-served"), None, "{reply:?}");
    }
}

#[test]
fn other_content_or_media_type_under_the_digest_is_reported() {
    let other = by_digest(&served(media_type::OCI_MANIFEST, DOCKER_IMAGE));
    assert_eq!(other.verdict(), (vec!["tag-digest-not-served"], 17));
    let retyped = by_digest(&served("application/json", &image().manifest()));
    assert_eq!(retyped.finding("tag-digest-not-served").unwrap().severity, Severity::Warning);
    assert_eq!(retyped.verdict().1, 0);
}

#[test]
fn pins_and_probes_do_not_request_the_digest() {
    let asks = |scene: &Scene| scene.judge().questions.iter().any(|question| matches!(question, Query::OwnDigest(..)));
    let tag = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(!asks(&tag), "a probe requests one manifest");
    assert!(asks(&tag.diagnosed()));
    let pin = scene(&format!("r.example.com/demo/app@{}", digest_of(DOCKER_IMAGE)));
    assert!(!asks(&pin.to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE)).diagnosed()));
}

/// A registry that counts GETs gets HEAD first, and GET only if HEAD does not find the digest.
#[test]
fn registry_that_counts_gets_receives_head_first() {
    let digest = digest_of(DOCKER_IMAGE);
    let manifest = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let (by_head, by_get) = ([Method::Head, Method::Get]).map(|method| Query::OwnDigest(digest.clone(), method)).into();
    let hub = || scene("docker.io/demo/app:1").to(&["all"], &manifest).diagnosed();
    let questions = hub().judge().questions;
    assert!(questions.contains(&by_head) && !questions.contains(&by_get), "{questions:?}");
    let found = hub().told(by_head.clone(), &[manifest.clone().by_head()]);
    assert!(!found.judge().questions.contains(&by_get));
    let refused_head = hub().told(by_head, &[answer(404, "", "").by_head()]);
    assert!(refused_head.judge().questions.contains(&by_get));
    assert_eq!(refused_head.told(by_get, &[manifest]).finding("tag-digest-not-served"), None);
}
