use serde_json::Value;

use crate::lab::content::digest_in;
use crate::lab::testing::{in_scenario, with_hosts};
use crate::oci::{Algorithm, Digest};

const IMAGE: &str = "https://quay.io/v2/example/greeting";

/// `docker pull quay.io/watchdogpolska/alpine-curl`, 20 August 2020; the last header is from later source code.
#[test]
fn base_endpoint_answers_401_with_the_body_true() {
    in_scenario("quay-healthy").to("GET https://quay.io/v2/", &[]).assert_reproduces(
        "HTTP/1.1 401 UNAUTHORIZED
        Server: *
        Content-Type: text/html; charset=utf-8
        Content-Length: 4
        Docker-Distribution-API-Version: registry/2.0
        WWW-Authenticate: Bearer realm=\"https://quay.io/v2/auth\",service=\"quay.io\"
        X-Sparse-Manifest-Support: false

true",
    );
}

/// estesp/manifest-tool#120 (2021); the order of the fields from `endpoints/v2/errors.py`.
#[test]
fn private_and_missing_repositories_get_the_same_refusal() {
    let lab = in_scenario("quay-private");
    let image = "https://quay.io/v2/openshift-qe-optional-operators/ocp4-index";
    let refusal = lab.to(&format!("GET {image}/manifests/latest"), &[]);
    refusal.assert_reproduces(
        "HTTP/1.1 401 UNAUTHORIZED
        content-length: 112
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        server: *
        www-authenticate: Bearer realm=\"https://quay.io/v2/auth\",service=\"quay.io\",\
scope=\"repository:openshift-qe-optional-operators/ocp4-index:pull\"

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"detail\":{},\"message\":\"access to the requested resource is not authorized\"}]}⏎",
    );
    let nothing = lab.to("GET https://quay.io/v2/nobody/nothing/manifests/latest", &[]);
    assert_eq!((nothing.status, &nothing.body), (refusal.status, &refusal.body));
    let token = lab.token("https://quay.io/v2/auth", "openshift-qe-optional-operators/ocp4-index");
    assert_eq!(lab.to(&format!("GET {image}/manifests/latest"), &[("Authorization", &token)]).status, 401);
}

