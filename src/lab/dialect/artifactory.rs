//! JFrog Artifactory: many repositories on one host, each under its own host name or the first part of the path.
//!
//! Its Docker API has errors like distribution's; the rest of the server has a format of its own, without codes.
//! Recorded headers and challenges are in containerd/nerdctl#4244 (7.84, repositories by path),
//! containerd/containerd#6339 (7.12, by host name) and earthly/earthly#1017; messages in jetstack/version-checker#318
//! and sse-secure-systems/connaisseur#533. How version 7 negotiates is not known: here it serves what is stored.
//! Version 4.4 supported Docker schema 1 only, served it as plain JSON, and answered 406 to clients that did not
//! accept that (concourse/docker-image-resource#40).

use serde_json::json;

use super::negotiation::accepted;
use super::ranges::part_of;
use crate::lab::access::{Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::scenario::Access;
use crate::lab::store::Stored;
use crate::lab::wire::{Answer, Endpoint};
use crate::oci::media_type::{DOCKER_LIST, JSON, OCI_INDEX};

/// The major version of an Artifactory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Four,
    Seven,
}

/// See the module. A scenario's `access` allows anonymous clients (`open`) or not (`token`); it sets `realm` if
/// repositories have host names and their token service is on another host.
pub(crate) struct Artifactory(Version);

/// Version 4.4.2 of 2016.
pub(crate) static FOUR: Artifactory = Artifactory(Version::Four);
/// Version 7.
pub(crate) static SEVEN: Artifactory = Artifactory(Version::Seven);

/// The lifetime of tokens, in seconds (GoogleContainerTools/jib#4153).
const LIFETIME: i64 = 9000;

impl Dialect for Artifactory {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = if visit.request.path.ends_with("/v2/token") {
            token(visit)
        } else {
            docker(visit, self.0).header("Docker-Distribution-Api-Version", "registry/2.0")
        };
        let answer = answer
            .header("X-Artifactory-Id", "0123456789abcdef:1a2b3c4d:18c0ffee000:-8000")
            .header("X-Artifactory-Node-Id", "artifactory-0");
        // One of the releases of version 7 renamed the header with the version.
        match self.0 {
            Version::Four => answer.header("Server", "Artifactory/4.4.2"),
            Version::Seven => answer.header("X-Jfrog-Version", "Artifactory/7.98.9 79809900"),
        }
    }
}

/// An error of its Docker API.
fn error(status: u16, code: &str, message: &str, detail: serde_json::Value) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": detail }] });
    Answer::with_body(status, JSON, body.to_string())
}

/// An error of the rest of the server: without a code, and with the whitespace of Java's Jackson.
fn general_error(status: u16, message: &str) -> Answer {
    let body =
        format!("{{\n  \"errors\" : [ {{\n    \"status\" : {status},\n    \"message\" : \"{message}\"\n  }} ]\n}}");
    Answer::with_body(status, JSON, body)
}

fn docker(visit: &Visit<'_>, version: Version) -> Answer {
    let repository = match visit.endpoint() {
        Endpoint::Manifest { repository, .. } | Endpoint::Blob { repository, .. } | Endpoint::Tags { repository } => {
            Some(repository)
        }
        _ => None,
    };
    let identity = visit.identity();
    if identity == Identity::Rejected {
        return general_error(401, "Bad Credentials");
    }
    let anonymous = !matches!(identity, Identity::Account(_) | Identity::Bearer(_));
    if anonymous && visit.host.access() != Access::Open {
        return challenge(visit, repository);
    }
    match visit.endpoint() {
        Endpoint::Base => Answer::with_body(200, JSON, "{}"),
        Endpoint::Manifest { repository, reference } => manifest(visit, version, repository, reference, anonymous),
        Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
        Endpoint::Tags { repository } => tags(visit, repository),
        Endpoint::Catalog => {
            let names: Vec<_> = visit.host.store().repositories.keys().collect();
            Answer::with_body(200, JSON, json!({ "repositories": names }).to_string())
        }
        Endpoint::Referrers { .. } | Endpoint::Other => Answer::with_body(404, "text/plain", "404 page not found\n"),
    }
}

