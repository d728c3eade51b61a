//! GitLab's dependency proxy: Docker Hub's images below a group of gitlab.com, for authenticated users.
//!
//! From `gitlabhq/gitlabhq`: `app/controllers/groups/dependency_proxy_for_containers_controller.rb`,
//! `app/controllers/groups/dependency_proxy/application_controller.rb`, `app/models/dependency_proxy/registry.rb`. It
//! queries Docker Hub with an `Accept` header of its own and ignores the client's.

use super::jwt;
use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct DependencyProxy;

impl Dialect for DependencyProxy {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if visit.request.path == "/jwt/auth" {
            return jwt::token(visit, visit.host);
        }
        let found = |name: &str| visit.host.store().repository(name);
        match visit.endpoint() {
            Endpoint::Base => readable(visit).unwrap_or_else(|| Answer::with_body(200, PLAIN, "")),
            Endpoint::Manifest { repository, reference } if repository.contains("/dependency_proxy/containers/") => {
                let Some((digest, document)) = found(repository).and_then(|found| found.document(reference)) else {
                    return readable(visit).unwrap_or_else(|| missing(reference));
                };
                readable(visit).unwrap_or_else(|| {
                    Answer::with_body(200, &document.media_type, document.bytes.clone())
                        .header("Docker-Content-Digest", digest)
                        .header("Docker-Distribution-Api-Version", "registry/2.0")
                        .header("Etag", format!("\"{digest}\""))
                })
            }
            Endpoint::Blob { repository, digest } if repository.contains("/dependency_proxy/containers/") => {
                let blob = found(repository).and_then(|found| found.blobs.get(digest));
                readable(visit).unwrap_or_else(|| match blob {
                    Some(blob) => Answer::with_body(200, "application/octet-stream", blob.clone()),
                    None => Answer::with_body(404, "application/json; charset=utf-8", ""),
                })
            }
            _ => super::not_found(),
        }
    }
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// The refusal of a client without a token: without a body, and with a challenge without a scope.
fn readable(visit: &Visit<'_>) -> Option<Answer> {
    if matches!(visit.identity(), Identity::Bearer(token) if token.aud == "dependency_proxy") {
        return None;
    }
    let challenge = format!("Bearer realm=\"{}/jwt/auth\",service=\"dependency_proxy\"", visit.host.origin());
    Some(Answer::with_body(401, PLAIN, "").header("Www-Authenticate", challenge))
}

/// Docker Hub's error, passed on.
fn missing(tag: &str) -> Answer {
    let detail = serde_json::json!({ "Tag": tag });
    let error = serde_json::json!({ "code": "MANIFEST_UNKNOWN", "message": "manifest unknown", "detail": detail });
    let body = format!("{}\n", serde_json::json!({ "errors": [error] }));
    Answer::with_body(404, "application/json; charset=utf-8", body)
}
