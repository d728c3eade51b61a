//! Failures that no other rule explains.

use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, UNKNOWN, answer, digest_of, failed, index_of, refused, scene, served,
};
use crate::evidence::{FailureKind, Method, Query};
use crate::oci::media_type;

const REFERENCE: &str = "r.example.com/demo/app:1";

#[test]
fn server_failure_is_reported_as_such() {
    let body = r#"{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}"#;
    assert_eq!(scene(REFERENCE).others(&refused(500, body)).verdict(), (vec!["registry-failed"], 19));
    assert_eq!(scene(REFERENCE).others(&answer(503, "text/plain", "")).verdict(), (vec!["registry-failed"], 19));
}

#[test]
fn answer_without_a_manifest_is_never_a_success() {
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
fn likely_cause_silences_the_fallback() {
    let (rules, status) = scene(REFERENCE).others(&refused(404, UNKNOWN)).verdict();
    assert_eq!((rules, status), (vec!["tag-not-found"], 10));
}

#[test]
fn served_manifest_needs_no_explanation() {
    let by_head = served(media_type::DOCKER_V2, DOCKER_IMAGE).by_head();
    assert!(scene(REFERENCE).to(&["all"], &by_head).finding("unexplained-answer").is_none());
    let encoded = served(media_type::DOCKER_V2, "\u{1f}").header("content-encoding", "gzip");
    assert!(scene(REFERENCE).to(&["all"], &encoded).finding("unexplained-answer").is_none());
}

#[test]
fn request_that_was_not_sent_is_not_a_success() {
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let late = scene(REFERENCE).asking(&[media_type::OCI_INDEX]).to(&["all"], &image);
    assert_eq!(late.verdict().1, 15);
    let stopped = late.to(&["none"], &failed(FailureKind::Interrupted));
    assert_eq!(stopped.verdict().1, 0);
    assert_eq!(scene(REFERENCE).verdict(), (vec![], 0));
}

/// A policy that admits the index but not its images.
#[test]
fn refused_image_of_an_index_is_not_a_success() {
    let digest = digest_of("one");
    let index = index_of(media_type::OCI_INDEX, &[(&digest.to_string(), "linux/amd64")]);
    let scene = || scene(REFERENCE).to(&["all"], &served(media_type::OCI_INDEX, &index)).diagnosed();
    let of = |reply| scene().child(&digest, Method::Get, &reply).verdict();
    let policy = r#"{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"current image with 2 vulnerabilities"}]}"#;
    assert_eq!(of(refused(412, policy)), (vec!["content-not-served"], 13));
    assert_eq!(of(refused(429, "{}")), (vec!["other-registry-throttle"], 14));
    assert_eq!(of(failed(FailureKind::Closed)), (vec!["content-not-served"], 15));
    assert_eq!(of(failed(FailureKind::Deadline)), (vec![], 0));
}

/// docker/cli#1143.
#[test]
fn failure_says_when_to_retry() {
    let scene = scene("r.example.com/a/b").others(&answer(503, "text/plain", "").header("retry-after", "120"));
    assert!(scene.finding("registry-failed").unwrap().cause.contains("120 s (2 minutes)"));
}

#[test]
fn refused_signed_address_gets_no_login_advice() {
    let config = || "sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66".parse().unwrap();
    let of = |reply: Canned| {
        let scene = scene("r.example.com/a/b")
            .diagnosed()
            .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))
            .told(Query::Config(config()), &[reply]);
        (scene.finding("content-not-served").unwrap(), scene.verdict())
    };
    let own = "https://r.example.com/v2/a/b/blobs/x";
    let signed = "https://r.example.com/storage/x?X-Amz-Signature=5ec2&X-Amz-Algorithm=AWS4-HMAC-SHA256";
    let (finding, verdict) = of(answer(403, "text/plain", "AccessDenied").from(signed).after(&[own]));
    assert!(finding.fix.iter().all(|fix| fix.command.is_none()) && verdict.1 == 19, "{verdict:?} {finding:?}");
    assert!(verdict.0.contains(&"signed-address-refused"), "{verdict:?}");
    let by_registry = scene("r.example.com/a/b")
        .diagnosed()
        .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))
        .told(Query::Config(config()), &[refused(403, "{}")]);
    let finding = by_registry.finding("content-not-served").unwrap();
    assert!(finding.fix[0].command.is_some() && by_registry.judge().exit_status().code() == 13, "{finding:?}");
}
