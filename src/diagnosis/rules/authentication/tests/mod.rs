//! Credentials, tokens and realms.

mod cleartext;
mod clocks;
mod control;
mod credentials;
mod service;

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{DOCKER_IMAGE, Scene, answer, failed, refused, scene, served};
use crate::evidence::{CertificateFault, FailureKind, Outcome, Step};
use crate::oci::media_type;
use crate::text::Untrusted;

const REALM: &str = "https://auth.example.net/token";
const DENIED: &str = r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
const REFERENCE: &str = "registry.example.com/acme/api:1";

/// A run whose manifest was refused with 401, and whose authentication had this outcome.
fn refused_run(reference: &str, scheme: &str, outcome: Outcome) -> Scene {
    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
    scene(reference).challenged(scheme, REALM, outcome).to(&["all"], &refused(401, body))
}

/// The first rule, and the exit status.
fn verdict(scene: &Scene) -> (&'static str, u8) {
    let (rules, status) = scene.verdict();
    (rules.first().copied().unwrap_or_default(), status)
}

#[test]
fn basic_challenge_without_credentials_requires_a_login() {
    assert_eq!(verdict(&refused_run(REFERENCE, "Basic", Outcome::CredentialsMissing)), ("login-required", 12));
}

#[test]
fn token_service_refusal_may_mask_a_missing_repository() {
    let known = refused_run("ghcr.io/acme/api", "Bearer", Outcome::TokenRefused).token(&refused(401, DENIED));
    assert_eq!(verdict(&known), ("login-required", 12));
    let finding = known.finding("login-required").unwrap();
    assert!(
        finding.title.contains("does not exist") && finding.fix[2].text.contains("Change visibility"),
        "{finding:?}"
    );
    let unknown = refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).token(&refused(401, DENIED));
    assert_eq!(unknown.finding("login-required").unwrap().title, "repository requires authentication");
}

#[test]
fn rejection_by_token_service_or_basic_challenge_means_wrong_credentials() {
    let token = refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).with_credentials().token(&refused(401, DENIED));
    let basic = refused_run(REFERENCE, "BASIC", Outcome::Rejected).with_credentials();
    for scene in [token, basic] {
        assert_eq!(verdict(&scene), ("bad-credentials", 12));
        assert_eq!(scene.finding("bad-credentials").unwrap().certainty, Certainty::Certain);
    }
}

/// With the error message of flipt-io/flipt#3043.
#[test]
fn expired_password_is_reported_as_expired() {
    let expired = r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#;
    let ecr = scene("1.dkr.ecr.eu-west-1.amazonaws.com/api").with_credentials().others(&refused(403, expired));
    assert_eq!(verdict(&ecr), ("expired-registry-token", 12));
    assert!(ecr.finding("bad-credentials").is_none());
    let finding = ecr.finding("expired-registry-token").unwrap();
    assert!(finding.fix[0].text.contains("--region eu-west-1 |"), "{finding:?}");
    // An anonymous run has no credentials that could expire.
    let anonymous = scene("1.dkr.ecr.eu-west-1.amazonaws.com/api").others(&refused(403, expired));
    assert!(anonymous.finding("expired-registry-token").is_none());
}

#[test]
fn anonymous_run_does_not_report_bad_credentials() {
    let scene = refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).token(&refused(401, DENIED));
    assert!(scene.finding("bad-credentials").is_none());
}

#[test]
fn trust_option_names_the_exact_host() {
    let outcome = Outcome::RealmNotTrusted(Untrusted::from("127.0.0.1:5001"));
    let scene = refused_run(REFERENCE, "Bearer", outcome).with_credentials();
    assert_eq!(verdict(&scene), ("realm-not-trusted", 12));
    let finding = scene.finding("realm-not-trusted").unwrap();
    let command = finding.fix[0].command.as_deref().unwrap();
    assert!(command.contains("--trust-realm 127.0.0.1:5001 --username"), "{command}");
    assert!(finding.cause.contains("registry.example.com"), "{finding:?}");
}

#[test]
fn unusable_realm_is_a_fault_of_the_registry() {
    let refused_realm = refused_run(REFERENCE, "Bearer", Outcome::RealmRefused("the realm is empty".to_owned()));
    assert_eq!(verdict(&refused_realm), ("realm-wrong", 12));
    let absent =
        refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).token(&answer(404, "text/plain", "404 page not found"));
    assert_eq!(verdict(&absent), ("realm-wrong", 12));
}

/// T10: a realm on another host is normal.
#[test]
fn realm_on_another_host_is_not_a_finding() {
    let scene = scene(REFERENCE)
        .challenged("Bearer", REALM, Outcome::Accepted)
        .token(&answer(200, "application/json", "{}"))
        .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert_eq!(scene.judge().exit_status().code(), 0);
    assert!(scene.finding("realm-wrong").is_none());
}

