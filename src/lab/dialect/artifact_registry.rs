//! Google Artifact Registry: under its own names, `<region>-docker.pkg.dev`, and as gcr.io, whose images it took over.
//! Blobs redirect to another path on the same host, with a `Location` without a host.
//!
//! How it treats the `Accept` header is not known: here it serves what is stored. Captured: the redirect (2026) and one
//! 401 (kubernetes/k8s.io#3192, 2021). As clients printed it: a refused token (argoproj/argo-cd#26260, 2026;
//! GoogleCloudPlatform/aactl#233, 2024), an account without the permission
//! (terraform-google-modules/terraform-google-kubernetes-engine#1779) and a missing tag (firezone/firezone#10484,
//! 2025). The challenge is inferred from the token requests of clients.

use serde_json::json;

use crate::lab::access::{Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// Artifact Registry under one of its kinds of names.
pub(crate) struct ArtifactRegistry(Name);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    PkgDev,
    GcrIo,
}

/// As `<region>-docker.pkg.dev`.
pub(crate) static ON_PKG_DEV: ArtifactRegistry = ArtifactRegistry(Name::PkgDev);
/// As gcr.io.
pub(crate) static ON_GCR_IO: ArtifactRegistry = ArtifactRegistry(Name::GcrIo);

/// The permission to pull.
const DOWNLOAD: &str = "\"artifactregistry.repositories.downloadArtifacts\"";

impl Dialect for ArtifactRegistry {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base if matches!(visit.identity(), Identity::Bearer(_)) => {
                Answer::with_body(200, "application/json", "{}")
            }
            Endpoint::Base => challenge(visit),
            Endpoint::Manifest { repository, reference } => {
                self.refusal(visit, repository).unwrap_or_else(|| manifest(visit, repository, reference))
            }
            Endpoint::Blob { repository, digest } => {
                self.refusal(visit, repository).unwrap_or_else(|| self.blob(visit, repository, digest))
            }
            Endpoint::Tags { repository } => self.refusal(visit, repository).unwrap_or_else(|| tags(visit, repository)),
            Endpoint::Other if visit.request.path == "/v2/token" => self.token(visit),
            Endpoint::Other => download(visit),
            _ => Answer::new(404),
        };
        answer.header("Docker-Distribution-Api-Version", "registry/2.0")
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(status, "application/json", body.to_string())
}

fn not_authenticated() -> Answer {
    error(401, "UNAUTHORIZED", "not authenticated: No valid credential was supplied.")
}

fn challenge(visit: &Visit<'_>) -> Answer {
    let header = format!("Bearer realm=\"{}/v2/token\",service=\"{}\"", visit.host.origin(), visit.host.name());
    not_authenticated().header("Www-Authenticate", header)
}

fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    let found = visit.document(repository, reference);
    match found {
        Some((digest, document)) => {
            Answer::with_body(200, &document.media_type, document.bytes.clone()).header("Docker-Content-Digest", digest)
        }
        None => error(404, "MANIFEST_UNKNOWN", &format!("Failed to fetch \"{reference}\".")),
    }
}

/// The list of tags in the form of the specification. That Artifact Registry has this endpoint is known from Google's
/// clients (google/go-containerregistry `pkg/v1/google/list.go`); its additional fields are not.
fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return Answer::new(404) };
    let body = json!({ "name": repository, "tags": found.tags.keys().collect::<Vec<_>>() });
    Answer::with_body(200, "application/json", body.to_string())
}

/// Serves a blob by the id after `/downloads/`. Whether the real id has a meaning is not known; here it is the digest
/// without its algorithm.
fn download(visit: &Visit<'_>) -> Answer {
    let id = visit.request.path.strip_prefix("/artifacts-downloads/").and_then(|rest| rest.split_once("/downloads/"));
    let Some((_, id)) = id else { return Answer::new(404) };
    let digest = format!("sha256:{id}");
    let blob = visit.host.store().repositories.values().find_map(|repository| repository.blobs.get(&digest));
    match blob {
        Some(blob) => Answer::with_body(200, "application/octet-stream", blob.clone()),
        None => Answer::new(404),
    }
}

