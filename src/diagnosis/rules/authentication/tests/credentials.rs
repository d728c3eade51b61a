//! Rejected credentials, and the possible causes of the rejection.

use super::{DENIED, REALM, REFERENCE, refused_run, verdict};
use crate::diagnosis::testing::{DOCKER_IMAGE, OCI_IMAGE, Scene, answer, refused, scene, served};
use crate::diagnosis::{Certainty, Finding, Severity};
use crate::evidence::{Outcome, Query, TokenClaims};
use crate::oci::media_type;
use crate::text::Untrusted;

/// A diagnosis in which the token service rejects the credentials with this answer.
fn refused_by_service(reference: &str, status: u16, body: &str) -> Scene {
    let run = refused_run(reference, "Bearer", Outcome::TokenRefused).with_credentials();
    run.token(&refused(status, body)).diagnosed()
}

fn command(finding: &Finding, at: usize) -> &str {
    finding.fix[at].command.as_deref().unwrap_or_default()
}

/// dexidp/dex#2672: GHCR rejects an old personal access token, and serves the image to anonymous clients.
#[test]
fn rejected_credentials_break_the_pull_of_a_public_image() {
    let denied = r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#;
    let image = served(media_type::OCI_MANIFEST, OCI_IMAGE);
    let ghcr = refused_by_service("ghcr.io/acme/api:1", 403, denied);
    assert_eq!(ghcr.judge().questions, [Query::Anonymous, Query::Ping]);
    let ghcr = ghcr.told(Query::Anonymous, &[answer(401, "", ""), answer(200, "", "{}"), image.clone()]);
    assert_eq!(ghcr.verdict(), (vec!["stale-credential-breaks-public-pull"], 12));
    let finding = ghcr.finding("stale-credential-breaks-public-pull").unwrap();
    assert_eq!((finding.certainty, finding.evidence.len()), (Certainty::Certain, 2));
    assert_eq!(command(&finding, 0), "docker logout ghcr.io");

    // Docker stores the credentials of Docker Hub under another name, and logs out of it if no registry is given.
    let wrong = r#"{"details":"incorrect username or password"}"#;
    let hub = refused_by_service("alpine", 401, wrong).told(Query::Anonymous, &[image.clone().by_head()]);
    assert_eq!(hub.verdict(), (vec!["stale-credential-breaks-public-pull"], 12));
    assert_eq!(command(&hub.finding("stale-credential-breaks-public-pull").unwrap(), 0), "docker logout");

    let port = refused_by_service("r.example.com:5000/a/b:1", 401, DENIED).told(Query::Anonymous, &[image]);
    assert_eq!(
        command(&port.finding("stale-credential-breaks-public-pull").unwrap(), 0),
        "docker logout r.example.com:5000"
    );
}

/// aws/containers-roadmap#1296: the registry itself refuses, after its token service issued a token.
#[test]
fn expired_password_breaks_the_pull_of_a_public_image() {
    let expired = r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#;
    let of = |outcome: Outcome| {
        let scene = scene("public.ecr.aws/docker/library/alpine:3.20").challenged("Bearer", REALM, outcome);
        scene.with_credentials().others(&refused(403, expired)).diagnosed()
    };
    let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let public = of(Outcome::Accepted).told(Query::Anonymous, &[image]);
    assert_eq!(public.verdict(), (vec!["stale-credential-breaks-public-pull"], 12));
    assert!(public.finding("expired-registry-token").is_none());
    // The credentials were not sent, so the query would repeat the same request.
    assert!(!of(Outcome::NotAsked).judge().questions.contains(&Query::Anonymous));
}

/// If anonymous clients are refused too, the credentials are one possible cause, which other rules report.
#[test]
fn credentials_are_not_blamed_if_anonymous_clients_are_refused_too() {
    let private = refused_by_service(REFERENCE, 401, DENIED).told(Query::Anonymous, &[refused(401, DENIED)]);
    assert_eq!(private.verdict(), (vec!["bad-credentials"], 12));
    let finding = private.finding("bad-credentials").unwrap();
    assert!(finding.cause.contains("without credentials fails too"), "{finding:?}");
    assert!(!format!("{:?}", finding.fix).contains("--anonymous"), "{finding:?}");
    // A rate limit is not evidence.
    let throttled = refused_by_service(REFERENCE, 401, DENIED).told(Query::Anonymous, &[refused(429, "{}")]);
    assert!(throttled.finding("stale-credential-breaks-public-pull").is_none());
    // A probe does not send the anonymous request, but prints the command for it.
    let probe = refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).with_credentials().token(&refused(401, DENIED));
    assert_eq!(probe.judge().questions, []);
    assert!(format!("{:?}", probe.finding("bad-credentials").unwrap().fix).contains("--anonymous"));
}

