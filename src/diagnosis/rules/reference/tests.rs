//! Inputs that are not references.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{OCI_IMAGE, Scene, UNKNOWN, failed, refused, scene, served};
use crate::evidence::FailureKind;
use crate::oci::{Reference, media_type};

/// A run for the suggested reference of an input that is not one.
fn corrected(input: &str) -> Scene {
    let refusal = Reference::parse(input).unwrap_err();
    let mut scene = scene(refusal.suggestion.as_deref().unwrap());
    scene.record.mended = Some(refusal);
    scene
}

/// The first rule, and the exit status.
fn first(scene: &Scene) -> (&'static str, u8) {
    let (rules, status) = scene.verdict();
    (rules.first().copied().unwrap_or_default(), status)
}

/// macbre/push-to-ghcr#24. T38: the tag keeps its upper case.
#[test]
fn upper_case_in_a_repository_is_refused_and_kept_in_the_tag() {
    let scene = corrected("ghcr.io/HeyWillow/Willow:V1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert_eq!(first(&scene), ("uppercase-in-name", 2));
    let finding = scene.finding("uppercase-in-name").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("rejects ghcr.io/HeyWillow/Willow:V1"), "{finding:?}");
    assert!(finding.cause.contains("lower case") && finding.cause.contains("it exists"), "{finding:?}");
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose ghcr.io/heywillow/willow:V1"));
}

/// The answer for the corrected reference is a second question; the input has to be settled first.
#[test]
fn input_error_comes_before_the_answer() {
    let scene = corrected("ghcr.io/owner/App:1").others(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["uppercase-in-name"], 2));
    assert!(scene.finding("uppercase-in-name").unwrap().cause.contains("404 MANIFEST_UNKNOWN"));
    let silent = corrected("ghcr.io/owner/App:1").others(&failed(FailureKind::Dns));
    assert_eq!(silent.verdict(), (vec!["uppercase-in-name"], 2));
    assert!(silent.finding("uppercase-in-name").unwrap().cause.contains("no answer"));
}

/// openwrt/docker#84: an empty variable; a trailing slash; a web page for people.
#[test]
fn input_that_is_not_a_reference_is_reported_with_its_reason() {
    for input in ["ghcr.io/owner/app:", "ghcr.io/owner/app/", " alpine", "'alpine:3'", "hub.docker.com/_/alpine"] {
        let scene = corrected(input).others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
        assert_eq!(first(&scene), ("not-a-reference", 2), "{input}");
        let reason = Reference::parse(input).unwrap_err().rule.sentence().into_owned();
        assert!(scene.finding("not-a-reference").unwrap().cause.contains(&reason), "{input}");
    }
}

#[test]
fn control_characters_of_the_input_are_not_printed() {
    let finding = corrected("alpine\u{200b}").others(&refused(404, UNKNOWN)).finding("not-a-reference").unwrap();
    assert!(finding.cause.chars().all(crate::text::is_safe), "{finding:?}");
}

#[test]
fn valid_reference_is_not_reported() {
    let scene = scene("ghcr.io/owner/app:V1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(scene.finding("uppercase-in-name").is_none() && scene.finding("not-a-reference").is_none());
}
