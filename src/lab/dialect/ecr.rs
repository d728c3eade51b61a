//! Amazon ECR: private registries of an account, with a Basic challenge and passwords that last twelve hours.
//!
//! Captured: the challenge in NVIDIA/enroot#59, its plain text in mdlavin/copy-docker-image#5 (2018). As clients
//! printed it: the expired password in flipt-io/flipt#3043 and awslabs/soci-snapshotter#1196 (2024), the missing
//! repository as `name unknown`. The missing digest header of `GET`: google/containerregistry#10 (2017),
//! aws/containers-roadmap#1931 (2023). The host of blobs: the Amazon ECR user guide on VPC endpoints.

use serde_json::json;

use super::negotiation::image_of_list;
use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct Ecr;

impl Dialect for Ecr {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = refusal(visit).unwrap_or_else(|| match visit.endpoint() {
            Endpoint::Base => Answer::new(200),
            Endpoint::Manifest { repository, reference } => manifest(visit, repository, reference),
            Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
            Endpoint::Tags { repository } => tags(visit, repository),
            _ => Answer::new(404),
        });
        answer.header("Docker-Distribution-Api-Version", "registry/2.0")
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(status, "application/json; charset=utf-8", format!("{body}\n"))
}

/// The refusal, if any. Every client needs a password. An expired one (in a scenario: a token lifetime that is not
/// positive) is refused without a challenge, so that clients do not log in again.
fn refusal(visit: &Visit<'_>) -> Option<Answer> {
    let expired = visit.host.token_lifetime().is_some_and(|seconds| seconds <= 0);
    match visit.identity() {
        Identity::Account(_) if expired => {
            let message = "Your authorization token has expired. Reauthenticate and try again.";
            Some(error(403, "DENIED", message))
        }
        Identity::Account(_) => None,
        _ => {
            let challenge = format!("Basic realm=\"{}/\",service=\"ecr.amazonaws.com\"", visit.host.origin());
            let answer = Answer::with_body(401, "text/plain; charset=utf-8", "Not Authorized\n");
            Some(answer.header("Www-Authenticate", challenge))
        }
    }
}

fn no_repository(visit: &Visit<'_>, repository: &str) -> Answer {
    let account = visit.host.bare_name().split('.').next().unwrap_or_default();
    let message = format!("The repository with name '{repository}' does not exist in the registry with id '{account}'");
    error(404, "NAME_UNKNOWN", &message)
}

/// The manifest. Clients that do not name the type of a list get one of its images. The message for a missing tag is
/// that of the underlying API (`ImageNotFound`).
fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository(visit, repository) };
    let Some((digest, document)) = image_of_list(visit, found, reference) else {
        return error(404, "MANIFEST_UNKNOWN", "Requested image not found");
    };
    let answer = Answer::with_body(200, &document.media_type, document.bytes.clone());
    // Clients that resolve a tag to a digest use HEAD; after a GET they have to compute it.
    if visit.request.is_head() { answer.header("Docker-Content-Digest", digest) } else { answer }
}

fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository(visit, repository) };
    let Some(blob) = found.blobs.get(digest) else {
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    };
    match visit.other_host() {
        Some(storage) => {
            let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
            let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=\
                         EXAMPLE";
            Answer::new(307).header("Location", format!("{}/{hex}?{query}", storage.origin()))
        }
        None => Answer::with_body(200, "application/octet-stream", blob.clone()),
    }
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository(visit, repository) };
    let body = json!({ "name": repository, "tags": found.tags.keys().collect::<Vec<_>>() });
    Answer::with_body(200, "application/json; charset=utf-8", format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use crate::lab::content::digest_in;
    use crate::lab::testing::{in_scenario, with_hosts};

    const REGISTRY: &str = "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2";
    /// `AWS:example-password`
    const LOGIN: (&str, &str) = ("Authorization", "Basic QVdTOmV4YW1wbGUtcGFzc3dvcmQ=");

    /// NVIDIA/enroot#59, with another account; the text from mdlavin/copy-docker-image#5 (2018).
    #[test]
    fn anonymous_client_is_refused_everywhere() {
        for path in ["/", "/greeting/manifests/1.0"] {
            let answer = in_scenario("ecr-private-anonymous").to(&format!("GET {REGISTRY}{path}"), &[]);
            answer.assert_reproduces(
                "HTTP/1.1 401 Unauthorized
                Docker-Distribution-Api-Version: registry/2.0
                Www-Authenticate: Basic realm=\"https://123456789012.dkr.ecr.us-east-1.amazonaws.com/\",\
service=\"ecr.amazonaws.com\"
                Content-Length: 15
                Content-Type: text/plain; charset=utf-8

Not Authorized⏎",
            );
        }
    }

    /// lablup/backend.ai#2549 (2024): unlike the public registry, it answers 401 to a bad token.
    #[test]
    fn bad_token_is_401() {
        let bad = [("Authorization", "Bearer abc")];
        assert_eq!(in_scenario("ecr-private-anonymous").to(&format!("GET {REGISTRY}/"), &bad).status, 401);
    }

    /// flipt-io/flipt#3043, awslabs/soci-snapshotter#1196 (2024): the message, and the missing challenge.
    #[test]
    fn expired_password_is_denied_without_a_challenge() {
        let answer = in_scenario("ecr-token-expired").to(&format!("GET {REGISTRY}/greeting/manifests/2.0"), &[LOGIN]);
        let words = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Your authorization token has expired. \
                     Reauthenticate and try again.\"}]}\n";
        assert_eq!((answer.status, &*answer.body), (403, words.as_bytes()));
        assert_eq!(answer.get("www-authenticate"), None);
    }

    /// Docker printed `name unknown:` and this.
    #[test]
    fn missing_repository_is_reported_with_the_account() {
        let path = format!("GET {REGISTRY}/amazia-market/manifests/latest");
        let answer = in_scenario("ecr-missing-repository").to(&path, &[LOGIN]);
        let words = "\"message\":\"The repository with name 'amazia-market' does not exist in the registry with id \
                     '123456789012'\"";
        assert_eq!(answer.status, 404);
        assert!(String::from_utf8_lossy(&answer.body).contains(words), "{answer:?}");
    }

    /// google/containerregistry#10 (2017), aws/containers-roadmap#1931 (2023).
    #[test]
    fn get_has_no_digest_header() {
        let lab = in_scenario("ecr-no-digest-header");
        let image = format!("{REGISTRY}/greeting/manifests/3.0");
        assert_eq!(lab.to(&format!("GET {image}"), &[LOGIN]).get("docker-content-digest"), None);
        let digest = digest_in("docker-image", "manifest");
        assert_eq!(lab.to(&format!("HEAD {image}"), &[LOGIN]).get("docker-content-digest"), digest.as_deref());
    }

    #[test]
    fn blobs_redirect_to_a_bucket_of_the_region() {
        let bucket = "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com";
        let digest = digest_in("docker-image", "layer").unwrap();
        let hosts = format!(
            "[[host]]\nname = \"123456789012.dkr.ecr.us-east-1.amazonaws.com\"\ndialect = \"ecr\"\nof = \"{bucket}\"\n\
             accounts.AWS = \"example-password\"\nrepositories.greeting = {{ latest = \"docker-image\" }}\n\
             [[host]]\nname = \"{bucket}\"\ndialect = \"ecr\"\n"
        );
        let answer = with_hosts(&hosts).to(&format!("GET {REGISTRY}/greeting/blobs/{digest}"), &[LOGIN]);
        let place = format!("https://{bucket}/{}?X-Amz-Algorithm=", &digest["sha256:".len()..]);
        assert_eq!(answer.status, 307);
        assert!(answer.get("location").unwrap().starts_with(&place), "{answer:?}");
    }
}