/// T06: a token service may return 403 because of the credentials, or because of a missing permission.
#[test]
fn token_service_403_is_not_taken_for_wrong_credentials() {
    let scene = refused_by_service(REFERENCE, 403, DENIED);
    assert_eq!(verdict(&scene), ("denied-at-token-endpoint", 13));
    let finding = scene.finding("denied-at-token-endpoint").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.title.contains("auth.example.net"), "{finding:?}");
    assert!(scene.finding("bad-credentials").is_none());
    // Anonymous clients get the advice to log in.
    let anonymous = refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).token(&refused(403, DENIED));
    assert_eq!(verdict(&anonymous), ("login-required", 12));
}

#[test]
fn token_service_403_with_a_reason_is_believed() {
    for (body, rule, certainty) in [
        (
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"HTTP Basic: Access denied"}]}"#,
            "bad-credentials",
            Certainty::Certain,
        ),
        // T37: GHCR's message for an invalid token; it used to be that for missing packages too.
        (r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#, "bad-credentials", Certainty::Likely),
        (
            r#"{"errors":[{"code":"DENIED","message":"permission_denied: The token provided does not match expected scopes."}]}"#,
            "token-scope-too-narrow",
            Certainty::Certain,
        ),
    ] {
        let scene = refused_by_service("ghcr.io/acme/api", 403, body);
        let judgement = scene.judge();
        let errors: Vec<_> = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert_eq!(errors.len(), 1, "{body}: {errors:#?}");
        assert_eq!((errors[0].rule, errors[0].certainty), (rule, certainty), "{body}");
    }
}

/// A diagnosis in which the registry returns this status for a token that was issued for credentials.
fn refused_by_registry(reference: &str, status: u16) -> Scene {
    let outcome = if status == 401 { Outcome::Rejected } else { Outcome::Accepted };
    let scene = scene(reference).challenged("Bearer", REALM, outcome).with_credentials();
    let reply = refused(status, DENIED).from(&format!("https://{}", reference.replace("/acme", "/v2/acme")));
    scene.token(&answer(200, "application/json", "{}")).others(&reply)
}

/// A GitLab deploy token with only `write_registry` may push, but not pull.
#[test]
fn token_with_other_actions_has_too_narrow_a_scope() {
    let allowing = |actions: &[&str]| {
        let mut scene = refused_by_registry(REFERENCE, 401);
        let actions = Some(actions.iter().map(|&action| Untrusted::from(action)).collect());
        scene.record.authentication.token_claims = Some(TokenClaims { actions, ..TokenClaims::default() });
        scene
    };
    let push = allowing(&["push"]);
    assert_eq!(push.verdict(), (vec!["token-scope-too-narrow"], 13));
    assert!(push.finding("token-scope-too-narrow").unwrap().cause.contains("allows “push”, but not pull"));
    // A token that grants nothing at all may be for a repository that does not exist.
    for actions in [&[][..], &["pull"], &["*"]] {
        assert_eq!(allowing(actions).verdict().0, ["token-grants-nothing"], "{actions:?}");
    }
}

#[test]
fn github_token_rejected_by_the_registry_is_likely_too_narrow() {
    let ghcr = refused_by_registry("ghcr.io/acme/api", 403);
    assert_eq!(ghcr.verdict(), (vec!["token-scope-too-narrow"], 13));
    let finding = ghcr.finding("token-scope-too-narrow").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.fix[0].text.contains("read:packages"), "{finding:?}");
    // At other registries, a 403 has many possible causes (T08).
    assert_eq!(refused_by_registry(REFERENCE, 403).verdict(), (vec!["iam-denied"], 13));
}
