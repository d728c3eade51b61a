//! The package registry of GitHub Enterprise Server, which does not support `HEAD`.
//!
//! `HEAD`: containerd/containerd#5860 (2021). The headers of a manifest are those of its sibling docker.pkg.github.com,
//! containerd/containerd#3291 (2019): a weak `ETag`, a parameter after the type, no digest. Its answer for a missing
//! tag was not found; the specification's message is used instead.

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct GitHub;

impl Dialect for GitHub {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let store = visit.host.store();
        match visit.endpoint() {
            // The body of 52 bytes is not known: an answer to HEAD has none.
            Endpoint::Manifest { .. } if visit.request.is_head() => {
                let mut answer = Answer::new(405).header("Content-Type", "application/json");
                answer.set("Content-Length", "52");
                answer
            }
            Endpoint::Base => Answer::with_body(200, "application/json", "{}"),
            Endpoint::Manifest { repository, reference } => {
                match store.repository(repository).and_then(|repository| repository.document(reference)) {
                    Some((digest, document)) => manifest(digest, &document.media_type, document.bytes.clone()),
                    None => missing("MANIFEST_UNKNOWN", "manifest unknown"),
                }
            }
            Endpoint::Blob { repository, digest } => {
                match store.repository(repository).and_then(|repository| repository.blobs.get(digest)) {
                    Some(blob) => Answer::with_body(200, "application/octet-stream", blob.clone()),
                    None => missing("BLOB_UNKNOWN", "blob unknown to registry"),
                }
            }
            _ => Answer::new(404),
        }
    }
}

fn missing(code: &str, message: &str) -> Answer {
    let body = serde_json::json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(404, "application/json", body.to_string())
}

fn manifest(digest: &str, media_type: &str, bytes: bytes::Bytes) -> Answer {
    let digits = digest.rsplit(':').next().and_then(|digits| digits.get(..32)).unwrap_or_default();
    Answer::with_body(200, &format!("{media_type}; charset=utf-8"), bytes)
        .header("Docker-Distribution-Api-Version", "registry/2.0")
        .header("Etag", format!("W/\"{digits}\""))
        .header("Server", "GitHub.com")
        .header("Vary", "X-PJAX")
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "deny")
        .header("X-Github-Request-Id", "DE78:3E15:4291:372C4:00000000")
        .header("X-Xss-Protection", "1; mode=block")
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const MANIFEST: &str = "https://github.example/v2/octo-org/web/manifests/1.0.0";

    /// containerd/containerd#5860 (2021).
    #[test]
    fn head_is_not_allowed() {
        let answer = in_scenario("head-not-supported").to(&format!("HEAD {MANIFEST}"), &[]);
        answer.assert_reproduces(
            "HTTP/1.1 405 Method Not Allowed
            Content-Length: 52
            Content-Type: application/json",
        );
    }

    /// containerd/containerd#3291 (2019).
    #[test]
    fn get_has_a_weak_etag_and_no_digest() {
        let answer = in_scenario("head-not-supported").to(&format!("GET {MANIFEST}"), &[]);
        let head = "HTTP/1.1 200 OK
            content-type: application/vnd.docker.distribution.manifest.v2+json; charset=utf-8
            docker-distribution-api-version: registry/2.0
            etag: *
            server: GitHub.com
            vary: X-PJAX
            x-content-type-options: nosniff
            x-frame-options: deny
            x-github-request-id: *
            x-xss-protection: 1; mode=block

{...";
        answer.assert_reproduces(head);
        let tag = answer.get("etag").unwrap();
        assert_eq!((tag.len(), &tag[..3]), (r#"W/"3e803b76cf7154c538fe10333409779b""#.len(), "W/\""));
    }
}
