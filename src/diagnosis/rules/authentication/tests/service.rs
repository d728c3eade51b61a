//! Refusals by token services that are not about identity, and the contents of tokens and challenges.

use super::{DENIED, REALM, REFERENCE, refused_run, verdict};
use crate::diagnosis::testing::{Canned, DOCKER_IMAGE, Scene, answer, failed, refused, scene, served};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::{FailureKind, Outcome, Query, TokenClaims};
use crate::oci::media_type;
use crate::text::Untrusted;

const BASIC: &str = "Basic realm=\"Company\"";
const BEARER: &str = "Bearer realm=\"https://auth.example.net/token\",service=\"r\"";

fn at_service(reply: &Canned) -> Scene {
    refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).token(reply)
}

/// The commands and sentences of all fixes, for a search.
fn advice(scene: &Scene) -> String {
    let fixes = scene.judge().findings.into_iter().flat_map(|finding| finding.fix);
    fixes.map(|fix| format!("{} {}\n", fix.text, fix.command.as_deref().unwrap_or_default())).collect()
}

/// goharbor/harbor#3369, goharbor/harbor#13045.
#[test]
fn unknown_service_gives_no_login_advice() {
    let harbor = answer(400, "text/plain; charset=utf-8", "Unable to handle service: token-service\n");
    for scene in [at_service(&harbor), at_service(&harbor).with_credentials()] {
        assert_eq!(scene.verdict(), (vec!["token-service-unknown"], 12));
        assert!(!advice(&scene).contains("--username") && !advice(&scene).contains("og in"), "{}", advice(&scene));
    }
    let other = answer(400, "text/plain", "scope is malformed\n");
    assert!(at_service(&other).finding("token-service-unknown").is_none());
}

