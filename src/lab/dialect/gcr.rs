//! Google Container Registry before Artifact Registry took over: the strictest registry of all about `Accept`.
//!
//! It refuses a stored type that is not listed literally, with a message that repeats the header; a quality value after
//! the type is enough to miss. Captured in appc/docker2aci#254 and #255 (2017), camallo/dkregistry-rs#161 (2020),
//! genuinetools/reg#182 (2019); the challenge in containers/image#211 (2017); missing tags in kubernetes/release#2913;
//! accounts without permission in googlecodelabs/monolith-to-microservices#102 (2025).

use serde_json::{Map, Value, json};

use crate::lab::access::{Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::store::{Repository, Stored};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct Gcr;

impl Dialect for Gcr {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base => base(visit),
            Endpoint::Manifest { repository, reference } => manifest(visit, repository, reference),
            Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
            Endpoint::Tags { repository } => tags(visit, repository),
            Endpoint::Other if visit.request.path == "/v2/token" => token(visit),
            _ => Answer::new(404),
        };
        let answer = answer
            .header("Docker-Distribution-Api-Version", "registry/2.0")
            .header("Server", "Docker Registry")
            .header("Cache-Control", "private")
            .header("X-Xss-Protection", "1; mode=block")
            .header("X-Frame-Options", "SAMEORIGIN")
            .header("Accept-Ranges", "none")
            .header("Vary", "Accept-Encoding");
        // Captured for refusals. Successful answers have a length: Docker 20.10, which needs it from HEAD, pulls from
        // here.
        if answer.status < 300 { answer } else { answer.chunked() }
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(status, "application/json", body.to_string())
}

/// The base endpoint. Only its 401 has a challenge; that of a manifest has none.
fn base(visit: &Visit<'_>) -> Answer {
    let name = visit.host.name();
    match visit.identity() {
        Identity::Bearer(_) | Identity::Account(_) => Answer::with_body(200, "application/json", "{}"),
        _ => error(401, "UNAUTHORIZED", "Unauthorized access.").header(
            "Www-Authenticate",
            format!("Bearer realm=\"{}/v2/token\",service=\"{name}\"", visit.host.origin()),
        ),
    }
}

const NOT_PERMITTED: &str = "You don't have the needed permissions to perform this operation, and you may have invalid \
     credentials. To authenticate your request, follow the steps in: \
     https://cloud.google.com/container-registry/docs/advanced-authentication";

/// The message for an account that may not pull, as clients print it; the status 403 follows from its code.
const NO_PERMISSION: &str = "Caller does not have permission or the resource may not exist 'read'. To configure \
     permissions, follow instructions at: https://cloud.google.com/container-registry/docs/access-control";

/// The refusal, if any. Public repositories need no token at all (kubernetes/registry.k8s.io,
/// cmd/archeio/internal/app/handlers.go). Private and missing ones get the same answer.
fn refusal(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    if visit.host.is_public(repository) {
        return None;
    }
    let known = match visit.identity() {
        Identity::Account(_) => true,
        Identity::Bearer(token) => !token.sub.is_empty(),
        _ => false,
    };
    match (known, visit.host.store().repository(repository)) {
        (true, Some(_)) => None,
        (true, None) => Some(error(403, "DENIED", NO_PERMISSION)),
        (false, _) => Some(error(401, "UNAUTHORIZED", NOT_PERMITTED)),
    }
}

fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    let found = visit.document(repository, reference);
    let Some((digest, document)) = found else {
        let path = &visit.request.path;
        let message = format!("Failed to fetch \"{reference}\" from request \"{path}\".");
        return error(404, "MANIFEST_UNKNOWN", &message);
    };
    let accepts = visit.request.accept().join(",");
    if !accepts.split(',').any(|listed| listed.trim() == document.media_type) {
        let kind = if reference.contains(':') { "digest" } else { "tag" };
        let message = format!(
            "Manifest with {kind} '{reference}' has media type '{}', but client accepts '{accepts}'.",
            document.media_type
        );
        return error(404, "MANIFEST_UNKNOWN", &message);
    }
    Answer::with_body(200, &document.media_type, document.bytes.clone()).header("Docker-Content-Digest", digest)
}

fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    match visit.blob(repository, digest) {
        Some(blob) => {
            Answer::with_body(200, "application/octet-stream", blob.clone()).header("Docker-Content-Digest", digest)
        }
        None => error(404, "BLOB_UNKNOWN", "blob unknown to registry"),
    }
}

/// The list of tags: more than the specification's two fields, and everything on one page
/// (google/go-containerregistry, pkg/v1/google/list.go).
fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    let store = visit.host.store();
    let Some(found) = store.repository(repository) else { return Answer::new(404) };
    let below = format!("{repository}/");
    let names = store.repositories.keys().filter_map(|name| name.strip_prefix(&below));
    let mut child: Vec<_> = names.filter_map(|rest| rest.split('/').next()).collect();
    child.dedup();
    let manifests = found.manifests.iter().map(|(digest, stored)| (digest.clone(), about(found, digest, stored)));
    let body = json!({
        "child": child,
        "manifest": manifests.collect::<Map<_, _>>(),
        "name": repository,
        "tags": found.tags.keys().collect::<Vec<_>>(),
    });
    Answer::with_body(200, "application/json", body.to_string())
}

/// The time of every upload, in milliseconds since 1970: a day in 2018.
const UPLOADED: &str = "1521331200000";

/// The entry of a manifest in a tag list. Numbers are written as strings.
fn about(repository: &Repository, digest: &str, stored: &Stored) -> Value {
    let document: Value = serde_json::from_slice(&stored.bytes).unwrap_or_default();
    let layers = document["layers"].as_array().into_iter().flatten();
    let size: u64 = layers.filter_map(|layer| layer["size"].as_u64()).sum();
    let tags = repository.tags.iter().filter(|(_, of)| *of == digest);
    json!({
        "imageSizeBytes": size.to_string(),
        "layerId": "",
        "mediaType": stored.media_type,
        "tag": tags.map(|(tag, _)| tag).collect::<Vec<_>>(),
        "timeCreatedMs": "0",
        "timeUploadedMs": UPLOADED,
    })
}

