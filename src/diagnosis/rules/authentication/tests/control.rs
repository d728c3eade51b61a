//! Private and nonexistent repositories, compared with a control request.

use super::{DENIED, REALM, REFERENCE, refused_run};
use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, Scene, UNKNOWN, answer, refused, scene};
use crate::evidence::{Outcome, Query};

const CONTROL: &str = "acme/ociscope-no-such-repository";

/// The rejection of a token by a registry that masks existence, with the repository in its challenge.
fn insufficient(repository: &str) -> Canned {
    let challenge = format!(
        "Bearer realm=\"{REALM}\",service=\"r\",scope=\"repository:{repository}:pull\",error=\"insufficient_scope\""
    );
    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
    refused(401, body).header("www-authenticate", &challenge)
}

/// An anonymous diagnosis in which the registry rejected an anonymous token.
fn masked() -> Scene {
    let scene = scene(REFERENCE).challenged("Bearer", REALM, Outcome::Rejected);
    scene.token(&answer(200, "application/json", "{}")).to(&["all"], &insufficient("acme/api")).diagnosed()
}

#[test]
fn refusal_is_followed_by_a_control_request_for_a_nonexistent_repository() {
    let questions = masked().judge().questions;
    let is_control = |question: &Query| match question {
        Query::Elsewhere(other) => other.to_string() == "registry.example.com/acme/ociscope-no-such-repository:1",
        _ => false,
    };
    assert!(questions.iter().any(is_control), "{questions:?}");
}

#[test]
fn registry_with_equal_answers_masks_existence() {
    let scene = masked().in_repository(CONTROL, &insufficient(CONTROL));
    assert_eq!(scene.verdict(), (vec!["existence-masked"], 12));
    let finding = scene.finding("existence-masked").unwrap();
    assert_eq!((finding.certainty, finding.evidence.len(), finding.fix.len()), (Certainty::Certain, 2, 2));
    // A HEAD, used if a GET would be counted as a pull, has no error code to compare.
    let by_head = masked().in_repository(CONTROL, &insufficient(CONTROL).by_head());
    assert_eq!(by_head.finding("existence-masked").unwrap().certainty, Certainty::Certain);
}

#[test]
fn control_not_found_confirms_that_the_repository_exists() {
    let scene = masked().in_repository(CONTROL, &refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["login-required"], 12));
    let finding = scene.finding("login-required").unwrap();
    assert_eq!(finding.title, "repository is private and requires authentication");
    assert!(!format!("{:?}", finding.fix).contains("spelling"), "{finding:?}");
}

#[test]
fn other_answer_to_the_control_is_no_evidence() {
    for reply in [refused(401, DENIED), refused(429, "{}"), refused(500, "{}")] {
        let scene = masked().in_repository(CONTROL, &reply);
        assert_eq!(scene.verdict(), (vec!["existence-masked"], 12), "{reply:?}");
        assert_eq!(scene.finding("existence-masked").unwrap().certainty, Certainty::Likely);
    }
}

/// openai/tunnel-client#75: GHCR refuses both at its token service.
#[test]
fn token_service_with_equal_answers_masks_existence() {
    let scene = refused_run("ghcr.io/acme/api", "Bearer", Outcome::TokenRefused).token(&refused(401, DENIED));
    let scene = scene.diagnosed().in_repository(CONTROL, &refused(401, DENIED).from("https://auth.example.net/token"));
    assert_eq!(scene.verdict(), (vec!["login-required"], 12));
    let finding = scene.finding("login-required").unwrap();
    assert_eq!(finding.evidence.len(), 2);
    assert!(finding.title.contains("does not exist"), "{finding:?}");
}

/// Amazon ECR tells authenticated users whether a repository exists.
#[test]
fn authenticated_user_sees_whether_the_repository_exists() {
    let of = |control: &Canned| {
        let scene = scene(REFERENCE).challenged("Bearer", REALM, Outcome::Rejected).with_credentials();
        let scene = scene.token(&answer(200, "application/json", "{}")).to(&["all"], &insufficient("acme/api"));
        let scene = scene.diagnosed().told(Query::Anonymous, &[refused(401, DENIED)]);
        let scene = scene.in_repository(CONTROL, control);
        assert_eq!(scene.verdict(), (vec!["token-grants-nothing"], 13));
        scene.finding("token-grants-nothing").unwrap().title
    };
    assert_eq!(of(&refused(404, UNKNOWN)), "user has no pull access");
    assert_eq!(of(&insufficient(CONTROL)), "user has no pull access, or the repository does not exist");
}
