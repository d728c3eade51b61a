//! The digest that a tag stands for, asked for by itself.

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
fn digest_that_is_unknown_stops_clients_that_resolve_tags() {
    let scene = by_digest(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["tag-digest-not-served"], 17));
    let finding = scene.finding("tag-digest-not-served").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("containerd") && finding.cause.contains("Docker asks by tag again"), "{finding:?}");
}

#[test]
fn digest_that_is_refused_otherwise_is_likely() {
    for (reply, exit) in [(refused(403, "{}"), 13), (refused(500, "{}"), 19), (failed(FailureKind::Closed), 15)] {
        let scene = by_digest(&reply);
        assert_eq!(scene.verdict(), (vec!["tag-digest-not-served"], exit), "{reply:?}");
        assert_eq!(scene.finding("tag-digest-not-served").unwrap().certainty, Certainty::Likely);
    }
}

#[test]
fn what_passes_is_no_fault_of_the_digest() {
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
fn other_content_or_another_type_under_the_digest_is_told() {
    let other = by_digest(&served(media_type::OCI_MANIFEST, DOCKER_IMAGE));
    assert_eq!(other.verdict(), (vec!["tag-digest-not-served"], 17));
    let retyped = by_digest(&served("application/json", &image().manifest()));
    assert_eq!(retyped.finding("tag-digest-not-served").unwrap().severity, Severity::Warning);
    assert_eq!(retyped.verdict().1, 0);
}

#[test]
fn pins_and_probes_do_not_ask_for_it() {
    let asks = |scene: &Scene| scene.judge().questions.iter().any(|question| matches!(question, Query::OwnDigest(..)));
    let tag = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(!asks(&tag), "a probe asks for one manifest");
    assert!(asks(&tag.diagnosed()));
    let pin = scene(&format!("r.example.com/demo/app@{}", digest_of(DOCKER_IMAGE)));
    assert!(!asks(&pin.to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE)).diagnosed()));
}

/// Where GETs are counted, HEAD is asked, and believed only where it finds the digest.
#[test]
fn counted_registry_is_asked_by_head() {
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
