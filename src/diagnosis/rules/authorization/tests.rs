//! Limits, policies and permissions.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{DOCKER_IMAGE, answer, refused, scene, served};
use crate::evidence::Outcome;
use crate::oci::media_type;

const HARBOR: &str = "harbor.example.com/demo/app:1";
const PULL_LIMIT: &str = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"}]}"#;

#[test]
fn the_limit_on_pulls_and_the_one_on_abuse_are_kept_apart() {
    let pulls = refused(429, PULL_LIMIT).header("ratelimit-limit", "100;w=21600");
    let limited = scene("alpine").others(&pulls);
    assert_eq!(limited.verdict(), (vec!["hub-pull-limit"], 14));
    assert!(limited.finding("hub-pull-limit").unwrap().cause.contains("100;w=21600"));

    let abuse = scene("alpine").others(&answer(429, "text/plain", "Too Many Requests (HAP429)"));
    assert_eq!(abuse.verdict(), (vec!["hub-abuse-limit"], 14));

    let elsewhere = scene("public.ecr.aws/x/y").others(&refused(429, PULL_LIMIT));
    assert_eq!(elsewhere.verdict(), (vec!["other-registry-throttle"], 14));
}

/// T24: a HEAD that says that nothing is left is free, and blocks nothing.
#[test]
fn a_limit_that_is_used_up_blocks_nothing_by_itself() {
    let last = served(media_type::DOCKER_V2, DOCKER_IMAGE).header("ratelimit-remaining", "0;w=21600");
    assert!(scene("alpine").others(&last).finding("hub-pull-limit").is_none());
}

#[test]
fn a_token_service_can_be_the_one_that_limits() {
    let limited = scene("registry.example.com/acme/api")
        .challenged("Bearer", "https://auth.test/token", Outcome::TokenRefused)
        .token(
            &refused(429, r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"Rate exceeded"}]}"#)
                .header("retry-after", "30"),
        )
        .to(&["all"], &answer(401, "", ""));
    assert_eq!(limited.verdict(), (vec!["other-registry-throttle"], 14));
    assert!(limited.finding("other-registry-throttle").unwrap().cause.contains("30 s"));
}

#[test]
fn when_to_come_back_is_made_printable_and_short() {
    let when = format!("\u{1b}[2J{}", "9".repeat(500));
    let limited = scene(HARBOR).others(&refused(429, "{}").header("retry-after", &when));
    let cause = limited.finding("other-registry-throttle").unwrap().cause;
    assert!(!cause.contains('\u{1b}') && cause.len() < 160, "{cause}");
}

#[test]
fn a_policy_is_no_matter_of_permission() {
    for (status, body) in [
        (412, r#"{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"The image is not signed by cosign."}]}"#),
        (
            403,
            r#"{"errors":[{"status":403,"message":"x was not downloaded due to the download blocking policy configured in Xray for r"}]}"#,
        ),
        (451, "{}"),
    ] {
        let scene = scene(HARBOR).others(&refused(status, body));
        assert_eq!(scene.verdict(), (vec!["blocked-by-policy"], 13), "{body}");
        assert!(scene.finding("iam-denied").is_none());
    }
}

/// T08: a 403 can be many things, so it says what else it may be.
#[test]
fn a_refusal_is_only_likely_to_be_a_matter_of_permission() {
    let denied = r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
    let scene = scene(HARBOR).others(&refused(403, denied));
    assert_eq!(scene.verdict(), (vec!["iam-denied"], 13));
    let finding = scene.finding("iam-denied").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.cause.contains("networks"), "{finding:?}");
}

#[test]
fn a_refused_address_is_certain() {
    let body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"client with IP \\u0027203.0.113.7\\u0027 is not allowed access. Refer https://aka.ms/acr/firewall to grant access.\"}]}";
    let scene = scene("acme.azurecr.io/api").others(&refused(403, body));
    assert_eq!(scene.verdict(), (vec!["iam-denied"], 13));
    assert_eq!(scene.finding("iam-denied").unwrap().certainty, Certainty::Certain);
}

/// GAR refuses at its token service those who are known and have no permission.
#[test]
fn a_token_service_that_misses_a_permission_is_believed() {
    let body = r#"{"errors":[{"code":"DENIED","message":"Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource \"projects/p\" (or it may not exist)"}]}"#;
    let scene = scene("us-docker.pkg.dev/p/r/i")
        .with_credentials()
        .challenged("Bearer", "https://auth.test/token", Outcome::TokenRefused)
        .token(&refused(403, body))
        .to(&["all"], &answer(401, "", ""));
    assert_eq!(scene.verdict(), (vec!["iam-denied"], 13));
}
