//! Back-end failures, with messages from public bug reports.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{DOCKER_IMAGE, Scene, UNKNOWN, answer, digest_of, index_of, refused, scene, served};
use crate::evidence::{Method, Query};
use crate::oci::media_type;

const REFERENCE: &str = "registry.example.com/acme/api:1";

fn error(code: &str, message: &str, detail: &str) -> String {
    format!(r#"{{"errors":[{{"code":"{code}","message":"{message}","detail":{detail}}}]}}"#)
}

/// distribution/distribution#1285.
#[test]
fn storage_error_message_outranks_the_code() {
    let clock = r#""s3: The difference between the request time and the current time is too large.""#;
    let full = r#""filesystem: write /var/lib/registry/docker/x: no space left on device""#;
    let denied = r#"{"DriverName":"filesystem","Enclosed":{"Op":"open","Path":"/var/lib/registry/x","Err":13}}"#;
    for (status, code, detail) in [
        (404, "MANIFEST_UNKNOWN", clock),
        (404, "NAME_UNKNOWN", clock),
        (500, "UNKNOWN", full),
        (403, "DENIED", r#""s3aws: AccessDenied: Access Denied\n\tstatus code: 403, request id: 5EC2""#),
        (500, "UNKNOWN", denied),
    ] {
        let scene = scene(REFERENCE).diagnosed().others(&refused(status, &error(code, "unknown error", detail)));
        assert_eq!(scene.verdict(), (vec!["registry-storage-failed"], 19), "{detail}");
        let finding = scene.finding("registry-storage-failed").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain, "{detail}");
        assert!(!finding.fix.iter().any(|fix| fix.text.contains("og in")), "{finding:?}");
    }
}

#[test]
fn storage_failure_for_a_blob_is_not_a_missing_blob() {
    let detail = r#""s3aws: SlowDown: Please reduce your request rate.""#;
    let config = "sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66".parse().unwrap();
    let scene = scene(REFERENCE)
        .diagnosed()
        .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))
        .told(Query::Config(config), &[refused(404, &error("BLOB_UNKNOWN", "blob unknown to registry", detail))]);
    assert_eq!(scene.verdict().0[0], "registry-storage-failed");
}

#[test]
fn error_that_repeats_the_name_is_not_a_storage_failure() {
    for (reference, detail) in [
        (REFERENCE, r#""unknown tag=1""#),
        (REFERENCE, r#"{"Tag":"1"}"#),
        ("registry.example.com/acme/api:NoSuchBucket", r#"{"Tag":"NoSuchBucket"}"#),
        ("registry.example.com/acme/api:AccessDenied", r#""s3aws: Path not found: tags/AccessDenied""#),
    ] {
        let reply = refused(404, &error("MANIFEST_UNKNOWN", "manifest unknown", detail));
        let scene = scene(reference).others(&reply);
        assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10), "{detail}");
    }
    // A 429 is a rate limit, whatever its detail says.
    let busy = refused(429, &error("TOOMANYREQUESTS", "slow down", r#""s3: SlowDown""#));
    assert_eq!(scene(REFERENCE).others(&busy).verdict(), (vec!["other-registry-throttle"], 14));
}

/// aws/containers-roadmap#2354.
#[test]
fn cache_refused_upstream_gives_no_login_advice() {
    let ecr =
        "The authentication to the upstream registry failed or the image does not exist in the upstream registry.";
    let reply = refused(403, &error("DENIED", ecr, "null"));
    let scene =
        scene("1.dkr.ecr.us-east-1.amazonaws.com/docker-hub/library/greeting:1").with_credentials().others(&reply);
    assert_eq!(scene.verdict(), (vec!["cache-upstream-failed"], 13));
    let finding = scene.finding("cache-upstream-failed").unwrap();
    assert!(!finding.fix.iter().any(|fix| fix.command.is_some() || fix.text.contains("og in")), "{finding:?}");
    let own = refused(403, &error("DENIED", "requested access to the resource is denied", "null"));
    assert!(crate::diagnosis::testing::scene(REFERENCE).others(&own).finding("cache-upstream-failed").is_none());
}

#[test]
fn upstream_limit_and_absence_have_their_own_exit_status() {
    let status = |code: u16, message: &str| {
        scene(REFERENCE).others(&refused(code, &error("UNKNOWN", message, "null"))).verdict()
    };
    let limit = "Docker remote repository reached the request rate limit set by the Docker registry.";
    assert_eq!(status(403, limit), (vec!["cache-upstream-failed"], 14));
    assert_eq!(status(404, "the image does not exist in the upstream registry"), (vec!["cache-upstream-failed"], 10));
    assert_eq!(status(502, "dial upstream ghcr.io: connection refused"), (vec!["cache-upstream-failed"], 19));
}

/// Answers the repeated request with `reply`.
fn again(scene: Scene, reference: &str, reply: &crate::diagnosis::testing::Canned) -> Scene {
    scene.told(Query::Elsewhere(crate::oci::Reference::parse(reference).unwrap()), std::slice::from_ref(reply))
}

#[test]
fn repeated_request_with_another_status_is_a_disagreement() {
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let gone = || scene(REFERENCE).diagnosed().others(&refused(404, UNKNOWN)).tags(&["1"]);
    let own = crate::oci::Reference::parse(REFERENCE).unwrap();
    assert!(gone().judge().questions.contains(&Query::Elsewhere(own)));
    let scene = again(gone(), REFERENCE, &image);
    assert_eq!(scene.verdict(), (vec!["servers-disagree"], 19));
    let same = again(gone(), REFERENCE, &refused(404, UNKNOWN));
    assert_eq!(same.verdict(), (vec!["tag-listed-but-gone"], 10));
    assert_eq!(same.finding("tag-listed-but-gone").unwrap().certainty, Certainty::Certain);
    // Rate limits and credentials may change from one request to the next.
    for reply in [refused(429, "{}"), answer(401, "", "")] {
        assert!(again(gone(), REFERENCE, &reply).finding("servers-disagree").is_none());
    }
}

#[test]
fn two_digests_for_one_request_make_other_findings_likely() {
    let one = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let other = one.clone().header("docker-content-digest", &format!("sha256:{}", "0".repeat(64)));
    let scene = again(scene(REFERENCE).diagnosed().others(&one), REFERENCE, &other);
    let judgement = scene.judge();
    assert_eq!(judgement.exit_status().code(), 0);
    for finding in &judgement.findings {
        let certain = finding.rule == "servers-disagree";
        assert_eq!(finding.certainty == Certainty::Certain, certain, "{finding:?}");
    }
    assert!(judgement.findings.iter().any(|finding| finding.rule == "registry-ignores-accept"));
}

#[test]
fn missing_image_of_an_index_is_requested_again() {
    let digest = digest_of(DOCKER_IMAGE);
    let index = index_of(media_type::OCI_INDEX, &[(&digest.to_string(), "linux/amd64")]);
    let scene = scene(REFERENCE).diagnosed().others(&served(media_type::OCI_INDEX, &index)).child(
        &digest,
        Method::Get,
        &refused(404, UNKNOWN),
    );
    let own = crate::oci::Reference::parse(REFERENCE).unwrap().with_digest(digest);
    assert!(scene.judge().questions.contains(&Query::Elsewhere(own)));
}