/// The answer for a missing tag as on 27 August 2020, and since.
#[test]
fn missing_tag_is_unknown() {
    in_scenario("quay-healthy").to(&format!("GET {IMAGE}/manifests/nothing"), &[]).assert_reproduces(
        "HTTP/2 404
        server: *
        content-type: application/json
        content-length: 82

{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"detail\":{},\"message\":\"manifest unknown\"}]}⏎",
    );
}

/// `endpoints/v2/manifest.py`, `TagExpired`.
#[test]
fn expired_tag_has_a_code_of_its_own() {
    let answer = in_scenario("quay-expired-tag").to(&format!("GET {IMAGE}/manifests/pr-1712"), &[]);
    let body = "{\"errors\":[{\"code\":\"TAG_EXPIRED\",\"detail\":{},\"message\":\"Tag pr-1712 was deleted or has expired. \
                To pull, revive via time machine\"}]}\n";
    assert_eq!((answer.status, &*answer.body), (404, body.as_bytes()));
    assert_eq!(answer.get("content-type"), Some("application/json"));
}

/// The headers of estesp/manifest-tool#156 (2022) and of the schema 1 answers of 27 August 2020.
#[test]
fn request_without_the_stored_type_is_converted_to_schema1() {
    let lab = in_scenario("quay-silent-schema1");
    let image = "https://quay.io/v2/eclipse/che-plugin-registry/manifests";
    let old = lab.to(
        &format!("GET {image}/7.114.0"),
        &[("Accept", "application/vnd.docker.distribution.manifest.v2+json"), ("Accept", "*/*")],
    );
    old.assert_reproduces(&format!(
        "HTTP/2 200
        server: nginx/1.14.1
        content-type: application/vnd.docker.distribution.manifest.v1+json
        docker-content-digest: *
        x-frame-options: DENY
        strict-transport-security: max-age=63072000; preload

{}",
        String::from_utf8_lossy(&old.body)
    ));
    let document: Value = serde_json::from_slice(&old.body).unwrap();
    assert_eq!((&document["schemaVersion"], &document["signatures"]), (&Value::from(1), &Value::Null));
    assert_eq!(document["fsLayers"].as_array().unwrap().len(), document["history"].as_array().unwrap().len());
    let digest = old.get("docker-content-digest").unwrap();
    assert_eq!(digest, Digest::of(Algorithm::Sha256, &old.body).to_string());
    assert_eq!(lab.to(&format!("GET {image}/{digest}"), &[]).status, 404);

    let new = lab.to(&format!("GET {image}/7.114.0"), &[("Accept", "application/vnd.oci.image.manifest.v1+json")]);
    assert_eq!(new.get("docker-content-digest"), digest_in("oci-image", "manifest").as_deref());
    assert_eq!(new.get("docker-distribution-api-version"), None);
}

/// `endpoints/v2/v2auth.py`; the headers of 20 August 2020.
#[test]
fn token_request_with_a_scope_gets_a_token() {
    let lab = in_scenario("quay-private");
    let ask = |query: &str| lab.to(&format!("GET https://quay.io/v2/auth?service=quay.io{query}"), &[]);
    let given = ask("&scope=repository:openshift-qe-optional-operators/ocp4-index:pull");
    given.assert_reproduces(
        "HTTP/1.1 200 OK
        Server: *
        Content-Type: application/json
        Cache-Control: no-cache, no-store, must-revalidate
        X-Frame-Options: DENY
        Strict-Transport-Security: max-age=63072000; preload

{\"token\":\"...",
    );
    assert_eq!(ask("").status, 401);
    let undecodable = ask("&scope=repository:a/b:delete");
    assert_eq!(undecodable.status, 400);
    let words = "\"message\":\"Unable to decode repository and actions: repository:a/b:delete\"";
    assert!(String::from_utf8_lossy(&undecodable.body).contains(words));
}

/// `docker pull quay.io/watchdogpolska/alpine-curl`, 20 August 2020.
#[test]
fn blobs_redirect_to_the_cdn() {
    let digest = digest_in("docker-image", "layer").unwrap();
    let hosts = "[[host]]\nname = \"quay.io\"\ndialect = \"quay\"\nof = \"cdn02.quay.io\"\n\
                 repositories.\"example/greeting\" = { latest = \"docker-image\" }\n\
                 [[host]]\nname = \"cdn02.quay.io\"\ndialect = \"quay\"\nof = \"quay.io\"\n";
    let answer = with_hosts(hosts).to(&format!("GET {IMAGE}/blobs/{digest}"), &[]);
    answer.assert_reproduces(&format!(
        "HTTP/1.1 302 FOUND
        Server: *
        Content-Type: text/html; charset=utf-8
        Location: *
        Accept-Ranges: bytes
        Docker-Content-Digest: {digest}
        Cache-Control: max-age=31536000
        X-Frame-Options: DENY
        Strict-Transport-Security: max-age=63072000; preload

<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">
<title>Redirecting...</title>
<h1>Redirecting...</h1>
<p>You should be redirected automatically to target URL: <a href=\"https://cdn02.quay.io/sha256/..."
    ));
    let hex = &digest["sha256:".len()..];
    let place = format!("https://cdn02.quay.io/sha256/{}/{hex}?Expires=", &hex[..2]);
    assert!(answer.get("location").unwrap().starts_with(&place), "{answer:?}");
}

#[test]
fn tags_are_paginated_and_missing_subject_is_an_error() {
    let hosts = "[[host]]\nname = \"quay.io\"\ndialect = \"quay\"\n\
                 repositories.\"example/greeting\" = { one = \"docker-image\", two = \"docker-image\" }\n";
    let lab = with_hosts(hosts);
    let page = lab.to(&format!("GET {IMAGE}/tags/list?n=1"), &[]);
    assert_eq!(&*page.body, b"{\"name\":\"example/greeting\",\"tags\":[\"one\"]}\n");
    let next = "<https://quay.io/v2/example/greeting/tags/list?n=1&last=one>; rel=\"next\"";
    assert_eq!(page.get("link"), Some(next));
    let known = digest_in("docker-image", "manifest").unwrap();
    assert_eq!(lab.to(&format!("GET {IMAGE}/referrers/{known}"), &[]).status, 200);
    assert_eq!(lab.to(&format!("GET {IMAGE}/referrers/sha256:{}", "0".repeat(64)), &[]).status, 400);
}
