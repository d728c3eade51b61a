//! Servers that are mistaken for a registry, and registries that look like something else.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{DOCKER_IMAGE, UNKNOWN, answer, refused, scene, served};
use crate::evidence::Query;
use crate::oci::media_type;

const REFERENCE: &str = "registry.example.com/acme/api:1";
const CLOUDFRONT: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\n<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE>";

#[test]
fn web_page_is_recognized_with_any_status() {
    for status in [200, 403, 404, 502] {
        let scene = scene(REFERENCE).others(&answer(status, "text/html", CLOUDFRONT));
        assert_eq!(scene.verdict(), (vec!["html-instead-of-registry"], 15), "{status}");
        let finding = scene.finding("html-instead-of-registry").unwrap();
        assert_eq!(finding.evidence[0].quote.as_str(), "ERROR: The request could not be satisfied");
    }
}

/// nvcr.io sends a page with its challenge, and is a registry.
#[test]
fn page_with_registry_headers_is_from_a_registry() {
    let page = "<html>\n<head><title>401 Authorization Required</title></head>";
    let challenge =
        answer(401, "text/html", page).header("www-authenticate", "Bearer realm=\"https://nvcr.io/proxy_auth\"");
    assert!(scene(REFERENCE).others(&challenge).finding("html-instead-of-registry").is_none());
    let refusal = answer(404, "text/html", page).header("docker-distribution-api-version", "registry/2.0");
    assert!(scene(REFERENCE).others(&refusal).finding("html-instead-of-registry").is_none());
    assert_eq!(scene(REFERENCE).others(&answer(429, "text/html", page)).verdict().1, 14);
}

