//! Texts that are no references.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{OCI_IMAGE, Scene, UNKNOWN, failed, refused, scene, served};
use crate::evidence::FailureKind;
use crate::oci::{Reference, media_type};

/// A run for what was probably meant by a text that is no reference.
fn mended(typed: &str) -> Scene {
    let refusal = Reference::parse(typed).unwrap_err();
    let mut scene = scene(refusal.suggestion.as_deref().unwrap());
    scene.record.mended = Some(refusal);
    scene
}

/// The first rule, and the exit status.
fn first(scene: &Scene) -> (&'static str, u8) {
    let (rules, status) = scene.verdict();
    (rules.first().copied().unwrap_or_default(), status)
}

/// macbre/push-to-ghcr#24. T38: the tag keeps its capital.
#[test]
fn capitals_in_a_repository_are_refused_and_the_tag_keeps_its_own() {
    let scene = mended("ghcr.io/HeyWillow/Willow:V1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert_eq!(first(&scene), ("uppercase-in-name", 2));
    let finding = scene.finding("uppercase-in-name").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("ghcr.io/HeyWillow/Willow:V1 is refused"), "{finding:?}");
    assert!(finding.cause.contains("lower case") && finding.cause.contains("it is there"), "{finding:?}");
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope diagnose ghcr.io/heywillow/willow:V1"));
}

/// What is wrong with the corrected reference is a second question, and the first has to be settled before.
#[test]
fn what_was_typed_comes_before_what_was_answered() {
    let scene = mended("ghcr.io/owner/App:1").others(&refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["uppercase-in-name"], 2));
    assert!(scene.finding("uppercase-in-name").unwrap().cause.contains("404 MANIFEST_UNKNOWN"));
    let silent = mended("ghcr.io/owner/App:1").others(&failed(FailureKind::Dns));
    assert_eq!(silent.verdict(), (vec!["uppercase-in-name"], 2));
    assert!(silent.finding("uppercase-in-name").unwrap().cause.contains("no answer"));
}

/// openwrt/docker#84: an empty variable; a trailing slash; a page for people.
#[test]
fn what_is_no_reference_is_said_with_its_reason() {
    for typed in ["ghcr.io/owner/app:", "ghcr.io/owner/app/", " alpine", "'alpine:3'", "hub.docker.com/_/alpine"] {
        let scene = mended(typed).others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
        assert_eq!(first(&scene), ("not-a-reference", 2), "{typed}");
        let reason = Reference::parse(typed).unwrap_err().rule.sentence().into_owned();
        assert!(scene.finding("not-a-reference").unwrap().cause.contains(&reason), "{typed}");
    }
}

#[test]
fn what_acts_on_a_terminal_is_not_repeated() {
    let finding = mended("alpine\u{200b}").others(&refused(404, UNKNOWN)).finding("not-a-reference").unwrap();
    assert!(finding.cause.chars().all(crate::text::is_safe), "{finding:?}");
}

#[test]
fn a_reference_is_one() {
    let scene = scene("ghcr.io/owner/app:V1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(scene.finding("uppercase-in-name").is_none() && scene.finding("not-a-reference").is_none());
}
