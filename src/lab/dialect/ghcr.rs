//! GitHub Container Registry, ghcr.io. Its token service decides about access, before the registry gets a request.
//!
//! Captured in an oras debug log (2024), Mic92/niks3#229 (2026), release-argus/Argus#459 and sksat/compose-cd#139 (the
//! message about `Accept`), youki-dev/youki#1277 (2022), containerd/stargz-snapshotter#167.

use serde_json::json;

use super::negotiation::accepted;
use crate::lab::access::{Grant, Identity, Token, scopes};
use crate::lab::clock::{now, rfc3339};
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};
use crate::oci::media_type::{OCI_INDEX, OCI_MANIFEST};
use crate::oci::{Algorithm, Digest};

/// See the module.
pub(crate) struct Ghcr;

impl Dialect for Ghcr {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base => base(visit),
            Endpoint::Manifest { repository, reference } => manifest(visit, repository, reference),
            Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
            Endpoint::Tags { repository } => tags(visit, repository),
            Endpoint::Catalog => challenge("registry:catalog:*"),
            Endpoint::Other if visit.request.path == "/token" => token(visit),
            // No referrers (actions/attest-build-provenance#71).
            Endpoint::Referrers { .. } | Endpoint::Other => Answer::new(404),
        };
        answer.header("X-Github-Request-Id", "9FC6:30019C:17C06:1C462:66AD0463")
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(status, "application/json", body.to_string())
}

/// An error with a line feed at its end, as in challenges and in the refusals of the token service.
fn error_line(status: u16, code: &str, message: &str) -> Answer {
    let mut answer = error(status, code, message);
    answer.body = [&answer.body[..], b"\n"].concat().into();
    answer
}

/// Adds the header with the API version, which successful answers have; the 401 does not.
fn found(answer: Answer) -> Answer {
    answer.header("Docker-Distribution-Api-Version", "registry/2.0")
}

fn challenge(scope: &str) -> Answer {
    let header = format!("Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\",scope=\"{scope}\"");
    error_line(401, "UNAUTHORIZED", "authentication required").header("Www-Authenticate", header)
}

/// The repository in the scope of the base endpoint's challenge: an example that was never filled in.
const PLACEHOLDER: &str = "user/image";

fn base(visit: &Visit<'_>) -> Answer {
    match visit.identity() {
        Identity::Bearer(_) => found(Answer::with_body(200, "application/json", "{}")),
        _ => challenge(&format!("repository:{PLACEHOLDER}:pull")),
    }
}

/// The challenge, if any. Even public packages require a token. The real answer to a token for another package is not
/// known; here it is the challenge for the right one.
fn refusal(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    match visit.identity() {
        Identity::Bearer(token) if token.grants_pull(repository) => None,
        _ => Some(challenge(&format!("repository:{repository}:pull"))),
    }
}

/// The manifest. Clients have to name the two OCI types. For Docker's types it is only known that naming them is
/// enough; here they are served to every client.
fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    let document = visit.document(repository, reference);
    let Some((digest, document)) = document else { return error(404, "MANIFEST_UNKNOWN", "manifest unknown") };
    let accepts = |media_type: &str| accepted(visit).contains(&media_type);
    let hidden = match document.media_type.as_str() {
        OCI_INDEX if !accepts(OCI_INDEX) => Some("OCI index found, but Accept header does not support OCI indexes"),
        OCI_MANIFEST if !accepts(OCI_MANIFEST) => {
            Some("OCI manifest found, but Accept header does not support OCI manifests")
        }
        _ => None,
    };
    match hidden {
        Some(message) => error(404, "MANIFEST_UNKNOWN", message),
        None => found(Answer::with_body(200, &document.media_type, document.bytes.clone()))
            .header("Docker-Content-Digest", digest)
            .header("Etag", format!("\"{digest}\"")),
    }
}

/// Redirects to Azure's storage, with a URL that is signed for a few minutes (a capture of 2023).
fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    let Some(blob) = visit.blob(repository, digest) else {
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    };
    let Some(storage) = visit.other_host() else {
        return found(Answer::with_body(200, "application/octet-stream", blob.clone()))
            .header("Docker-Content-Digest", digest);
    };
    let expires = rfc3339(now() + 300).replace(':', "%3A");
    // A placeholder for the signature; the same blob has the same one.
    let signature = Digest::of(Algorithm::Sha256, digest.as_bytes());
    let path = format!("/ghcr1/blobs/{digest}");
    let query = format!("se={expires}&sig={}%3D&sp=r&spr=https&sr=b&sv=2019-12-12", signature.hex());
    Answer::new(307).header("Location", format!("{}{path}?{query}", storage.origin()))
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    let Some(stored) = visit.host.store().repository(repository) else {
        return error(404, "NAME_UNKNOWN", "repository name not known to registry");
    };
    let tags: Vec<_> = stored.tags.keys().collect();
    found(Answer::with_body(200, "application/json", json!({ "name": repository, "tags": tags }).to_string()))
}

