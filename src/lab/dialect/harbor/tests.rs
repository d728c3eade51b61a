//! Harbor's answers, compared with those of the real one.

use crate::lab::content::digest_in;
use crate::lab::testing::{TestLab, in_scenario};

const OCI: (&str, &str) = ("Accept", "application/vnd.oci.image.manifest.v1+json");

/// An anonymous token to pull from a repository.
fn token(lab: &TestLab, repository: &str) -> String {
    let query = format!("service=harbor-registry&scope=repository:{repository}:pull");
    let answer = lab.to(&format!("GET https://harbor.example/service/token?{query}"), &[]);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    format!("Bearer {}", body["token"].as_str().unwrap())
}

/// containers/image `docker/errors_test.go` and containers/image#2203 (Harbor 2.10.2, 2024-05-08), byte for byte.
#[test]
fn missing_tag_is_reported_as_not_found() {
    let lab = in_scenario("harbor-not-found");
    let bearer = token(&lab, "test/alpine");
    let tag = "sha256-443205b0cfcc78444321d56a2fe273f06e27b2c72b5058f8d7e975997d45b015.sig";
    let url = format!("GET https://harbor.example/v2/test/alpine/manifests/{tag}");
    lab.to(&url, &[("Authorization", &bearer)]).assert_reproduces(
        "HTTP/1.1 404 Not Found
        Content-Length: 153
        Content-Type: application/json; charset=utf-8
        Server: nginx
        Set-Cookie: *
        X-Request-Id: *

{\"errors\":[{\"code\":\"NOT_FOUND\",\"message\":\"artifact test/alpine:sha256-443205b0cfcc78444321d56a2fe273f06e27b2c72\
b5058f8d7e975997d45b015.sig not found\"}]}⏎",
    );
}

/// `v2auth/auth.go`: the message is repeated, and says HEAD for every method.
#[test]
fn public_image_requires_a_token() {
    let lab = in_scenario("harbor-public-still-401");
    let url = "GET https://harbor.example/v2/library/app/manifests/1.0";
    lab.to(url, &[]).assert_reproduces(
        "HTTP/1.1 401 Unauthorized
        Content-Type: application/json; charset=utf-8
        Docker-Distribution-Api-Version: registry/2.0
        Www-Authenticate: Bearer realm=\"https://harbor.example/service/token\",service=\"harbor-registry\",\
         scope=\"repository:library/app:pull\"
        ...

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authorize header needed to send HEAD to repository: authorize header \
needed to send HEAD to repository\"}]}⏎",
    );
    let bearer = token(&lab, "library/app");
    assert_eq!(lab.to(url, &[("Authorization", &bearer), OCI]).status, 200);
}

/// The text of dozens of logs, and the challenge of `v2auth/auth.go`.
#[test]
fn token_without_grants_gets_a_basic_challenge() {
    let lab = in_scenario("harbor-private");
    let bearer = token(&lab, "secret/app");
    let url = "GET https://harbor.example/v2/secret/app/manifests/1.0";
    let refused = lab.to(url, &[("Authorization", &bearer)]);
    assert_eq!((refused.status, refused.get("www-authenticate")), (401, Some("Basic realm=\"harbor\"")));
    let message = "unauthorized to access repository: secret/app, action: pull: unauthorized to access repository: \
         secret/app, action: pull";
    assert!(String::from_utf8_lossy(&refused.body).contains(message));
}

/// `v2auth/auth.go`, where the challenge of an error before the last check is empty.
#[test]
fn missing_project_gets_an_empty_challenge() {
    let lab = in_scenario("harbor-missing-project");
    let bearer = token(&lab, "libary/app");
    let url = "GET https://harbor.example/v2/libary/app/manifests/1.0";
    let refused = lab.to(url, &[("Authorization", &bearer)]);
    assert_eq!((refused.status, refused.get("www-authenticate")), (401, Some("")));
    assert!(String::from_utf8_lossy(&refused.body).contains("project libary not found"));
}

/// `vulnerable.go`; distribution's message for clients that do not accept OCI (bazel-contrib/rules_oci#322).
#[test]
fn policy_is_checked_before_the_accept_header() {
    let lab = in_scenario("harbor-policy-412");
    let bearer = token(&lab, "library/old");
    let url = "GET https://harbor.example/v2/library/old/manifests/1.0";
    for accept in ["text/html", OCI.1] {
        let refused = lab.to(url, &[("Authorization", &bearer), ("Accept", accept)]);
        assert_eq!(refused.status, 412);
        let message = "current image with 7 vulnerabilities cannot be pulled due to configured policy in 'Prevent \
             images with vulnerability severity of \\\"High\\\" or higher from running.' To continue with pull, please \
             contact your project administrator to exempt matched vulnerabilities through configuring the CVE allowlist.";
        assert!(String::from_utf8_lossy(&refused.body).contains(message), "{refused:?}");
    }
    let open = in_scenario("harbor-public-still-401");
    let bearer = token(&open, "library/app");
    let url = "GET https://harbor.example/v2/library/app/manifests/1.0";
    let hidden = open.to(url, &[("Authorization", &bearer), ("Accept", "*/*")]);
    let words = "OCI manifest found, but accept header does not support OCI manifests";
    assert_eq!((hidden.status, String::from_utf8_lossy(&hidden.body).contains(words)), (404, true));
}

/// `vulnerable.go`: the policy applies to images, not to an index.
#[test]
fn index_is_served_despite_the_policy() {
    let lab = in_scenario("harbor-policy-child-412");
    let bearer = token(&lab, "library/multi");
    let to = |reference: &str| {
        let url = format!("GET https://harbor.example/v2/library/multi/manifests/{reference}");
        lab.to(&url, &[("Authorization", &bearer)]).status
    };
    assert_eq!(to("1.0"), 200);
    assert_eq!(to(&digest_in("docker-list", "child").unwrap()), 412);
}

/// `referrers.go`; distribution-spec, "Listing Referrers".
#[test]
fn referrers_are_listed_as_an_index() {
    let lab = in_scenario("harbor-referrers");
    let bearer = token(&lab, "library/signed");
    let to = |digest: &str| {
        let url = format!("GET https://harbor.example/v2/library/signed/referrers/{digest}");
        lab.to(&url, &[("Authorization", &bearer)])
    };
    let answer = to(&digest_in("image-with-referrers", "manifest").unwrap());
    let index: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.get("x-total-count"), Some("2"));
    let types: Vec<_> = index["manifests"].as_array().unwrap().iter().map(|entry| &entry["artifactType"]).collect();
    assert!(types.iter().all(|kind| kind.is_string()), "{index}");
    let (_, referrer) = (index["mediaType"].as_str().unwrap(), index["manifests"][0]["digest"].as_str().unwrap());
    to(referrer).assert_reproduces(
        "HTTP/1.1 200 OK
        Content-Type: application/vnd.oci.image.index.v1+json
        X-Total-Count: 0
        ...

{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}⏎",
    );
    assert_eq!(to("sha256:abc").status, 400);
}
