use super::super::super::testing::{TestLab, in_scenario};
use crate::lab::content::digest_in;
use crate::lab::wire::Answer;

const REGISTRY: &str = "https://registry-1.docker.io/v2";
const SERVICE: &str = "https://auth.docker.io/token";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The answer to a client with an anonymous token.
fn with_token(lab: &TestLab, method: &str, repository: &str, reference: &str, accept: &[(&str, &str)]) -> Answer {
    let token = lab.token(SERVICE, repository);
    let headers = [&[("Authorization", token.as_str())], accept].concat();
    lab.to(&format!("{method} {REGISTRY}/{repository}/manifests/{reference}"), &headers)
}

/// containerd/cri#1015 (2019).
#[test]
fn manifest_challenge_has_its_scope() {
    let lab = in_scenario("docker-hub-2020-healthy");
    lab.to(&format!("GET {REGISTRY}/library/golang/manifests/1"), &[]).assert_reproduces(
        "HTTP/1.1 401 Unauthorized
        Content-Length: 157
        Content-Type: application/json
        Docker-Distribution-Api-Version: registry/2.0
        Strict-Transport-Security: max-age=31536000
        Www-Authenticate: Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
        scope=\"repository:library/golang:pull\"

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":[{\"Type\":\"repository\",\
\"Class\":\"\",\"Name\":\"library/golang\",\"Action\":\"pull\"}]}]}⏎",
    );
}

/// containerd/containerd#3291 (2019): no scope at the base endpoint.
#[test]
fn base_endpoint_challenge_has_no_scope() {
    let answer = in_scenario("docker-hub-2020-healthy").to(&format!("GET {REGISTRY}/"), &[]);
    let challenge = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"";
    assert_eq!((answer.status, answer.get("www-authenticate")), (401, Some(challenge)));
}

/// containerd/containerd#6492 (2022): refusals name the subject of the limit. 154 bytes for a name of 11 characters.
#[test]
fn refusals_name_the_source_since_2021() {
    let answer =
        in_scenario("docker-hub-2025-healthy").to(&format!("HEAD {REGISTRY}/ep4sh/ehome/manifests/1.2.5"), &[]);
    assert_eq!((answer.status, answer.body.len()), (401, 154));
    assert!(answer.get("docker-ratelimit-source").is_some());
}

/// containers/image, docker/errors_test.go (2021).
#[test]
fn missing_repository_is_refused_with_a_token() {
    let lab = in_scenario("hub-missing-repo");
    with_token(&lab, "GET", "library/this-does-not-exist", "latest", &[]).assert_reproduces(
        "HTTP/1.1 401 Unauthorized
        Content-Length: 170
        Content-Type: application/json
        Docker-Distribution-Api-Version: registry/2.0
        Strict-Transport-Security: max-age=31536000
        Www-Authenticate: Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
        scope=\"repository:library/this-does-not-exist:pull\",error=\"insufficient_scope\"

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":[{\"Type\":\"repository\",\
\"Class\":\"\",\"Name\":\"library/this-does-not-exist\",\"Action\":\"pull\"}]}]}⏎",
    );
}