#[test]
fn unreachable_token_service_is_named() {
    let scene =
        refused_run(REFERENCE, "Bearer", Outcome::RealmUnreachable).token(&failed(FailureKind::Timeout(Step::Connect)));
    assert_eq!(verdict(&scene), ("realm-unreachable", 15));
    assert!(scene.finding("realm-unreachable").unwrap().title.contains("auth.example.net"));
    let interrupted =
        refused_run(REFERENCE, "Bearer", Outcome::RealmUnreachable).token(&failed(FailureKind::Interrupted));
    assert!(interrupted.finding("realm-unreachable").is_none());
}

#[test]
fn token_response_is_not_quoted() {
    let reason = "the token service's response has neither token nor access_token".to_owned();
    let scene = refused_run(REFERENCE, "Bearer", Outcome::TokenUnusable(reason)).token(&answer(
        200,
        "application/json",
        r#"{"message":"CANARY"}"#,
    ));
    assert_eq!(verdict(&scene), ("token-response-unusable", 12));
    assert!(!format!("{:?}", scene.judge().findings).contains("CANARY"));
}

#[test]
fn unanswerable_challenge_is_an_error_and_a_malformed_one_a_note() {
    let missing = Outcome::ChallengeUnusable("it does not say how to authenticate".to_owned());
    assert_eq!(verdict(&refused_run(REFERENCE, "", missing)), ("challenge-missing-or-inconsistent", 12));

    let mut sloppy = scene(REFERENCE)
        .challenged("Bearer", REALM, Outcome::Accepted)
        .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(sloppy.finding("challenge-missing-or-inconsistent").is_none());
    sloppy.record.authentication.challenge.as_mut().unwrap().remarks.push("a comma is missing".to_owned());
    assert!(sloppy.verdict().0.contains(&"challenge-missing-or-inconsistent"));
    assert_eq!(sloppy.verdict().1, 0);
}

/// T05: Docker Hub returns 401 for any repository whose existence it does not confirm.
#[test]
fn private_and_nonexistent_repositories_are_indistinguishable() {
    let hub =
        refused_run("this-does-not-exist", "Bearer", Outcome::Rejected).token(&answer(200, "application/json", "{}"));
    assert_eq!(verdict(&hub), ("existence-masked", 12));
    let finding = hub.finding("existence-masked").unwrap();
    assert_eq!((finding.certainty, finding.fix.len()), (Certainty::Certain, 2));
    assert!(finding.fix[0].text.contains("the request went to Docker Hub"), "{finding:?}");
    let other = refused_run(REFERENCE, "Bearer", Outcome::Rejected).token(&answer(200, "application/json", "{}"));
    assert_eq!(other.finding("existence-masked").unwrap().certainty, Certainty::Likely);
}

/// T09: a token alone is not a permission.
#[test]
fn rejected_token_of_a_user_grants_nothing() {
    let scene = refused_run(REFERENCE, "Bearer", Outcome::Rejected).with_credentials().token(&answer(200, "", "{}"));
    assert_eq!(verdict(&scene), ("token-grants-nothing", 13));
    assert!(scene.finding("existence-masked").is_none() && scene.finding("bad-credentials").is_none());
}

#[test]
fn invalid_token_is_not_evidence_about_existence() {
    let challenge = r#"Bearer realm="https://auth.example.net/token",service="r",error="invalid_token""#;
    let reply = answer(401, "application/json", DENIED).header("www-authenticate", challenge);
    let scene = scene(REFERENCE)
        .challenged("Bearer", REALM, Outcome::Rejected)
        .token(&answer(200, "", "{}"))
        .to(&["all"], &reply);
    assert_eq!(verdict(&scene), ("token-grants-nothing", 12));
    assert!(scene.finding("existence-masked").is_none());
}

#[test]
fn fix_for_an_unreachable_token_service_depends_on_the_failure() {
    let fix = |kind: FailureKind| {
        let scene = refused_run(REFERENCE, "Bearer", Outcome::RealmUnreachable).token(&failed(kind));
        scene.finding("realm-unreachable").unwrap().fix
    };
    let unknown = fix(FailureKind::Certificate(CertificateFault::UnknownAuthority));
    assert!(unknown[0].command.as_deref().unwrap().contains("--cacert FILE"), "{unknown:?}");
    assert!(fix(FailureKind::NotTls)[0].text.contains("over TLS"));
    assert!(fix(FailureKind::Dns)[0].text.contains("name server"));
    assert!(fix(FailureKind::Refused)[0].text.contains("its port"));
    assert!(fix(FailureKind::Timeout(Step::Connect))[0].text.contains("firewall"));
}
