//! Amazon ECR Public: every client needs a token, and gets one for the scope `aws`.
//!
//! Captured: the refusal and the headers in fluxcd/flux#3492 (2021), `HEAD` in estesp/manifest-tool#124 (2021), bad
//! credentials in lablup/backend.ai#2549 (2024) and dependabot/proxy#157 (2026); expired tokens get the same answer
//! (aws/containers-roadmap#2835).

use serde_json::json;

use super::negotiation::image_of_list;
use crate::lab::access::{Identity, Token};
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct EcrPublic;

impl Dialect for EcrPublic {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if visit.request.path == "/token/" {
            return token(visit);
        }
        let answer = refusal(visit).unwrap_or_else(|| match visit.endpoint() {
            Endpoint::Base => Answer::new(200),
            Endpoint::Manifest { repository, reference } => manifest(visit, repository, reference),
            Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
            Endpoint::Tags { repository } => tags(visit, repository),
            _ => error(404, "NOT_FOUND", "404 page not found"),
        });
        answer.header("Docker-Distribution-Api-Version", "registry/2.0")
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(status, "application/json; charset=utf-8", format!("{body}\n"))
}

fn invalid_token() -> Answer {
    error(400, "DENIED", "Your Authorization Token is invalid.")
}

/// The refusal, if any. The realm ends with a slash, the scope names no repository, and the code elsewhere comes with
/// 403. Invalid credentials of any kind, passwords too, get 400 without a challenge.
fn refusal(visit: &Visit<'_>) -> Option<Answer> {
    match visit.identity() {
        Identity::Bearer(_) => None,
        Identity::Anonymous => {
            let (origin, name) = (visit.host.origin(), visit.host.name());
            let challenge = format!("Bearer realm=\"{origin}/token/\",service=\"{name}\",scope=\"aws\"");
            Some(error(401, "DENIED", "Not Authorized").header("Www-Authenticate", challenge))
        }
        Identity::Account(_) | Identity::ExpiredBearer(_) | Identity::Rejected => Some(invalid_token()),
    }
}

/// Issues a token to every client; the answer to wrong credentials is inferred from the registry's own answer.
fn token(visit: &Visit<'_>) -> Answer {
    let account = match visit.identity() {
        Identity::Anonymous => String::new(),
        Identity::Account(account) => account,
        _ => return invalid_token(),
    };
    let token = Token::new(visit.host, visit.host.name(), &account, Vec::new());
    Answer::with_body(200, "application/json", json!({ "token": token.write_without_access() }).to_string())
}

/// The error for a missing repository, with distribution's message, for lack of a capture.
fn no_repository() -> Answer {
    error(404, "NAME_UNKNOWN", "repository name not known to registry")
}

fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository() };
    let Some((digest, document)) = image_of_list(visit, found, reference) else {
        return error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    };
    let answer = Answer::with_body(200, &document.media_type, document.bytes.clone());
    if visit.request.is_head() { answer.header("Docker-Content-Digest", digest) } else { answer }
}

fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository() };
    let Some(blob) = found.blobs.get(digest) else {
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    };
    match visit.other_host() {
        Some(storage) => {
            let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
            Answer::new(307).header("Location", format!("{}/{hex}?Signature=EXAMPLE", storage.origin()))
        }
        None => Answer::with_body(200, "application/octet-stream", blob.clone()),
    }
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository() };
    let body = json!({ "name": repository, "tags": found.tags.keys().collect::<Vec<_>>() });
    Answer::with_body(200, "application/json; charset=utf-8", format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const IMAGE: &str = "https://public.ecr.aws/v2/docker/library/alpine";

    /// fluxcd/flux#3492 (2021).
    #[test]
    fn request_without_token_is_challenged_with_code_denied() {
        let answer = in_scenario("ecr-public-anonymous").to(&format!("GET {IMAGE}/manifests/3.20"), &[]);
        answer.assert_reproduces(
            "HTTP/2 401
            content-type: application/json; charset=utf-8
            content-length: 58
            docker-distribution-api-version: registry/2.0
            www-authenticate: Bearer realm=\"https://public.ecr.aws/token/\",service=\"public.ecr.aws\",scope=\"aws\"

{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Not Authorized\"}]}⏎",
        );
    }

    /// lablup/backend.ai#2549 (2024), dependabot/proxy#157 (2026).
    #[test]
    fn bad_credentials_are_400_without_a_challenge() {
        let lab = in_scenario("ecr-public-bad-credentials");
        for bad in ["Bearer abc", "Basic QVdTOm9sZA=="] {
            lab.to(&format!("GET {IMAGE}/manifests/3.21"), &[("Authorization", bad)]).assert_reproduces(
                "HTTP/2 400
                content-type: application/json; charset=utf-8
                content-length: 80
                docker-distribution-api-version: registry/2.0

{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Your Authorization Token is invalid.\"}]}⏎",
            );
        }
    }

    /// GET: fluxcd/flux#3492; HEAD: estesp/manifest-tool#124 (both 2021).
    #[test]
    fn only_head_has_the_digest_header() {
        let lab = in_scenario("ecr-public-anonymous");
        let token = lab.token("https://public.ecr.aws/token/", "docker/library/alpine");
        let headers = [
            ("Authorization", token.as_str()),
            (
                "Accept",
                "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
            ),
        ];
        let of = |method: &str| lab.to(&format!("{method} {IMAGE}/manifests/3.20"), &headers);
        assert_eq!((of("GET").status, of("GET").get("docker-content-digest")), (200, None));
        assert!(of("HEAD").get("docker-content-digest").is_some_and(|digest| digest.starts_with("sha256:")));
        assert_eq!(of("GET").get("docker-distribution-api-version"), Some("registry/2.0"));
    }

    /// containers/image `docker/errors_test.go` (2022).
    #[test]
    fn tag_list_is_404_in_2022() {
        let lab = in_scenario("ecr-public-no-tag-list");
        let token = lab.token("https://public.ecr.aws/token/", "docker/library/alpine");
        lab.to(&format!("GET {IMAGE}/tags/list"), &[("Authorization", &token)]).assert_reproduces(
            "HTTP/1.1 404 Not Found
            Content-Type: application/json; charset=utf-8
            Content-Length: 65
            Docker-Distribution-Api-Version: registry/2.0

{\"errors\":[{\"code\":\"NOT_FOUND\",\"message\":\"404 page not found\"}]}⏎",
        );
    }
}
