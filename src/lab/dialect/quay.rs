//! Quay: public repositories without a token, and Docker schema 1 for clients that do not name the stored type.
//!
//! That includes OCI images and `*/*`, and the answer is 200; the schema 1 manifest is not signed, and cannot be pulled
//! by its digest. From `quay/quay`: `endpoints/v2/{__init__,manifest,blob,tag,v2auth,errors}.py`,
//! `image/oci/manifest.py`, `image/docker/schema1.py`. Captured: `docker pull quay.io/watchdogpolska/alpine-curl` (20
//! August 2020), estesp/manifest-tool#120 (2021) and #156 (2022), eclipse-che/che-plugin-registry#2082 (2026).

mod manifest;
mod token;

use serde_json::{Value, json};

use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};
use crate::oci::media_type::OCI_INDEX;

/// See the module.
pub(crate) struct Quay;

impl Dialect for Quay {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base => base(visit),
            Endpoint::Manifest { repository, reference } => {
                readable(visit, repository).unwrap_or_else(|| manifest::manifest(visit, repository, reference))
            }
            Endpoint::Blob { repository, digest } => {
                readable(visit, repository).unwrap_or_else(|| blob(visit, repository, digest))
            }
            Endpoint::Tags { repository } => readable(visit, repository).unwrap_or_else(|| tags(visit, repository)),
            Endpoint::Referrers { repository, digest } => {
                readable(visit, repository).unwrap_or_else(|| referrers(visit, repository, digest))
            }
            Endpoint::Other if visit.request.path == "/v2/auth" => token::token(visit),
            _ => Answer::with_body(404, "text/html; charset=utf-8", NOT_FOUND),
        };
        // nginx adds these to successful answers only.
        let answer = match answer.status {
            200..=399 => answer
                .header("X-Frame-Options", "DENY")
                .header("Strict-Transport-Security", "max-age=63072000; preload"),
            _ => answer,
        };
        answer.header("Server", "nginx/1.14.1")
    }
}

/// Flask's page for a path without a route.
const NOT_FOUND: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>\n\
                         <h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL \
                         manually please check your spelling and try again.</p>\n";

/// An error: the fields in alphabetical order, and always with a detail.
fn error(status: u16, code: &str, message: &str) -> Answer {
    error_with_detail(status, code, message, json!({}))
}

fn error_with_detail(status: u16, code: &str, message: &str, detail: Value) -> Answer {
    let body = json!({ "errors": [{ "code": code, "detail": detail, "message": message }] });
    Answer::with_body(status, "application/json", format!("{body}\n"))
}

/// Adds the challenge, with a scope if there is a repository.
fn challenged(visit: &Visit<'_>, answer: Answer, repository: Option<&str>) -> Answer {
    let scope = repository.map(|name| format!(",scope=\"repository:{name}:pull\"")).unwrap_or_default();
    let (origin, service) = (visit.host.origin(), visit.host.name());
    answer
        .header("Docker-Distribution-Api-Version", "registry/2.0")
        .header("Www-Authenticate", format!("Bearer realm=\"{origin}/v2/auth\",service=\"{service}\"{scope}"))
}

fn unauthorized(visit: &Visit<'_>, repository: Option<&str>) -> Answer {
    let answer = error(401, "UNAUTHORIZED", "access to the requested resource is not authorized");
    challenged(visit, answer, repository)
}

/// The base endpoint. Every answer has the challenge, even the 200 for a client with a token.
fn base(visit: &Visit<'_>) -> Answer {
    let status = match visit.identity() {
        Identity::Bearer(_) => 200,
        _ => 401,
    };
    let answer = Answer::with_body(status, "text/html; charset=utf-8", "true");
    challenged(visit, answer, None).header("X-Sparse-Manifest-Support", "false")
}

/// The refusal of a client that may not read a repository. A bad token is refused even where none is needed, and so is
/// a password: those are for the token service only (`auth/registry_jwt_auth.py`).
fn readable(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    let may = match visit.identity() {
        Identity::Anonymous => visit.host.is_public(repository),
        Identity::Bearer(token) => token.grants_pull(repository) || visit.host.is_public(repository),
        Identity::Account(_) | Identity::ExpiredBearer(_) | Identity::Rejected => false,
    };
    (!may).then(|| unauthorized(visit, Some(repository)))
}

/// The error for a missing repository that the client may read.
fn no_repository() -> Answer {
    let detail = json!("repository not found");
    error_with_detail(404, "NAME_UNKNOWN", "repository name not known to registry", detail)
}

/// The answer for a blob: `GET` redirects to the storage, `HEAD` is answered here.
fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let blob = visit.blob(repository, digest);
    let Some(blob) = blob else { return error(404, "BLOB_UNKNOWN", "blob unknown to registry") };
    if visit.request.is_head() {
        return Answer::with_body(200, "application/octet-stream", blob.clone())
            .header("Accept-Ranges", "bytes")
            .header("Cache-Control", "max-age=31436000")
            .header("Docker-Content-Digest", digest);
    }
    let answer = match visit.other_host() {
        Some(storage) => {
            let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
            let folder = hex.get(..2).unwrap_or_default();
            let path = format!("/sha256/{folder}/{hex}?Expires=1893456000&Signature=EXAMPLE__&Key-Pair-Id=EXAMPLE");
            let address = format!("{}{path}", storage.origin());
            let shown = address.replace('&', "&amp;");
            let page = format!(
                "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>Redirecting...</title>\n\
                 <h1>Redirecting...</h1>\n<p>You should be redirected automatically to target URL: <a \
                 href=\"{shown}\">{shown}</a>.  If not click the link."
            );
            Answer::with_body(302, "text/html; charset=utf-8", page).header("Location", address)
        }
        None => Answer::with_body(200, "application/octet-stream", blob.clone()),
    };
    answer
        .header("Accept-Ranges", "bytes")
        .header("Docker-Content-Digest", digest)
        .header("Cache-Control", "max-age=31536000")
}

/// The list of tags: at most a hundred on a page, even if the client requests more; the link to the next page is an
/// absolute URL.
fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    const PAGE: usize = 100;
    let Some(found) = visit.host.store().repository(repository) else { return no_repository() };
    let asked = visit.request.parameter("n").and_then(|n| n.parse::<usize>().ok());
    let limit = asked.unwrap_or(PAGE).min(PAGE);
    let after = visit.request.parameter("last").unwrap_or_default();
    let left: Vec<_> = found.tags.keys().filter(|tag| **tag > after).collect();
    let page = &left[..limit.min(left.len())];
    let body = json!({ "name": repository, "tags": page });
    let answer = Answer::with_body(200, "application/json", format!("{body}\n"));
    match page.last().filter(|_| left.len() > page.len()) {
        Some(last) => {
            let next = format!("{}/v2/{repository}/tags/list?n={limit}&last={last}", visit.host.origin());
            answer.header("Link", format!("<{next}>; rel=\"next\""))
        }
        None => answer,
    }
}

/// The index of referrers to this digest. For a missing subject it should be empty (distribution-spec, "Listing
/// Referrers"), but it is an error here.
fn referrers(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else { return no_repository() };
    if !found.manifests.contains_key(digest) {
        return error(400, "MANIFEST_INVALID", "manifest invalid");
    }
    let entries = found.referrers(digest).into_iter().map(
        |(digest, stored)| json!({ "mediaType": stored.media_type, "digest": digest, "size": stored.bytes.len() }),
    );
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries.collect::<Vec<_>>() });
    Answer::with_body(200, OCI_INDEX, index.to_string())
}

#[cfg(test)]
mod tests;
