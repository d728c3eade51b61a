//! Captures that are not in `tests/it/lab/fidelity/`, and a sample of those that are, without sockets.

use crate::lab::content::digest_in;
use crate::lab::testing::in_scenario;

const MANIFEST: &str = "https://registry.example/v2/team/app/manifests/1.0";

/// Recorded from 2.8.3, with the names of this scenario.
#[test]
fn request_without_token_gets_a_challenge() {
    let lab = in_scenario("distribution-2-private-repository");
    lab.to("GET https://registry.example/v2/", &[]).assert_reproduces(
        r#"HTTP/1.1 401 Unauthorized
        Content-Type: application/json; charset=utf-8
        Docker-Distribution-Api-Version: registry/2.0
        Www-Authenticate: Bearer realm="https://auth.example/token",service="registry.example"
        X-Content-Type-Options: nosniff
        Content-Length: 87

{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}⏎"#,
    );
    lab.to(&format!("GET {MANIFEST}"), &[]).assert_reproduces(
        r#"HTTP/1.1 401 Unauthorized
        Content-Type: application/json; charset=utf-8
        Docker-Distribution-Api-Version: registry/2.0
        Www-Authenticate: Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull"
        X-Content-Type-Options: nosniff
        Content-Length: 151

{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Class":"","Name":"team/app","Action":"pull"}]}]}⏎"#,
    );
}

/// distribution's `registry/auth/token/accesscontroller.go`.
#[test]
fn token_without_grants_is_refused() {
    let lab = in_scenario("distribution-2-private-repository");
    let error_with = |authorization: &str| {
        let answer = lab.to(&format!("GET {MANIFEST}"), &[("Authorization", authorization)]);
        let challenge = answer.get("www-authenticate").unwrap_or_default();
        challenge.split_once(",error=").map(|(_, error)| error.to_owned())
    };
    let token = lab.token("https://auth.example/token", "team/app");
    assert_eq!(error_with(&token).as_deref(), Some("\"invalid_token\""), "it names no service");
    assert_eq!(error_with("Bearer nonsense").as_deref(), Some("\"invalid_token\""));
    assert_eq!(error_with("Basic cmVhZGVyOm9wZW4tc2VzYW1l"), None, "this registry ignores Basic credentials");
}

/// distribution/distribution-library-image#146 (2023): the answer of a cache to Docker Hub's refusal, with the digest
/// and the name of that scenario.
#[test]
fn cache_reports_the_refusal_of_its_upstream() {
    let lab = in_scenario("hub-library-prefix");
    let digest = digest_in("docker-list", "manifest").unwrap();
    let answer = lab.to(&format!("GET https://cache.example:5000/v2/openjdk/manifests/{digest}"), &[]);
    answer.assert_reproduces(
        r#"HTTP/1.1 500 Internal Server Error
        ...

{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"},{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Action":"pull","Class":"","Name":"openjdk","Type":"repository"}]}]}}]}⏎"#,
    );
    let official = lab.to(&format!("GET https://cache.example:5000/v2/library/openjdk/manifests/{digest}"), &[]);
    assert_eq!(official.status, 200);
}

/// Recorded from 2.8.3 and 3.1.1.
#[test]
fn config_digest_is_not_a_manifest() {
    let digest = digest_in("docker-image", "config").unwrap();
    let of = |scenario: &str, name: &str| {
        let address = format!("GET https://registry.example/v2/{name}/manifests/{digest}");
        in_scenario(scenario).to(&address, &[("Accept", crate::oci::media_type::DOCKER_CONFIG)])
    };
    of("distribution-2-config-digest", "demo/image-id").assert_reproduces(
        r#"HTTP/1.1 500 Internal Server Error
        Content-Type: application/json; charset=utf-8
        Docker-Distribution-Api-Version: registry/2.0
        X-Content-Type-Options: nosniff
        Content-Length: 70

{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{}}]}⏎"#,
    );
    let capture = r#"HTTP/1.1 404 Not Found
        Content-Type: application/json
        Docker-Distribution-Api-Version: registry/2.0
        X-Content-Type-Options: nosniff

{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":"unknown manifest name=demo/image-id-3 revision=DIGEST"}]}⏎"#;
    of("distribution-3-config-digest", "demo/image-id-3").assert_reproduces(&capture.replace("DIGEST", &digest));
}