#[test]
fn answer_without_a_sign_of_a_registry_is_likely_from_another_server() {
    for reply in [
        answer(404, "text/plain; charset=utf-8", "404 page not found\n"),
        answer(404, "", ""),
        answer(404, "application/json", r#"{"timestamp":"2026-01-01","path":"/v2/"}"#),
        answer(200, "text/plain", "It works!"),
        answer(200, "application/json", r#"{"status":"ok"}"#),
        answer(200, "", ""),
    ] {
        let scene = scene(REFERENCE).others(&reply);
        assert_eq!(scene.verdict().1, 15, "{reply:?}");
        assert_eq!(scene.finding("wrong-vhost-or-port").unwrap().certainty, Certainty::Likely);
    }
}

#[test]
fn one_sign_of_a_registry_is_enough() {
    let plain = answer(404, "text/plain; charset=utf-8", "404 page not found\n");
    let marked = plain.clone().header("docker-distribution-api-version", "registry/2.0");
    // registry.redhat.io has a plain 404 for a missing repository.
    for scene in [
        scene(REFERENCE).others(&marked),
        scene(REFERENCE).to(&["docker-v2"], &served(media_type::DOCKER_V2, DOCKER_IMAGE)).others(&plain),
        scene("registry.redhat.io/ubi9/nope").others(&answer(404, "", "Not found\n")),
        scene(REFERENCE).others(&refused(404, UNKNOWN)),
        scene(REFERENCE).others(&answer(404, "application/xml", "<Error><Code>BlobNotFound</Code></Error>")),
        scene(REFERENCE).others(&answer(200, "application/json", DOCKER_IMAGE)),
    ] {
        assert!(scene.finding("wrong-vhost-or-port").is_none());
    }
}

/// singularity-hub.org sends the page for an unknown address (inferred from Django's).
#[test]
fn known_other_server_is_called_by_its_name() {
    let page = answer(404, "text/html", "<h1>Not Found</h1>");
    let hub = scene("singularity-hub.org/vsoch/hello-world:1").others(&page);
    assert_eq!(hub.verdict(), (vec!["not-a-distribution-registry"], 15));
    let finding = hub.finding("not-a-distribution-registry").unwrap();
    assert_eq!(finding.fix[0].command.as_deref(), Some("apptainer pull shub://vsoch/hello-world:1"));
    // A registry's error from such a host is believed.
    let refusal = answer(404, "application/json", UNKNOWN);
    let moved = scene("library.sylabs.io/library/alpine:1").others(&refusal);
    assert!(moved.finding("not-a-distribution-registry").is_none());
}

/// RFC 6585 §6 has a status for it, and most networks answer 200.
#[test]
fn sign_in_page_of_a_network_is_called_one() {
    let cause = |reference: &str, status: u16| {
        let scene = scene(reference).others(&answer(status, "text/html", "<html><title>Welcome</title>"));
        scene.finding("html-instead-of-registry").unwrap().cause
    };
    assert!(cause(REFERENCE, 511).contains("sign in first"));
    assert!(cause("us-docker.pkg.dev/p/r/i", 200).contains("sign-in page of a network"));
    assert!(cause(REFERENCE, 200).contains("a web server that is not the registry"));
}

/// sameersbn/docker-gitlab#708, ekristen/docker-index#14: docker-registry 0.x below and above `/v1/`.
#[test]
fn first_generation_registry_is_recognized_by_its_ping() {
    let page = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>";
    let missing = || scene(REFERENCE).diagnosed().others(&answer(404, "text/html", page));
    assert!(missing().judge().questions.contains(&Query::FirstGeneration));
    let old = missing().told(Query::FirstGeneration, &[answer(200, "application/json", "true")]);
    assert_eq!(old.verdict(), (vec!["not-a-distribution-registry"], 15));
    assert_eq!(old.finding("not-a-distribution-registry").unwrap().evidence.len(), 2);
    for other in [answer(404, "text/html", page), answer(200, "text/html", page)] {
        let scene = missing().told(Query::FirstGeneration, &[other]);
        assert_eq!(scene.verdict(), (vec!["html-instead-of-registry"], 15));
    }
    let registry = scene(REFERENCE).diagnosed().others(&refused(404, UNKNOWN));
    assert!(!registry.judge().questions.contains(&Query::FirstGeneration));
}

/// The text of all fixes.
fn fixes(finding: &crate::diagnosis::Finding) -> String {
    finding.fix.iter().map(|fix| fix.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// concourse/docker-image-resource#384.
#[test]
fn bot_challenge_is_not_for_browsers_to_solve() {
    let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>";
    let scene = scene(REFERENCE).others(&answer(403, "text/html", page).header("cf-mitigated", "challenge"));
    assert_eq!(scene.verdict(), (vec!["html-instead-of-registry"], 15));
    let finding = scene.finding("html-instead-of-registry").unwrap();
    assert!(finding.cause.contains("bot challenge") && fixes(&finding).contains("bot check"), "{finding:?}");
    assert!(!fixes(&finding).contains("browser"), "{finding:?}");
    let blocked = crate::diagnosis::testing::scene(REFERENCE).others(&answer(403, "text/html", CLOUDFRONT));
    assert!(fixes(&blocked.finding("html-instead-of-registry").unwrap()).contains("browser"));
}

/// ros2/ros2_documentation#6092; RFC 9110 §15.5.20.
#[test]
fn misdirected_request_is_explained_by_request_and_connection_names() {
    let page = "<html><head><title>421 Misdirected Request</title></head><body><h1>Misdirected Request</h1>\n<p>The client \
        needs a new connection for this request as the requested host name does not match the Server Name Indication.</p>";
    for reply in [answer(421, "text/html", page), answer(421, "text/plain", "Misdirected Request")] {
        let scene = scene(REFERENCE).others(&reply);
        assert_eq!(scene.verdict(), (vec!["html-instead-of-registry"], 15), "{reply:?}");
        let finding = scene.finding("html-instead-of-registry").unwrap();
        assert!(finding.cause.contains("(SNI)") && !fixes(&finding).contains("browser"), "{finding:?}");
    }
    let finding = scene(REFERENCE).others(&answer(421, "text/html", page)).finding("html-instead-of-registry").unwrap();
    assert!(finding.evidence[0].quote.as_str().contains("does not match the Server Name"), "{finding:?}");
}

#[test]
fn sign_in_page_is_for_the_proxy_to_exempt() {
    let page = answer(200, "text/html", "<html><title>Sign In</title>");
    let at = |address: &str| {
        let own = "https://registry.example.com/v2/acme/api/manifests/1";
        let scene = scene(REFERENCE).others(&page.clone().from(address).after(&[own]));
        fixes(&scene.finding("html-instead-of-registry").unwrap())
    };
    assert!(
        at("https://registry.example.com/oauth2/sign_in?rd=%2F").contains("exempt paths below /v2/ from the sign-in")
    );
    assert!(at("https://www.example.com/").contains("browser"));
}
