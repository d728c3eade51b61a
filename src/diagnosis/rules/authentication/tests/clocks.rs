//! Clocks that differ, in the words of docker/hub-feedback#647: `token not to be used before 1451418688 or after
//! 1451418988 - currently 1451418655`.

use super::{DENIED, REALM, REFERENCE};
use crate::diagnosis::testing::{Scene, answer, scene};
use crate::diagnosis::{Certainty, Finding};
use crate::evidence::{Outcome, TokenClaims};
use crate::text::Untrusted;

const ISSUED: i64 = 1_451_418_688;
const NOW: &str = "Tue, 29 Dec 2015 19:51:28 GMT";
const FIVE_MINUTES_BEFORE: &str = "Tue, 29 Dec 2015 19:46:28 GMT";
const HALF_A_MINUTE_BEFORE: &str = "Tue, 29 Dec 2015 19:50:55 GMT";
const AN_HOUR_LATER: &str = "Tue, 29 Dec 2015 20:51:28 GMT";
const INVALID: &str = r#"Bearer realm="https://auth.example.net/token",service="r",error="invalid_token""#;

/// A token that its service issued at one time, and that the registry rejected at another.
fn refused_at(service: &str, registry: &str) -> Scene {
    let refusal = answer(401, "application/json", DENIED).header("www-authenticate", INVALID).header("date", registry);
    let scene = scene(REFERENCE).challenged("Bearer", REALM, Outcome::Rejected);
    scene.token(&answer(200, "", "{}").header("date", service)).to(&["all"], &refusal)
}

/// [`refused_at`] with a token that shows its validity period.
fn refused_jwt(service: &str, registry: &str, claims: TokenClaims) -> Scene {
    let mut scene = refused_at(service, registry);
    scene.record.authentication.token_claims = Some(claims);
    scene
}

fn five_minutes() -> TokenClaims {
    let actions = Some(vec![Untrusted::from("pull")]);
    TokenClaims {
        not_before: Some(ISSUED),
        issued_at: Some(ISSUED),
        expires: Some(ISSUED + 300),
        audience: Vec::new(),
        actions,
    }
}

fn found(scene: &Scene) -> Finding {
    assert_eq!(scene.verdict(), (vec!["token-clock-skew"], 12));
    scene.finding("token-clock-skew").unwrap()
}

#[test]
fn registry_clock_behind_rejects_a_new_token() {
    let finding = found(&refused_jwt(NOW, FIVE_MINUTES_BEFORE, five_minutes()));
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("5 min behind"), "{finding:?}");
    assert!(finding.evidence[0].quote.as_str().contains(FIVE_MINUTES_BEFORE));
}

#[test]
fn registry_clock_ahead_takes_a_new_token_for_expired() {
    let finding = found(&refused_jwt(NOW, AN_HOUR_LATER, five_minutes()));
    assert!(finding.cause.contains("60 min ahead of"), "{finding:?}");
}

/// T41: the clock of the client plays no part.
#[test]
fn clock_that_differs_from_two_others_is_off() {
    let mut scene = refused_jwt(NOW, FIVE_MINUTES_BEFORE, five_minutes());
    assert!(found(&scene).cause.contains("cannot be determined"));
    scene.record.now = Some(ISSUED);
    let finding = found(&scene);
    assert!(finding.fix[0].text.contains("registry.example.com") && !finding.fix[0].text.contains("auth.example.net"));
    scene.record.now = Some(ISSUED - 300);
    assert!(found(&scene).fix[0].text.contains("auth.example.net"));
    // All three differ.
    scene.record.now = Some(ISSUED + 86_400);
    assert!(found(&scene).cause.contains("cannot be determined"));
}

/// RFC 6750 §1.4: a token may be opaque; the registry's error and the two dates are then the only evidence.
#[test]
fn skew_without_token_times_is_likely() {
    assert_eq!(found(&refused_at(NOW, FIVE_MINUTES_BEFORE)).certainty, Certainty::Likely);
}

#[test]
fn skew_within_the_leeway_is_not_a_cause() {
    for scene in [
        refused_jwt(NOW, HALF_A_MINUTE_BEFORE, five_minutes()),
        refused_at(NOW, HALF_A_MINUTE_BEFORE),
        // The token is valid by both clocks, so it was rejected for another reason.
        refused_jwt(NOW, FIVE_MINUTES_BEFORE, TokenClaims { not_before: None, issued_at: None, ..five_minutes() }),
        refused_at("yesterday", FIVE_MINUTES_BEFORE),
    ] {
        assert_eq!(scene.verdict(), (vec!["token-grants-nothing"], 12));
    }
}

/// distribution/distribution#979: ten seconds, and a registry whose clock is half a minute ahead.
#[test]
fn short_token_expires_by_a_clock_within_the_leeway() {
    let ten_seconds = TokenClaims { expires: Some(ISSUED + 10), ..five_minutes() };
    let half_a_minute_later = "Tue, 29 Dec 2015 19:51:58 GMT";
    let finding = found(&refused_jwt(NOW, half_a_minute_later, ten_seconds.clone()));
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("30 s ahead of"), "{finding:?}");
    // Expired on arrival by both clocks.
    let over = TokenClaims { expires: Some(ISSUED - 1), ..ten_seconds };
    assert!(refused_jwt(NOW, half_a_minute_later, over).finding("token-clock-skew").is_none());
}

#[test]
fn extreme_times_do_not_overflow() {
    let extreme = TokenClaims { not_before: Some(i64::MIN), expires: Some(i64::MAX), ..five_minutes() };
    let mut scene = refused_jwt(NOW, FIVE_MINUTES_BEFORE, extreme);
    scene.record.now = Some(i64::MAX);
    assert!(scene.finding("token-clock-skew").is_none());
}
