//! What is left when no other rule speaks.

use crate::diagnosis::testing::{DOCKER_IMAGE, UNKNOWN, answer, failed, refused, scene, served};
use crate::evidence::FailureKind;
use crate::oci::media_type;

const REFERENCE: &str = "r.example.com/demo/app:1";

#[test]
fn a_server_that_failed_says_so() {
    let body = r#"{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}"#;
    assert_eq!(scene(REFERENCE).others(&refused(500, body)).verdict(), (vec!["registry-failed"], 19));
    assert_eq!(scene(REFERENCE).others(&answer(503, "text/plain", "")).verdict(), (vec!["registry-failed"], 19));
}

#[test]
fn there_is_never_success_without_a_manifest() {
    for reply in [
        refused(400, r#"{"errors":[{"code":"NAME_INVALID","message":"invalid repository name"}]}"#),
        refused(418, "{}"),
        answer(304, "", "").header("docker-distribution-api-version", "registry/2.0"),
        answer(401, "", ""),
        served(media_type::DOCKER_V2, "not a manifest"),
        served(media_type::DOCKER_V2, "{}"),
    ] {
        let (rules, status) = scene(REFERENCE).others(&reply).verdict();
        assert!(rules[0] == "unexplained-answer" && matches!(status, 12 | 19), "{reply:?}: {rules:?} {status}");
    }
}

#[test]
fn a_likely_cause_is_enough_to_say_nothing_here() {
    let (rules, status) = scene(REFERENCE).others(&refused(404, UNKNOWN)).verdict();
    assert_eq!((rules, status), (vec!["tag-not-found"], 10));
}

#[test]
fn a_manifest_needs_no_explanation() {
    let by_head = served(media_type::DOCKER_V2, DOCKER_IMAGE).by_head();
    assert!(scene(REFERENCE).to(&["all"], &by_head).finding("unexplained-answer").is_none());
    let encoded = served(media_type::DOCKER_V2, "\u{1f}").header("content-encoding", "gzip");
    assert!(scene(REFERENCE).to(&["all"], &encoded).finding("unexplained-answer").is_none());
}

#[test]
fn what_was_not_sent_is_no_success_either() {
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let late = scene(REFERENCE).asking(&[media_type::OCI_INDEX]).to(&["all"], &image);
    assert_eq!(late.verdict().1, 15);
    let stopped = late.to(&["none"], &failed(FailureKind::Interrupted));
    assert_eq!(stopped.verdict().1, 0);
    assert_eq!(scene(REFERENCE).verdict(), (vec![], 0));
}
