//! What is asked of a registry that lets in not everybody, and of a cache.

use super::{Credential, REPOSITORY, Request, UNKNOWN, about_content, ask, methods, under};
use crate::support::content::media_type::DOCKER_V2;

/// The endpoints that need something to be allowed, and those that do not.
fn guarded() -> Vec<Request> {
    let mut requests = methods();
    requests.extend(
        [
            "blobs/sha256:abc",
            "manifests/nope",
            "blobs/uploads/?from=a/b",
            "blobs/uploads/?mount=x&from=a",
            "blobs/uploads/?from=lab/docker-image",
            "manifests/latest?from=z",
        ]
        .into_iter()
        .flat_map(|path| ["GET", "POST"].map(|method| ask(method, under(path)))),
    );
    requests.push(ask("GET", format!("/v2/{}/manifests/latest", "a".repeat(300))));
    requests.push(ask("GET", "/v2/Lab/docker-image/manifests/latest"));
    requests.push(ask("PURGE", under("manifests/latest")));
    requests
}

fn with_each_authorization(values: &[&str]) -> Vec<Request> {
    let asked = [ask("GET", "/v2/"), ask("GET", under("manifests/latest")).with("Accept", DOCKER_V2)];
    let with = |value: &&str| asked.clone().map(|ask| ask.with("Authorization", *value));
    values.iter().flat_map(with).collect()
}

/// At a registry that wants tokens.
pub fn with_tokens() -> Vec<Request> {
    let mut requests = guarded();
    requests.extend(with_each_authorization(&[
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "bearer x y",
        "Bearer  x",
        "Basic dTpw",
        "Basic !!",
        "Foo x",
        "",
    ]));
    for credential in
        [Credential::Token(REPOSITORY), Credential::ExpiredToken(REPOSITORY), Credential::Token("lab/oci-image")]
    {
        for path in
            ["tags/list", "manifests/latest", "manifests/nope", "blobs/sha256:abc", "blobs/uploads/", "referrers/x"]
        {
            for method in ["GET", "HEAD", "PUT", "POST", "DELETE"] {
                requests.push(ask(method, under(path)).with("Accept", DOCKER_V2).by(credential));
            }
        }
        requests.extend(
            ["/v2/", "/v2/_catalog", "/v2/no/such/manifests/latest"].map(|path| ask("GET", path).by(credential)),
        );
        requests.push(ask("POST", under("blobs/uploads/?from=a")).by(credential));
    }
    requests
}

/// At a registry that wants a name and a password.
pub fn with_passwords() -> Vec<Request> {
    let mut requests = guarded();
    requests.extend(with_each_authorization(&[
        "Basic dTpw",
        "Basic !!",
        "Basic cmVhZGVy",
        "Bearer x",
        "Basic",
        "basic  x",
    ]));
    requests.extend(guarded().into_iter().map(|ask| ask.by(Credential::Password)));
    requests
}

/// The content that a cache is asked for: what it can store.
pub const CACHED: [&str; 7] = [
    "docker-image",
    "deepvariant",
    "docker-list",
    "docker-list-arm64",
    "oci-image",
    "oci-index",
    "oci-index-no-mediatype",
];

/// At a pull-through cache.
pub fn of_a_cache() -> Vec<Request> {
    let mut requests: Vec<_> = CACHED.into_iter().flat_map(about_content).collect();
    requests.extend(methods());
    for path in ["manifests/nope", "manifests/sha256:abc", "blobs/sha256:abc", "tags/list?n=1", "blobs/uploads/abc"] {
        requests.push(ask("GET", under(path)));
    }
    for repository in [REPOSITORY, "no/such"] {
        for what in ["manifests", "blobs"] {
            requests.push(ask("GET", format!("/v2/{repository}/{what}/{UNKNOWN}")));
            requests.push(ask("HEAD", format!("/v2/{repository}/{what}/{UNKNOWN}")));
        }
        requests.push(ask("GET", format!("/v2/{repository}/tags/list")));
    }
    requests.push(ask("GET", "/v2/no/such/manifests/latest"));
    requests
}