/// Issues a token, but not for a private or missing package: 403 in captures from 2022 (openai/tart#277) to 2025
/// (Bossett/bsky-feeds#155); openai/tunnel-client#75 got 401 in 2026.
fn token(visit: &Visit<'_>) -> Answer {
    if !visit.request.reads() {
        return Answer::new(405);
    }
    let account = match visit.identity() {
        Identity::Anonymous => String::new(),
        Identity::Account(account) => account,
        _ => return error_line(403, "DENIED", "denied"),
    };
    let wanted = scopes(visit.request);
    let may = |grant: &Grant| {
        let exists = visit.host.store().repository(&grant.name).is_some();
        visit.host.is_public(&grant.name) || (exists && !account.is_empty()) || grant.name == PLACEHOLDER
    };
    if !wanted.iter().all(may) {
        return error_line(403, "DENIED", "requested access to the resource is denied");
    }
    let token = Token::new(visit.host, "ghcr.io", &account, wanted);
    Answer::with_body(200, "application/json", format!("{}\n", json!({ "token": token.write() })))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const SERVICE: &str = "https://ghcr.io/token";

    /// An oras debug log (2024); the body is that of Mic92/niks3#229 (2026).
    #[test]
    fn manifest_challenge_names_the_repository() {
        let lab = in_scenario("ghcr-placeholder-scope");
        lab.to("GET https://ghcr.io/v2/oras-project/oras/manifests/1", &[]).assert_reproduces(
            "HTTP 401
            Content-Length: 73
            Content-Type: application/json
            Www-Authenticate: Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\",\
            scope=\"repository:oras-project/oras:pull\"
            X-Github-Request-Id: 9FC6:30019C:17C06:1C462:66AD0463

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}⏎",
        );
    }

    /// apple/container#183 (2025) shows the scope in a token request; a token for it grants nothing else.
    #[test]
    fn base_endpoint_challenge_has_a_placeholder_scope() {
        let lab = in_scenario("ghcr-placeholder-scope");
        let base = lab.to("GET https://ghcr.io/v2/", &[]);
        let challenge =
            "Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\",scope=\"repository:user/image:pull\"";
        assert_eq!((base.status, base.get("www-authenticate")), (401, Some(challenge)));
        let image = "GET https://ghcr.io/v2/example/filled-in/manifests/latest";
        let token = lab.token(SERVICE, "user/image");
        assert_eq!(lab.to(image, &[("Authorization", &token)]).status, 401);
        let token = lab.token(SERVICE, "example/filled-in");
        assert_eq!(lab.to(image, &[("Authorization", &token)]).status, 200);
    }

    /// release-argus/Argus#459 (2024), Mic92/niks3#229 (2026).
    #[test]
    fn message_of_a_hidden_index_has_a_capital_letter() {
        let lab = in_scenario("ghcr-capital-accept");
        let image = "GET https://ghcr.io/v2/example/photo-server/manifests/v1.118.1";
        let token = lab.token(SERVICE, "example/photo-server");
        let docker_v2 = ("Accept", "application/vnd.docker.distribution.manifest.v2+json");
        let hidden = lab.to(image, &[("Authorization", &token), docker_v2]);
        let words = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\
                     \"OCI index found, but Accept header does not support OCI indexes\"}]}";
        assert_eq!((hidden.status, &*hidden.body), (404, words.as_bytes()));
    }

    /// youki-dev/youki#1277 (2022).
    #[test]
    fn served_index_has_the_captured_headers() {
        let lab = in_scenario("ghcr-capital-accept");
        let token = lab.token(SERVICE, "example/photo-server");
        let index = ("Accept", "application/vnd.oci.image.index.v1+json");
        let image = "GET https://ghcr.io/v2/example/photo-server/manifests/v1.118.1";
        lab.to(image, &[("Authorization", &token), index]).assert_reproduces(
            "HTTP/2 200
            content-length: *
            content-type: application/vnd.oci.image.index.v1+json
            docker-content-digest: *
            docker-distribution-api-version: registry/2.0
            etag: *
            x-github-request-id: *

{...",
        );
    }

    /// Bossett/bsky-feeds#155 (2025); openai/tart#277 (2022).
    #[test]
    fn token_service_refuses_private_and_missing_packages() {
        let refused = |scenario: &str, headers: &[(&str, &str)]| {
            let answer =
                in_scenario(scenario).to(&format!("GET {SERVICE}?scope=repository:example/renamed:pull"), headers);
            (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
        };
        let denied =
            "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"requested access to the resource is denied\"}]}\n";
        assert_eq!(refused("ghcr-private-or-missing", &[]), (403, denied.to_owned()));
        let denied = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"denied\"}]}\n";
        let wrong = [("Authorization", "Basic ZXhhbXBsZTp3cm9uZw==")];
        assert_eq!(refused("ghcr-stale-token", &wrong), (403, denied.to_owned()));
    }

    /// A capture of 2023: `/ghcr1/blobs/sha256:…?se=2023-04-04T13%3A05%3A00Z&sig=…&sp=r&spr=https&sr=b&sv=2019-12-12`.
    #[test]
    fn blobs_redirect_to_shared_access_signatures() {
        let lab = in_scenario("ghcr-blob-sas");
        let token = lab.token(SERVICE, "example/kept-in-azure");
        let digest = crate::lab::content::digest_in("oci-image", "config").unwrap();
        let url = format!("GET https://ghcr.io/v2/example/kept-in-azure/blobs/{digest}");
        let answer = lab.to(&url, &[("Authorization", &token)]);
        let location = answer.get("location").unwrap();
        let beginning = format!("https://pkg-containers.githubusercontent.com/ghcr1/blobs/{digest}?se=20");
        assert!(answer.status == 307 && location.starts_with(&beginning), "{location}");
        assert!(location.ends_with("&sp=r&spr=https&sr=b&sv=2019-12-12"), "{location}");
        assert_eq!(lab.to(&format!("GET {location}"), &[]).status, 200);
    }
}