/// The challenge. If the repository is the first part of the path, it is in the realm and not in the scope.
fn challenge(visit: &Visit<'_>, repository: Option<&str>) -> Answer {
    let (origin, name, port) = (visit.host.origin(), visit.host.name(), visit.host.port());
    let split = repository.and_then(|name| name.split_once('/'));
    let challenge = match (visit.host.realm(), repository, split) {
        (Some(realm), _, _) => {
            let service = visit.host.service().unwrap_or(name);
            let scope = repository.map_or_else(String::new, |name| format!(",scope=\"repository:{name}:pull\""));
            format!("Bearer realm=\"{realm}\",service=\"{service}\"{scope}")
        }
        (None, Some(_), Some((key, image))) => format!(
            "Bearer realm=\"{origin}:{port}/artifactory/api/docker/{key}/v2/token\",service=\"{name}:{port}\",\
             scope=\"repository:{image}:pull\""
        ),
        _ => format!("Bearer realm=\"{origin}/v2/token\",service=\"{name}\""),
    };
    let body = json!({
        "errors": [{ "code": "UNAUTHORIZED", "message": "authentication required", "detail": null }]
    });
    Answer::with_body(401, "application/json;charset=ISO-8859-1", format!("{body}\n"))
        .header("Www-Authenticate", challenge)
}

/// Issues a token. It identifies the account; permissions are checked with each request.
fn token(visit: &Visit<'_>) -> Answer {
    let registry = visit.other_host().unwrap_or(visit.host);
    let account = match Identity::of(visit.request, registry) {
        Identity::Account(account) => account,
        // containerd sends POST first, and is refused (`authorizer.go`).
        Identity::Anonymous if visit.request.reads() && registry.access() == Access::Open => String::new(),
        Identity::Anonymous => return general_error(401, "Authentication is required"),
        _ => return general_error(401, "Bad Credentials"),
    };
    let service = visit.request.parameter("service").unwrap_or_default();
    let mut token = Token::new(registry, &service, &account, scopes(visit.request));
    token.exp = token.iat + registry.token_lifetime().unwrap_or(LIFETIME);
    let body = json!({ "token": token.write(), "expires_in": token.lifetime() });
    Answer::with_body(200, JSON, body.to_string())
}

/// The name of an image without the repository in front of it in the path.
fn image_of<'a>(visit: &Visit<'_>, repository: &'a str) -> &'a str {
    let by_path = visit.host.realm().is_none();
    repository.split_once('/').filter(|_| by_path).map_or(repository, |(_, image)| image)
}

fn manifest(visit: &Visit<'_>, version: Version, repository: &str, reference: &str, anonymous: bool) -> Answer {
    let image = image_of(visit, repository);
    let stored = visit.host.store().repository(repository);
    if stored.is_some() && anonymous && !visit.host.is_public(repository) {
        let detail = json!({ "manifest": format!("{image}/{reference}/manifest.json") });
        return error(403, "UNAUTHORIZED", "The client does not have permission for manifest", detail);
    }
    let Some((digest, document)) = visit.document(repository, reference) else {
        let message = "The named manifest is not known to the registry.";
        return error(404, "MANIFEST_UNKNOWN", message, json!({ "manifest": image }));
    };
    if version == Version::Four {
        let accepted = accepted(visit);
        if !accepted.is_empty() && !["*/*", "application/*", JSON].iter().any(|plain| accepted.contains(plain)) {
            return Answer::new(406);
        }
        return Answer::with_body(200, JSON, document.bytes.clone()).header("Docker-Content-Digest", digest);
    }
    let answer = Answer::with_body(200, &document.media_type, document.bytes.clone());
    let answer = with_file_headers(answer, document).header("Docker-Content-Digest", digest);
    match repository.split_once('/') {
        Some((key, _)) if visit.request.is_head() => answer.header("X-Artifactory-Docker-Registry", key),
        _ => answer,
    }
}

/// Adds the headers of files, because it stores documents as files: an `Etag` that is a SHA-1, among others.
fn with_file_headers(answer: Answer, document: &Stored) -> Answer {
    let is_list = [DOCKER_LIST, OCI_INDEX].contains(&document.media_type.as_str());
    let sha1 = hexadecimal(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &document.bytes);
    let sha256 = hexadecimal(&ring::digest::SHA256, &document.bytes);
    answer
        .header("Etag", sha1.clone())
        .header("X-Checksum-Sha1", sha1)
        .header("X-Checksum-Sha256", sha256)
        .header("Last-Modified", "Mon, 06 May 2024 07:08:09 GMT")
        .header("Accept-Ranges", "bytes")
        .header("Content-Disposition", "attachment")
        .header("X-Artifactory-Filename", if is_list { "list.manifest.json" } else { "manifest.json" })
}

