//! What is private and what does not exist, beside a name that cannot exist.

use super::{DENIED, REALM, REFERENCE, refused_run};
use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, Scene, UNKNOWN, answer, refused, scene};
use crate::evidence::{Outcome, Query};

const CONTROL: &str = "acme/ociscope-no-such-repository";

/// What a registry that masks answers to a token, with the name of the repository in its challenge.
fn insufficient(repository: &str) -> Canned {
    let challenge = format!(
        "Bearer realm=\"{REALM}\",service=\"r\",scope=\"repository:{repository}:pull\",error=\"insufficient_scope\""
    );
    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
    refused(401, body).header("www-authenticate", &challenge)
}

/// An anonymous diagnosis in which the registry refused the token that everybody gets.
fn masked() -> Scene {
    let scene = scene(REFERENCE).challenged("Bearer", REALM, Outcome::Rejected);
    scene.token(&answer(200, "application/json", "{}")).to(&["all"], &insufficient("acme/api")).diagnosed()
}

#[test]
fn a_name_that_cannot_exist_is_asked_for_beside_what_was_refused() {
    let questions = masked().judge().questions;
    let is_control = |question: &Query| match question {
        Query::Elsewhere(other) => other.to_string() == "registry.example.com/acme/ociscope-no-such-repository:1",
        _ => false,
    };
    assert!(questions.iter().any(is_control), "{questions:?}");
}

#[test]
fn a_registry_that_answers_both_alike_does_not_tell() {
    let scene = masked().in_repository(CONTROL, &insufficient(CONTROL));
    assert_eq!(scene.verdict(), (vec!["existence-masked"], 12));
    let finding = scene.finding("existence-masked").unwrap();
    assert_eq!((finding.certainty, finding.evidence.len(), finding.fix.len()), (Certainty::Certain, 2, 2));
    // By HEAD, where a GET would be counted as a pull, there is no code to compare.
    let by_head = masked().in_repository(CONTROL, &insufficient(CONTROL).by_head());
    assert_eq!(by_head.finding("existence-masked").unwrap().certainty, Certainty::Certain);
}

#[test]
fn a_registry_that_tells_them_apart_has_said_that_it_exists() {
    let scene = masked().in_repository(CONTROL, &refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["login-required"], 12));
    let finding = scene.finding("login-required").unwrap();
    assert_eq!(finding.title, "it is private, and wants a login");
    assert!(!format!("{:?}", finding.fix).contains("spelling"), "{finding:?}");
}

#[test]
fn another_answer_to_the_control_says_nothing() {
    for reply in [refused(401, DENIED), refused(429, "{}"), refused(500, "{}")] {
        let scene = masked().in_repository(CONTROL, &reply);
        assert_eq!(scene.verdict(), (vec!["existence-masked"], 12), "{reply:?}");
        assert_eq!(scene.finding("existence-masked").unwrap().certainty, Certainty::Likely);
    }
}

/// openai/tunnel-client#75: GHCR refuses both at its token service.
#[test]
fn a_token_service_can_be_the_one_that_does_not_tell() {
    let scene = refused_run("ghcr.io/acme/api", "Bearer", Outcome::TokenRefused).token(&refused(401, DENIED));
    let scene = scene.diagnosed().in_repository(CONTROL, &refused(401, DENIED).from("https://auth.example.net/token"));
    assert_eq!(scene.verdict(), (vec!["login-required"], 12));
    let finding = scene.finding("login-required").unwrap();
    assert_eq!(finding.evidence.len(), 2);
    assert!(finding.title.contains("no such repository"), "{finding:?}");
}

/// Amazon ECR is honest to those who have logged in.
#[test]
fn whoever_has_logged_in_learns_more() {
    let of = |control: &Canned| {
        let scene = scene(REFERENCE).challenged("Bearer", REALM, Outcome::Rejected).with_credentials();
        let scene = scene.token(&answer(200, "application/json", "{}")).to(&["all"], &insufficient("acme/api"));
        let scene = scene.diagnosed().told(Query::Anonymous, &[refused(401, DENIED)]);
        let scene = scene.in_repository(CONTROL, control);
        assert_eq!(scene.verdict(), (vec!["token-grants-nothing"], 13));
        scene.finding("token-grants-nothing").unwrap().title
    };
    assert_eq!(of(&refused(404, UNKNOWN)), "this user may not pull it");
    assert_eq!(of(&insufficient(CONTROL)), "this user may not pull it, or there is no such repository");
}