/// containers/image, docker/errors_test.go (2021). The miss was not counted.
#[test]
fn missing_tag_is_named_and_not_counted() {
    let lab = in_scenario("hub-missing-tag");
    with_token(&lab, "GET", "library/busybox", "this-does-not-exist", &[]).assert_reproduces(
        "HTTP/1.1 404 Not Found
        Content-Length: 109
        Content-Type: application/json
        Docker-Distribution-Api-Version: registry/2.0
        Ratelimit-Limit: 100;w=21600
        Ratelimit-Remaining: 100;w=21600
        Strict-Transport-Security: max-age=31536000

{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\",\
\"detail\":{\"Tag\":\"this-does-not-exist\"}}]}⏎",
    );
}

/// docker/hub-feedback#2464 (2025): no Accept header, Docker v2 as it is stored, no pull left. The digest and the
/// length of that answer are another image's, the address another client's.
#[test]
fn head_since_2025_is_served_with_no_pull_left() {
    let lab = in_scenario("hub-rate-limited");
    let head = with_token(&lab, "HEAD", "example/nightly-build", "latest", &[]);
    let head = Answer { body: bytes::Bytes::new(), ..head };
    head.assert_reproduces(
        "HTTP/1.1 200 OK
        content-length: *
        content-type: application/vnd.docker.distribution.manifest.v2+json
        docker-content-digest: *
        docker-distribution-api-version: registry/2.0
        etag: *
        strict-transport-security: max-age=31536000
        ratelimit-limit: 100;w=21600
        ratelimit-remaining: 0;w=21600
        docker-ratelimit-source: *",
    );
    let digest = digest_in("docker-image", "manifest").unwrap();
    assert_eq!(head.get("docker-content-digest"), Some(digest.as_str()));
    assert_eq!(head.get("etag"), Some(format!("\"{digest}\"").as_str()));
}

/// docker/hub-feedback#2464 (2025).
#[test]
fn get_with_no_pull_left_is_refused() {
    let lab = in_scenario("hub-rate-limited");
    let answer = with_token(&lab, "GET", "example/nightly-build", "latest", &[]);
    let words = "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit";
    assert_eq!(answer.status, 429);
    assert!(String::from_utf8_lossy(&answer.body).contains(words), "{answer:?}");
}

/// docker/docs#11707 (2020): HEAD does not count; docker/docs#13499 (2021): an account has 200 and an id.
#[test]
fn pulls_are_counted_by_address_and_by_account() {
    let lab = in_scenario("hub-bad-password");
    let left = |answer: &Answer| answer.get("ratelimit-remaining").map(str::to_owned);
    let ask = |method| with_token(&lab, method, "library/proxy", "alpine", &[]);
    assert_eq!(left(&ask("HEAD")).as_deref(), Some("100;w=21600"));
    assert_eq!(left(&ask("GET")).as_deref(), Some("99;w=21600"));
    assert_eq!(left(&ask("HEAD")).as_deref(), Some("99;w=21600"));

    // example:an-example-password
    let login = ("Authorization", "Basic ZXhhbXBsZTphbi1leGFtcGxlLXBhc3N3b3Jk");
    let token = lab.to(&format!("GET {SERVICE}?scope=repository:library/proxy:pull"), &[login]);
    let token: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let url = format!("GET {REGISTRY}/library/proxy/manifests/alpine");
    let answer = lab.to(&url, &[("Authorization", &bearer)]);
    assert_eq!(answer.get("ratelimit-limit"), Some("200;w=21600"));
    assert_eq!(left(&answer).as_deref(), Some("199;w=21600"));
    assert_eq!(answer.get("docker-ratelimit-source").unwrap().len(), "186e63fa-abf0-4deb-a711-0dbd34c4a821".len());
}

#[test]
fn account_starts_with_the_pulls_of_the_scenario() {
    let lab = in_scenario("hub-account-nearly-used");
    // example:an-example-password
    let login = ("Authorization", "Basic ZXhhbXBsZTphbi1leGFtcGxlLXBhc3N3b3Jk");
    let token = lab.to(&format!("GET {SERVICE}?scope=repository:library/watched:pull"), &[login]);
    let token: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let of = |method: &str| {
        let url = format!("{method} {REGISTRY}/library/watched/manifests/3.22");
        lab.to(&url, &[("Authorization", &bearer)]).get("ratelimit-remaining").map(str::to_owned)
    };
    assert_eq!([of("HEAD"), of("GET"), of("HEAD")].map(Option::unwrap), ["9;w=21600", "8;w=21600", "8;w=21600"]);
}

/// docker/docs#16887 (2023).
#[test]
fn unlimited_image_has_no_limit_headers() {
    let answer = with_token(&in_scenario("hub-unlimited-image"), "GET", "example/open-source-partner", "2.1", &[]);
    assert_eq!(
        (answer.status, answer.get("ratelimit-limit"), answer.get("docker-ratelimit-source")),
        (200, None, None)
    );
}

/// docker/hub-feedback#1907 (2020).
#[test]
fn abuse_limit_answers_in_plain_text() {
    let answer = in_scenario("hub-abuse").to(&format!("GET {REGISTRY}/example/deployed-everywhere/manifests/1.0"), &[]);
    answer.assert_reproduces(
        "HTTP/1.1 429 Too Many Requests
        Cache-Control: no-cache
        Content-Type: text/plain
        Retry-After: 60

Too Many Requests (HAP429).⏎",
    );
}

/// docker/getting-started#101 (2020): the length and the digest of that answer are another image's.
#[test]
fn request_until_2024_without_accept_is_converted_to_schema1() {
    let lab = in_scenario("hub-2020-head-schema1");
    let answer = with_token(&lab, "HEAD", "ratelimitpreview/test", "latest", &[]);
    assert_eq!(answer.get("content-type"), Some("application/vnd.docker.distribution.manifest.v1+prettyjws"));
    let digest = answer.get("docker-content-digest").unwrap();
    assert_eq!(answer.get("etag"), Some(format!("\"{digest}\"").as_str()));
    assert_ne!(digest, digest_in("docker-image", "manifest").unwrap());
}

/// NotGlop/docker-drag#32 (2023); docker/hub-feedback#2391 and #2410 (2024); sergi0g/cup#132 (2025).
#[test]
fn index_is_served_since_2024_and_its_images_since_2025() {
    let of = |year: &str, reference: &str, accept: &[(&str, &str)]| {
        let lab = in_scenario(&format!("hub-{year}-oci-index"));
        with_token(&lab, "GET", "example/for-many-platforms", reference, accept)
    };
    let hidden = of("2020", "2023", &[]);
    let words = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\
                 \"OCI index found, but accept header does not support OCI indexes\"}]}\n";
    assert_eq!((hidden.status, &*hidden.body), (404, words.as_bytes()));
    assert_eq!(of("2020", "2023", &[("Accept", INDEX)]).status, 200);
    assert_eq!(of("2024", "2024", &[]).get("content-type"), Some(INDEX));
    assert_eq!(of("2025", "2025", &[]).get("content-type"), Some(INDEX));

    let child = digest_in("oci-index", "child").unwrap();
    let hidden = of("2024", &child, &[]);
    let words = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\
                 \"OCI manifest found, but accept header does not support OCI manifests\"}]}\n";
    assert_eq!((hidden.status, &*hidden.body), (404, words.as_bytes()));
    assert_eq!(of("2025", &child, &[]).status, 200);
}

/// Snyk's client compares with this body, including its line feed.
#[test]
fn wrong_password_is_rejected_by_the_token_service() {
    let lab = in_scenario("hub-bad-password");
    let wrong = [("Authorization", "Basic ZXhhbXBsZTp3cm9uZw==")];
    let answer = lab.to(&format!("GET {SERVICE}?scope=repository:library/proxy:pull"), &wrong);
    assert_eq!((answer.status, &*answer.body), (401, &b"{\"details\":\"incorrect username or password\"}\n"[..]));
}

/// A client log of 2023: `/registry-v2/docker/registry/v2/blobs/sha256/71/719385e3…/data?verify=1685896700-P3Ox…%3D`.
#[test]
fn blobs_redirect_to_signed_urls() {
    let lab = in_scenario("hub-config-digest");
    let token = lab.token(SERVICE, "example/pinned-by-image-id");
    let digest = digest_in("docker-image", "config").unwrap();
    let url = format!("GET {REGISTRY}/example/pinned-by-image-id/blobs/{digest}");
    let answer = lab.to(&url, &[("Authorization", &token)]);
    let location = answer.get("location").unwrap();
    let hex = digest.trim_start_matches("sha256:");
    let beginning = format!(
        "https://production.cloudflare.docker.com/registry-v2/docker/registry/v2/blobs/sha256/{}/{hex}/data?verify=",
        &hex[..2]
    );
    assert!(answer.status == 307 && location.starts_with(&beginning) && location.ends_with("%3D"), "{location}");
    assert_eq!(lab.to(&format!("GET {location}"), &[]).status, 200);
    assert_eq!(lab.to(&url, &[]).status, 401);
}