/// Issues a token. A `POST` gets 404 (containerd, `authorizer.go`).
fn token(visit: &Visit<'_>) -> Answer {
    if !visit.request.reads() {
        return Answer::new(404);
    }
    let account = match visit.identity() {
        Identity::Account(account) => account,
        Identity::Anonymous => String::new(),
        _ => return error(401, "UNAUTHORIZED", NOT_PERMITTED),
    };
    let wanted = scopes(visit.request);
    let refused = account.is_empty() && wanted.iter().any(|grant| !visit.host.is_public(&grant.name));
    if refused {
        return error(401, "UNAUTHORIZED", NOT_PERMITTED);
    }
    let token = Token::new(visit.host, visit.host.name(), &account, wanted);
    Answer::with_body(200, "application/json", json!({ "token": token.write() }).to_string())
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const IMAGE: &str = "https://gcr.io/v2/deepvariant-docker/deepvariant";

    /// appc/docker2aci#255 (2017), with the types of the scenario `gcr-deepvariant`.
    #[test]
    fn unlisted_type_is_refused_with_the_header_in_the_message() {
        let lab = in_scenario("gcr-deepvariant");
        let schema1 = "application/vnd.docker.distribution.manifest.v1+json";
        lab.to(&format!("GET {IMAGE}/manifests/0.5.0"), &[("Accept", schema1)]).assert_reproduces(
            "HTTP/2 404
            docker-distribution-api-version: registry/2.0
            content-type: application/json
            server: Docker Registry
            cache-control: private
            x-xss-protection: 1; mode=block
            x-frame-options: SAMEORIGIN
            accept-ranges: none
            vary: Accept-Encoding

{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"Manifest with tag '0.5.0' has media type \
'application/vnd.docker.distribution.manifest.v2+json', but client accepts \
'application/vnd.docker.distribution.manifest.v1+json'.\"}]}",
        );
    }

    /// camallo/dkregistry-rs#161 (2020): the header is split at commas and compared literally.
    #[test]
    fn type_with_a_quality_value_does_not_match() {
        let lab = in_scenario("gcr-deepvariant");
        let accept = "application/vnd.docker.distribution.manifest.v2+json; q=0.5, */*";
        let answer = lab.to(&format!("GET {IMAGE}/manifests/0.5.0"), &[("Accept", accept)]);
        assert_eq!(answer.status, 404);
        assert!(String::from_utf8_lossy(&answer.body).contains(&format!("but client accepts '{accept}'.")));
    }

    /// containers/image#211 (2017).
    #[test]
    fn challenge_is_only_at_the_base_endpoint() {
        let lab = in_scenario("gcr-deepvariant");
        let base = lab.to("GET https://gcr.io/v2/", &[]);
        let challenge = "Bearer realm=\"https://gcr.io/v2/token\",service=\"gcr.io\"";
        assert_eq!((base.status, base.get("www-authenticate")), (401, Some(challenge)));
        let private = lab.to("GET https://gcr.io/v2/nobody/nothing/manifests/latest", &[]);
        assert_eq!((private.status, private.get("www-authenticate")), (401, None));
        assert_eq!(lab.to("POST https://gcr.io/v2/token", &[]).status, 404);
    }

    /// kubernetes/release#2913 (2023).
    #[test]
    fn missing_tag_is_reported_with_the_request() {
        let answer = in_scenario("gcr-deepvariant").to(&format!("GET {IMAGE}/manifests/0.9"), &[]);
        let message =
            "Failed to fetch \\\"0.9\\\" from request \\\"/v2/deepvariant-docker/deepvariant/manifests/0.9\\\".";
        assert_eq!(answer.status, 404);
        assert!(String::from_utf8_lossy(&answer.body).contains(message), "{answer:?}");
    }

    /// google/go-containerregistry, pkg/v1/google/list.go.
    #[test]
    fn tag_list_includes_manifests() {
        let lab = in_scenario("gcr-deepvariant");
        let list: serde_json::Value =
            serde_json::from_slice(&lab.to(&format!("GET {IMAGE}/tags/list"), &[]).body).unwrap();
        let keys: Vec<_> = list.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["child", "manifest", "name", "tags"]);
        let manifest = list["manifest"].as_object().unwrap().values().next().unwrap();
        let keys: Vec<_> = manifest.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["imageSizeBytes", "layerId", "mediaType", "tag", "timeCreatedMs", "timeUploadedMs"]);
        assert_eq!(manifest["tag"][0], "0.5.0");
    }

    /// kubernetes-sigs/promo-tools#632; googlecodelabs/monolith-to-microservices#102 (2025).
    #[test]
    fn accounts_and_anonymous_clients_get_different_refusals() {
        let lab = in_scenario("gcr-no-challenge-on-manifest");
        let image = "https://gcr.io/v2/example-project/example-app/manifests/1.0";
        let anonymous = lab.to(&format!("GET {image}"), &[]);
        let words = "You don't have the needed permissions to perform this operation, and you may have invalid \
                     credentials. To authenticate your request, follow the steps in: \
                     https://cloud.google.com/container-registry/docs/advanced-authentication";
        assert!(String::from_utf8_lossy(&anonymous.body).contains(words), "{anonymous:?}");
        let account = ("Authorization", "Basic b2F1dGgyYWNjZXNzdG9rZW46ZXhhbXBsZQ==");
        assert_eq!(lab.to(&format!("GET {image}"), &[account]).status, 404);
        let nowhere = lab.to("GET https://gcr.io/v2/example-project/nothing/manifests/1.0", &[account]);
        let words = "Caller does not have permission or the resource may not exist 'read'. To configure permissions, \
                     follow instructions at: https://cloud.google.com/container-registry/docs/access-control";
        assert!(String::from_utf8_lossy(&nowhere.body).contains(words), "{nowhere:?}");
    }

    #[test]
    fn config_is_a_blob_and_not_a_manifest() {
        let lab = in_scenario("gcr-deepvariant");
        let digest = crate::lab::content::digest_in("deepvariant", "config").unwrap();
        assert_eq!(lab.to(&format!("GET {IMAGE}/blobs/{digest}"), &[]).status, 200);
        assert_eq!(lab.to(&format!("GET {IMAGE}/manifests/{digest}"), &[]).status, 404);
    }
}