fn hexadecimal(algorithm: &'static ring::digest::Algorithm, bytes: &[u8]) -> String {
    ring::digest::digest(algorithm, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    match visit.blob(repository, digest) {
        Some(blob) => {
            let whole = Answer::with_body(200, "application/octet-stream", blob.clone())
                .header("Accept-Ranges", "bytes")
                .header("Docker-Content-Digest", digest);
            part_of(whole, visit.request)
        }
        None => error(404, "BLOB_UNKNOWN", "blob unknown to registry", json!({ "blobSum": digest })),
    }
}

/// The list of tags, in plain JSON; a client that accepts manifests only is refused (deitch/docker_registry2#40).
fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let accepted = accepted(visit);
    if !accepted.is_empty() && !["*/*", "application/*", JSON].iter().any(|plain| accepted.contains(plain)) {
        return Answer::new(406);
    }
    let Some(stored) = visit.host.store().repository(repository) else {
        let detail = json!({ "name": image_of(visit, repository) });
        return error(404, "NAME_UNKNOWN", "Repository name not known to registry.", detail);
    };
    let tags: Vec<_> = stored.tags.keys().collect();
    let tags =
        serde_json::to_string(&tags).unwrap_or_default().replace(',', ", ").replace('[', "[ ").replace(']', " ]");
    let name = image_of(visit, repository);
    Answer::with_body(200, JSON, format!("{{\n  \"name\" : \"{name}\",\n  \"tags\" : {tags}\n}}"))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const BY_PATH: &str = "https://artifactory.example/v2/docker-local/acme/api";

    /// containerd/nerdctl#4244 (7.84, 2025), with other names. It shows the length of the body; distribution's body has
    /// that length.
    #[test]
    fn repository_in_the_path_is_in_the_realm_and_not_in_the_scope() {
        let lab = in_scenario("artifactory-bad-password");
        lab.to(&format!("GET {BY_PATH}/manifests/1.4"), &[]).assert_reproduces(
            "HTTP/1.1 401 Unauthorized
            content-length: 87
            content-type: application/json;charset=ISO-8859-1
            docker-distribution-api-version: registry/2.0
            www-authenticate: Bearer realm=\"https://artifactory.example:443/artifactory/api/docker/docker-local/v2/\
             token\",service=\"artifactory.example:443\",scope=\"repository:acme/api:pull\"
            ...

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":null}]}⏎",
        );
    }

    /// The challenge of containerd/containerd#6339 (7.12, 2021), with other names.
    #[test]
    fn repository_with_a_host_name_has_its_realm_on_the_main_host() {
        let lab = in_scenario("artifactory-realm-elsewhere");
        let answer = lab.to("GET https://docker-hub.artifactory.example/v2/node/manifests/14.17.5-alpine", &[]);
        assert_eq!(
            answer.get("www-authenticate"),
            Some(
                "Bearer realm=\"https://artifactory.example:443/artifactory/api/docker/docker-hub/v2/token\",\
                 service=\"artifactory.example:443\",scope=\"repository:node:pull\""
            )
        );
    }

    /// The message in jetstack/version-checker#318 (2025), and the one that docker prints as `unknown: Bad
    /// Credentials`.
    #[test]
    fn refusals_have_two_formats() {
        let missing = in_scenario("artifactory-missing-tag")
            .to("GET https://docker-remote.registry.example/v2/library/haproxy/manifests/1.6.13", &[]);
        assert_eq!(missing.status, 404);
        assert_eq!(
            missing.body,
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"The named manifest is not known to the \
             registry.\",\"detail\":{\"manifest\":\"library/haproxy\"}}]}"
        );
        let url = "GET https://artifactory.example/v2/token?service=artifactory.example:443";
        let wrong = in_scenario("artifactory-bad-password").to(url, &[("Authorization", "Basic YW5uYTp3cm9uZw==")]);
        assert_eq!(wrong.status, 401);
        let body: serde_json::Value = serde_json::from_slice(&wrong.body).unwrap();
        assert_eq!(body, serde_json::json!({ "errors": [{ "status": 401, "message": "Bad Credentials" }] }));
    }

    /// concourse/docker-image-resource#40 and #41 (4.4.2, 2016): it serves `application/json`.
    #[test]
    fn version_4_serves_plain_json_or_nothing() {
        let lab = in_scenario("artifactory-not-acceptable");
        let to = |accept: &str| {
            lab.to("GET https://registry.example:5001/v2/web/api/manifests/2016.5", &[("Accept", accept)])
        };
        assert_eq!(to("application/vnd.docker.distribution.manifest.v2+json").status, 406);
        let both = to("application/vnd.docker.distribution.manifest.v2+json, application/json");
        assert_eq!((both.status, both.get("content-type")), (200, Some("application/json")));
    }
}
