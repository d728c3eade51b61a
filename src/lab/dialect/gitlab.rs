//! GitLab: its registry, a fork of distribution, whose tokens the web application issues.
//!
//! Captured: the refusal and the redirect of blobs in oras-project/oras#923 (2023), the catalog in
//! portainer/portainer#2956 (2018), a hidden manifest in sergi0g/cup#132 (2025), Docker schema 1 in
//! containerd/containerd#5799 (2021). The token service from `gitlabhq/gitlabhq` and mayflower/docker-ls#36, see
//! [`jwt`]; a token that grants nothing from n0madic/gitlab-registry-images-cleaner#13.

mod dependency_proxy;
mod jwt;

use serde_json::{Value, json};

pub(super) use dependency_proxy::DependencyProxy;
pub(super) use jwt::Auth;

use super::negotiation::{self, Found, Generation, error_body};
use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct GitLab;

impl Dialect for GitLab {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base => match visit.identity() {
                Identity::Bearer(_) => Answer::with_body(200, "application/json", "{}"),
                _ => unauthorized(visit, None, Value::Null),
            },
            Endpoint::Manifest { repository, reference } => {
                readable(visit, repository).unwrap_or_else(|| manifest(visit, repository, reference))
            }
            Endpoint::Blob { repository, digest } => {
                readable(visit, repository).unwrap_or_else(|| blob(visit, repository, digest))
            }
            Endpoint::Tags { repository } => readable(visit, repository).unwrap_or_else(|| tags(visit, repository)),
            Endpoint::Catalog => {
                let detail = json!([{ "Type": "registry", "Class": "", "Name": "catalog", "Action": "*" }]);
                unauthorized(visit, Some("registry:catalog:*"), detail)
            }
            _ => Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n"),
        };
        answer.header("Docker-Distribution-Api-Version", "registry/2.0").header("X-Content-Type-Options", "nosniff")
    }
}

fn error(status: u16, code: &str, message: &str, detail: Option<Value>) -> Answer {
    Answer::with_body(status, "application/json", error_body(code, message, detail))
}

/// The challenge. The service has the same name on every host. The realm is that of gitlab.com unless the scenario has
/// another.
fn unauthorized(visit: &Visit<'_>, scope: Option<&str>, detail: Value) -> Answer {
    let realm = visit.host.realm().unwrap_or("https://gitlab.com/jwt/auth");
    let scope = scope.map(|scope| format!(",scope=\"{scope}\"")).unwrap_or_default();
    let fault = match visit.identity() {
        Identity::Bearer(_) => ",error=\"insufficient_scope\"",
        Identity::ExpiredBearer(_) | Identity::Rejected => ",error=\"invalid_token\"",
        Identity::Anonymous | Identity::Account(_) => "",
    };
    let challenge = format!("Bearer realm=\"{realm}\",service=\"container_registry\"{scope}{fault}");
    error(401, "UNAUTHORIZED", "authentication required", Some(detail)).header("Www-Authenticate", challenge)
}

/// The refusal of a client that may not read a repository.
fn readable(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    if matches!(visit.identity(), Identity::Bearer(token) if token.grants_pull(repository)) {
        return None;
    }
    let detail = json!([{ "Type": "repository", "Class": "", "Name": repository, "Action": "pull" }]);
    Some(unauthorized(visit, Some(&format!("repository:{repository}:pull")), detail))
}

/// The manifest, negotiated like distribution 2.8.
fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    let found = match negotiation::find(visit, repository, reference, Generation::Two) {
        // Whether it fails on a blob's digest as distribution does is not known.
        Found::NotAManifest => Found::NoSuchDigest,
        found => found,
    };
    found.answer(repository, reference, Generation::Two, &error)
}

/// Redirects to a delivery network, with the page of Go's redirects.
fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let blob = visit.blob(repository, digest);
    let Some(blob) = blob else {
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(json!(digest)));
    };
    let Some(storage) = visit.other_host() else {
        return Answer::with_body(200, "application/octet-stream", blob.clone())
            .header("Docker-Content-Digest", digest)
            .header("Etag", format!("\"{digest}\""));
    };
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    let folder = hex.get(..2).unwrap_or_default();
    let path = format!("/gitlab/docker/registry/v2/blobs/sha256/{folder}/{hex}/data");
    let query = "Expires=1893456000&KeyName=gprd-registry-cdn&Signature=EXAMPLE=";
    let address = format!("{}{path}?{query}", storage.origin());
    let page = format!("<a href=\"{}\">Temporary Redirect</a>.\n\n", address.replace('&', "&amp;"));
    Answer::with_body(307, "text/html; charset=utf-8", page).header("Location", address)
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else {
        let detail = json!({ "name": repository });
        return error(404, "NAME_UNKNOWN", "repository name not known to registry", Some(detail));
    };
    let body = json!({ "name": repository, "tags": found.tags.keys().collect::<Vec<_>>() });
    Answer::with_body(200, "application/json", format!("{body}\n"))
}

/// The web application's own page, whose exact text is not known.
fn not_found() -> Answer {
    let page = "<!DOCTYPE html>\n<html>\n<head>\n<title>Not Found</title>\n</head>\n<body>\n<h1>404: Page not found</h1>\n\
                </body>\n</html>\n";
    Answer::with_body(404, "text/html; charset=utf-8", page)
}

#[cfg(test)]
mod tests;