#[test]
fn refusal_not_about_identity_gives_no_login_advice() {
    for reply in [
        answer(400, "text/plain", "Bad Request\n"),
        answer(400, "application/json", r#"{"error":"invalid_request","error_description":"scope is malformed"}"#),
        answer(403, "text/html", "<html><title>Blocked</title>"),
        answer(422, "application/json", "{}"),
    ] {
        for scene in [at_service(&reply), at_service(&reply).with_credentials()] {
            assert_eq!(scene.verdict(), (vec!["token-response-unusable"], 12), "{reply:?}");
            assert!(!advice(&scene).contains("--username") && !advice(&scene).contains("og in"), "{}", advice(&scene));
        }
    }
}

#[test]
fn failed_token_service_shows_when_to_retry() {
    let reason = Outcome::TokenUnusable("the token service answered with status 503 and no token".to_owned());
    let down = answer(503, "text/plain", "no healthy upstream").header("retry-after", "30");
    let scene = refused_run(REFERENCE, "Bearer", reason).with_credentials().token(&down);
    assert_eq!(scene.verdict(), (vec!["token-response-unusable"], 19));
    let finding = scene.finding("token-response-unusable").unwrap();
    assert!(finding.title.ends_with("failed") && finding.cause.contains("30 s"), "{finding:?}");
    assert!(!advice(&scene).contains("og in"));
}

/// RFC 6749 §5.2 uses 400 for these, the distribution specification 401, GitLab and GHCR 403.
#[test]
fn refusal_about_identity_requires_a_login_at_any_status() {
    for reply in [
        refused(401, DENIED),
        refused(403, DENIED),
        answer(401, "", ""),
        answer(400, "application/json", r#"{"error":"invalid_grant","error_description":"The grant has expired"}"#),
        answer(400, "application/json", r#"{"error":"invalid_client"}"#),
        refused(400, r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#),
        answer(400, "application/json", r#"{"details":"incorrect username or password"}"#),
    ] {
        assert_eq!(verdict(&at_service(&reply)), ("login-required", 12), "{reply:?}");
    }
}

/// goharbor/harbor#19634.
#[test]
fn realm_in_a_private_network_is_a_fault_of_the_registry() {
    let of = |realm: &str| {
        refused_run(REFERENCE, "Bearer", Outcome::RealmUnreachable).token_at(realm, &failed(FailureKind::Dns))
    };
    for realm in ["https://registry.home/token", "https://harbor/service/token", "https://10.0.0.7/token"] {
        assert_eq!(of(realm).verdict(), (vec!["realm-wrong"], 12), "{realm}");
    }
    assert_eq!(of("https://auth.example.com/token").verdict(), (vec!["realm-unreachable"], 15));
}

/// nicholasamorim/ansible-role-harbor#10: the registry was moved to a port, and its realm was not.
#[test]
fn realm_without_the_registry_s_port_is_likely_wrong() {
    let of = |reference: &str, realm: &str| {
        let unreachable = refused_run(reference, "Bearer", Outcome::RealmUnreachable);
        unreachable.token_at(realm, &failed(FailureKind::Refused)).verdict()
    };
    let realm = "https://registry.example.com/service/token";
    assert_eq!(of("registry.example.com:8443/acme/api:1", realm), (vec!["realm-wrong"], 12));
    assert_eq!(of("registry.example.com/acme/api:1", realm), (vec!["realm-unreachable"], 15));
    assert_eq!(of("registry.example.com:8443/a/b:1", "https://auth.example.com/t"), (vec!["realm-unreachable"], 15));
}

/// A run whose 401 had these header lines and could be answered.
fn challenged_with(lines: &[&str], outcome: Outcome) -> Scene {
    let mut reply = answer(401, "application/json", DENIED);
    let response = reply.response.as_mut().unwrap();
    response.headers.extend(lines.iter().map(|line| ("www-authenticate".to_owned(), Untrusted::from(*line))));
    let scheme = if lines.iter().any(|line| line.contains("Bearer")) { "Bearer" } else { "Basic" };
    let mut scene = scene(REFERENCE).challenged(scheme, REALM, outcome);
    scene.challenge_was(&reply);
    scene.others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))
}

#[test]
fn clients_that_cannot_read_a_challenge_are_named() {
    let found = |lines: &[&str], login: bool| {
        let scene = challenged_with(lines, Outcome::Accepted);
        let scene = if login { scene.with_credentials() } else { scene };
        scene.finding("challenge-read-differently").map(|finding| finding.cause)
    };
    let one_line = found(&["Negotiate, Basic realm=\"Company\""], true).unwrap();
    assert!(
        one_line.starts_with("Docker, containerd") && one_line.contains("one challenge per header line"),
        "{one_line}"
    );
    let unquoted = found(&["Bearer realm=https://auth.example.net/token,service=r"], false).unwrap();
    assert!(unquoted.contains("before the end of the token service's address"), "{unquoted}");
    // containerd and Docker look for Bearer at any position.
    let basic_first = found(&[BASIC, BEARER], false).unwrap();
    assert!(basic_first.starts_with("Podman") && basic_first.contains("ORAS"), "{basic_first}");
    assert!(!basic_first.contains("containerd") && !basic_first.contains("Docker"), "{basic_first}");
    // Clients with distribution's parser stop at an empty value; containerd and ORAS do not.
    let empty = found(&["Bearer service=\"\",realm=\"https://auth.example.net/token\""], false).unwrap();
    assert!(empty.contains("Docker") && empty.contains("Podman") && empty.contains("crane"), "{empty}");
    assert!(!empty.contains("containerd") && !empty.contains("ORAS"), "{empty}");
    // google/go-containerregistry#1075: nginx with SPNEGO offers both. ORAS reads only the first line.
    let negotiate_first = found(&["Negotiate", BASIC], true).unwrap();
    assert!(negotiate_first.starts_with("ORAS") && !negotiate_first.contains("crane"), "{negotiate_first}");
    for (lines, login) in [
        (&[BEARER][..], false),
        (&[BASIC], true),
        (&[BASIC, "Negotiate"], true),
        (&[BEARER, "Basic"], false),
        (&[BASIC, BEARER], true),
        (&["BASIC realm=\"a, b\""], true),
    ] {
        assert_eq!(found(lines, login), None, "{lines:?}");
    }
}

/// tektoncd/plumbing#2340, nix-community/docker-nixpkgs#55.
#[test]
fn redirect_to_a_registry_that_requires_authentication_is_the_cause() {
    const OWN: &str = "https://registry.example.com/v2/acme/api/manifests/1";
    let asked = answer(401, "application/json", DENIED).header("www-authenticate", BEARER);
    let at = |address: &str, reply: &Canned| scene(REFERENCE).others(&reply.clone().from(address).after(&[OWN]));
    let there = at("https://ghcr.io/v2/acme/api/manifests/1", &asked);
    assert_eq!(there.verdict(), (vec!["redirect-to-another-registry"], 12));
    let finding = there.finding("redirect-to-another-registry").unwrap();
    assert_eq!(finding.fix[0].command.as_deref(), Some("ociscope probe ghcr.io/acme/api:1"));
    assert!(!finding.fix.iter().any(|fix| fix.text.contains("Log in")), "{finding:?}");
    // A path that is not a repository name gets no command.
    let odd = at("https://ghcr.io/v2/$(id)/manifests/1", &asked).finding("redirect-to-another-registry").unwrap();
    assert!(odd.fix.iter().all(|fix| fix.command.is_none()), "{odd:?}");
    // The registry's own challenge, a redirect within the registry, storage, and another registry's 404.
    for (address, reply) in [
        (OWN, &asked),
        ("https://registry.example.com/v2/acme/mirror/manifests/1", &asked),
        ("https://storage.example.net/registry/blob", &asked),
        ("https://ghcr.io/v2/acme/api/manifests/1", &refused(404, "{}")),
        ("https://ghcr.io/v2/acme/api/manifests/1", &answer(401, "application/json", DENIED)),
    ] {
        assert!(at(address, reply).finding("redirect-to-another-registry").is_none(), "{address}");
    }
}

#[test]
fn ping_with_another_challenge_is_reported() {
    let of = |ping: Canned| {
        let scene = challenged_with(&[BEARER], Outcome::Accepted).diagnosed().told(Query::Ping, &[ping]);
        scene.finding("ping-challenge-differs").map(|finding| finding.title)
    };
    assert!(of(answer(200, "application/json", "{}")).unwrap().contains("requires no authentication"));
    assert!(of(answer(404, "text/plain", "404 page not found")).unwrap().contains("does not answer"));
    assert!(of(answer(401, "", "")).unwrap().contains("without a usable challenge"));
    assert!(of(answer(401, "", "").header("www-authenticate", BASIC)).unwrap().contains("another authentication"));
    // GHCR has a placeholder for the scope there, and realms may differ with the path.
    let other_realm = "Bearer realm=\"https://other.test/token\",service=\"r\",scope=\"repository:user/image:pull\"";
    assert_eq!(of(answer(401, "", "").header("www-authenticate", other_realm)), None);
    assert_eq!(of(answer(429, "", "")), None);
}

#[test]
fn ping_is_requested_after_an_actual_or_expected_challenge() {
    let asks = |scene: Scene| scene.diagnosed().judge().questions.contains(&Query::Ping);
    assert!(asks(challenged_with(&[BEARER], Outcome::Accepted)));
    assert!(asks(scene(REFERENCE).with_credentials().others(&refused(404, "{}"))));
    assert!(!asks(scene(REFERENCE).others(&refused(404, "{}"))));
    assert!(!asks(scene(REFERENCE).others(&answer(200, "text/html", "<title>Sign in</title>"))));
    assert!(asks(scene(REFERENCE).others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))));
    assert!(asks(scene(REFERENCE).with_credentials().others(&served(media_type::DOCKER_V2, DOCKER_IMAGE))));
    assert!(!asks(scene(REFERENCE).with_credentials().others(&refused(429, "{}"))));
    assert!(!challenged_with(&[BEARER], Outcome::Accepted).judge().questions.contains(&Query::Ping));
}

/// containers/image, docker/docker_client.go: pinging container registry; skopeo 1.9.3 and Podman 4.3.1 stop at 404.
#[test]
fn ping_status_that_stops_clients_is_a_warning_for_a_served_image() {
    let of = |ping: Canned| {
        let open = scene(REFERENCE).others(&served(media_type::DOCKER_V2, DOCKER_IMAGE)).diagnosed();
        open.told(Query::Ping, &[ping]).finding("ping-challenge-differs")
    };
    for status in [400, 403, 404, 405, 410] {
        let finding = of(answer(status, "text/html", "<h1>nginx</h1>")).unwrap_or_else(|| panic!("{status}"));
        assert_eq!(finding.severity, Severity::Warning);
        for words in
            ["Podman, Buildah, Skopeo and CRI-O", "crane, kaniko and Trivy", "Docker continues", "containerd does not"]
        {
            assert!(finding.cause.contains(words), "{words}: {}", finding.cause);
        }
    }
    // Answers of a registry, a rate limit, and a temporary server failure.
    let unknown = answer(401, "application/json", DENIED).header("www-authenticate", BEARER);
    for reply in
        [answer(200, "application/json", "{}"), unknown, answer(401, "", ""), answer(429, "", ""), answer(503, "", "")]
    {
        assert_eq!(of(reply), None);
    }
}

/// RFC 7519 §4.1.3.
#[test]
fn audience_without_the_registry_is_reported() {
    let of = |audience: &[&str], error: &str| {
        let challenge = format!("Bearer realm=\"{REALM}\",service=\"registry.example.com\",error=\"{error}\"");
        let reply = answer(401, "application/json", DENIED).header("www-authenticate", &challenge);
        let mut scene = scene(REFERENCE).challenged("Bearer", REALM, Outcome::Rejected);
        scene.record.authentication.challenge.as_mut().unwrap().service = Some(Untrusted::from("registry.example.com"));
        let audience = audience.iter().map(|&one| Untrusted::from(one)).collect();
        scene.record.authentication.token_claims = Some(TokenClaims { audience, ..TokenClaims::default() });
        scene.token(&answer(200, "", "{}")).to(&["all"], &reply)
    };
    let other = of(&["old.example.com"], "invalid_token");
    assert_eq!(other.verdict(), (vec!["token-audience-differs"], 12));
    assert_eq!(other.finding("token-audience-differs").unwrap().certainty, Certainty::Certain);
    for scene in [
        of(&["registry.example.com"], "invalid_token"),
        of(&["other", "registry.example.com"], "invalid_token"),
        of(&[], "invalid_token"),
        of(&["old.example.com"], "insufficient_scope"),
    ] {
        assert!(scene.finding("token-audience-differs").is_none());
    }
}

/// distribution/distribution#979.
#[test]
fn token_of_ten_seconds_is_too_short_and_the_challenge_is_valid() {
    let of = |seconds: Option<u64>| {
        let mut scene = challenged_with(&[BEARER], Outcome::Accepted).token(&answer(200, "application/json", "{}"));
        scene.record.authentication.token_lifetime = seconds;
        scene
    };
    let short = of(Some(10));
    assert!(short.finding("token-lifetime-short").unwrap().cause.contains("10 s"));
    assert!(short.finding("challenge-missing-or-inconsistent").is_none());
    assert_eq!(short.judge().exit_status().code(), 0);
    for seconds in [None, Some(60), Some(300)] {
        assert!(of(seconds).finding("token-lifetime-short").is_none(), "{seconds:?}");
    }
}

#[test]
fn irregular_token_response_is_not_called_a_malformed_challenge() {
    let mut scene = challenged_with(&[BEARER], Outcome::Accepted).token(&answer(200, "application/json", "CANARY"));
    scene.record.authentication.token_remarks.push("token and access_token differ.".to_owned());
    let finding = scene.finding("challenge-missing-or-inconsistent").unwrap();
    assert!(
        finding.title.contains("token service's answer") && !format!("{finding:?}").contains("CANARY"),
        "{finding:?}"
    );
}