impl ArtifactRegistry {
    /// The project and the repository in an image's name, as in the paths of downloads and the names of resources.
    fn place<'a>(&self, image: &'a str) -> (&'a str, &'a str) {
        let mut parts = image.split('/');
        let project = parts.next().unwrap_or_default();
        match self.0 {
            Name::PkgDev => (project, parts.next().unwrap_or_default()),
            Name::GcrIo => (project, "gcr.io"),
        }
    }

    /// The resource in a refusal. A private and a nonexistent one get the same answer.
    fn resource(&self, visit: &Visit<'_>, image: &str) -> String {
        let (project, repository) = self.place(image);
        let location = visit.host.bare_name().strip_suffix("-docker.pkg.dev").unwrap_or("us");
        format!("\"projects/{project}/locations/{location}/repositories/{repository}\" (or it may not exist)")
    }

    /// The refusal of a pull, if any. Public images need no token: registry.k8s.io redirects here, and no client sends
    /// its token to another host (kubernetes/registry.k8s.io, `handlers.go`). An account that may not pull gets a
    /// token and is refused with it.
    fn refusal(&self, visit: &Visit<'_>, repository: &str) -> Option<Answer> {
        match visit.identity() {
            Identity::Anonymous if visit.host.is_public(repository) => None,
            Identity::Bearer(token) if !visit.host.account_may_read(&token.sub, repository) => {
                let resource = self.resource(visit, repository);
                Some(error(403, "DENIED", &format!("Permission {DOWNLOAD} denied on resource {resource}")))
            }
            Identity::Bearer(token) if token.grants_pull(repository) => None,
            _ => Some(challenge(visit)),
        }
    }

    fn blob(&self, visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
        let blob = visit.blob(repository, digest);
        let (Some(_), Some((_, id))) = (blob, digest.split_once(':')) else {
            return error(404, "BLOB_UNKNOWN", "blob unknown to registry");
        };
        let (project, name) = self.place(repository);
        let location = format!("/artifacts-downloads/namespaces/{project}/repositories/{name}/downloads/{id}");
        match self.0 {
            Name::PkgDev => Answer::new(307).header("Location", location),
            Name::GcrIo => {
                Answer::new(302).header("Location", location).header("X-Gcr-Using-Artifact-Registry", "true")
            }
        }
    }

    /// Refuses clients that may not pull, with the same answer for private and nonexistent repositories.
    fn token(&self, visit: &Visit<'_>) -> Answer {
        if !visit.request.reads() {
            return Answer::new(404);
        }
        let account = match visit.identity() {
            Identity::Anonymous => String::new(),
            Identity::Account(account) => account,
            _ => return not_authenticated(),
        };
        let wanted = scopes(visit.request);
        let hidden = wanted.iter().find(|grant| account.is_empty() && !visit.host.is_public(&grant.name));
        if let Some(grant) = hidden {
            let message = format!(
                "Unauthenticated request. Unauthenticated requests do not have permission {DOWNLOAD} on resource {}",
                self.resource(visit, &grant.name)
            );
            return error(403, "DENIED", &message);
        }
        let token = Token::new(visit.host, visit.host.name(), &account, wanted);
        Answer::with_body(200, "application/json", json!({ "token": token.write() }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// A capture of 2026: `302`, `Location: /artifacts-downloads/namespaces/distroless/repositories/gcr.io/downloads/<id>`,
    /// `X-Gcr-Using-Artifact-Registry: true`; the second hop, on the same host, is 200.
    #[test]
    fn blobs_redirect_to_another_path_on_the_same_host() {
        let lab = in_scenario("gar-relative-redirect");
        let token = lab.token("https://gcr.io/v2/token", "distroless/static");
        let digest = crate::lab::content::digest_in("oci-image", "layer").unwrap();
        let url = format!("GET https://gcr.io/v2/distroless/static/blobs/{digest}");
        let answer = lab.to(&url, &[("Authorization", &token)]);
        let location = answer.get("location").unwrap();
        let beginning = "/artifacts-downloads/namespaces/distroless/repositories/gcr.io/downloads/";
        assert!(answer.status == 302 && location.starts_with(beginning), "{location}");
        assert_eq!(answer.get("x-gcr-using-artifact-registry"), Some("true"));
        assert_eq!(lab.to(&format!("GET https://gcr.io{location}"), &[]).status, 200);
    }

    /// argoproj/argo-cd#26260 (2026), as its client printed it.
    #[test]
    fn anonymous_client_gets_no_token_for_a_private_repository() {
        let lab = in_scenario("gar-anonymous-denied");
        let service = "https://us-west2-docker.pkg.dev/v2/token";
        let answer = lab.to(&format!("GET {service}?scope=repository:PROJECT/app-config/img:pull"), &[]);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let words = "Unauthenticated request. Unauthenticated requests do not have permission \
                     \"artifactregistry.repositories.downloadArtifacts\" on resource \
                     \"projects/PROJECT/locations/us-west2/repositories/app-config\" (or it may not exist)";
        assert_eq!((answer.status, &body["errors"][0]["code"]), (403, &"DENIED".into()));
        assert_eq!(body["errors"][0]["message"], words);
    }

    /// terraform-google-modules/terraform-google-kubernetes-engine#1779, as its client printed it.
    #[test]
    fn account_without_permission_is_refused_by_the_registry() {
        let lab = in_scenario("gar-account-without-right");
        let host = "https://europe-west1-docker.pkg.dev/v2";
        let token = lab.to(
            &format!("GET {host}/token?scope=repository:example-project/services/orders:pull"),
            &[("Authorization", "Basic X2pzb25fa2V5OmFuLWV4YW1wbGUta2V5")],
        );
        let body: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
        let token = format!("Bearer {}", body["token"].as_str().unwrap());
        let answer =
            lab.to(&format!("GET {host}/example-project/services/orders/manifests/2.3"), &[("Authorization", &token)]);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let words = "Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource \
                     \"projects/example-project/locations/europe-west1/repositories/services\" (or it may not exist)";
        assert_eq!((answer.status, &body["errors"][0]["message"]), (403, &words.into()));
    }

    /// kubernetes/k8s.io#3192 (2021).
    #[test]
    fn base_endpoint_requires_a_token() {
        let answer = in_scenario("gar-healthy").to("GET https://us-docker.pkg.dev/v2/", &[]);
        let words = "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\
                     \"not authenticated: No valid credential was supplied.\"}]}";
        assert_eq!((answer.status, &*answer.body), (401, words.as_bytes()));
    }

    /// firezone/firezone#10484 (2025), as Docker printed it.
    #[test]
    fn missing_tag_is_reported_as_failed_to_fetch() {
        let lab = in_scenario("gar-missing-tag");
        let token = lab.token("https://us-east1-docker.pkg.dev/v2/token", "example-staging/example/gateway");
        let url = "GET https://us-east1-docker.pkg.dev/v2/example-staging/example/gateway/manifests/1";
        let answer = lab.to(url, &[("Authorization", &token)]);
        assert!(answer.status == 404 && String::from_utf8_lossy(&answer.body).contains("Failed to fetch \\\"1\\\"."));
    }
}
