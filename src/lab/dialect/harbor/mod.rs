//! Harbor 2: a core with projects and accounts, in front of CNCF distribution 2.8.
//!
//! The core requires a token from every client, repeats its messages, and has its own errors for missing content; it
//! fetches existing content from distribution by digest, so that nothing is converted. From Harbor's source: `v2auth`,
//! `vulnerable` and `contenttrust` in `src/server/middleware`, `src/server/registry`, `src/core/service/token`. The
//! headers are those of the nginx in front of it (goharbor/harbor#10305; containers/image `docker/errors_test.go`).

mod refusal;
#[cfg(test)]
mod tests;

use serde_json::json;

use super::negotiation::{self, Found, Generation};
use super::pages::page;
use super::ranges::part_of;
use super::referrers;
use crate::lab::access::{Grant, Identity, Token, scopes};
use crate::lab::host::{Dialect, Host, Visit};
use crate::lab::scenario::Policy;
use crate::lab::store::Stored;
use crate::lab::wire::{Answer, Endpoint};
use crate::oci::Digest;
use crate::oci::media_type::{DOCKER_LIST, OCI_INDEX};

/// See the module.
pub(crate) struct Harbor;

/// The service in challenges (`src/core/service/token/creator.go`).
const SERVICE: &str = "harbor-registry";
/// The default lifetime of tokens, in seconds.
const LIFETIME: i64 = 30 * 60;

impl Dialect for Harbor {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.request.path.as_str() {
            "/service/token" => token(visit),
            _ => refusal::of(visit).unwrap_or_else(|| permitted(visit)),
        };
        let answer = answer
            .header("Server", "nginx")
            .header("Set-Cookie", "sid=00000000000000000000000000000000; Path=/; HttpOnly")
            .header("X-Request-Id", "00000000-0000-4000-8000-000000000000");
        // nginx adds these to successful answers only.
        match answer.status {
            200..=399 => {
                answer.header("X-Frame-Options", "DENY").header("Content-Security-Policy", "frame-ancestors 'none'")
            }
            _ => answer,
        }
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(status, "application/json; charset=utf-8", format!("{body}\n"))
}

/// The project of a repository: the part before the first slash.
fn project_of(repository: &str) -> &str {
    repository.split_once('/').map_or(repository, |(project, _)| project)
}

/// The repositories of a project.
fn repositories_of<'a>(host: &'a Host, project: &'a str) -> impl Iterator<Item = &'a str> {
    let all = host.store().repositories.keys().map(String::as_str);
    all.filter(move |name| project_of(name) == project)
}

/// Returns whether anonymous clients may pull from a project. Only a whole project can be public, not a repository.
fn is_public(host: &Host, project: &str) -> bool {
    let mut repositories = repositories_of(host, project).peekable();
    repositories.peek().is_some() && repositories.all(|name| host.is_public(name))
}

/// Issues a token. A client with a wrong password is not refused, but gets the token of an anonymous one. The requested
/// actions are ignored.
fn token(visit: &Visit<'_>) -> Answer {
    if !visit.request.reads() {
        return Answer::with_body(405, "text/plain; charset=utf-8", "Method Not Allowed\n");
    }
    let service = visit.request.parameter("service").unwrap_or_default();
    if service != SERVICE {
        let refusal = format!("Unable to handle service: {service}");
        return Answer::with_body(400, "text/plain; charset=utf-8", refusal);
    }
    let account = match visit.identity() {
        Identity::Account(account) => account,
        _ => String::new(),
    };
    let wanted = scopes(visit.request);
    if account.is_empty() && wanted.is_empty() {
        return Answer::new(401);
    }
    let granted = wanted.into_iter().map(|wanted| Grant { actions: actions(visit.host, &account, &wanted), ..wanted });
    let mut token = Token::new(visit.host, SERVICE, &account, granted.collect());
    token.iss = "harbor-token-issuer".to_owned();
    token.exp = token.iat + visit.host.token_lifetime().unwrap_or(LIFETIME);
    let body =
        json!({ "token": token.write(), "expires_in": token.lifetime(), "issued_at": token.issued_at() }).to_string();
    Answer::with_body(200, "application/json; charset=utf-8", body)
}

fn actions(host: &Host, account: &str, wanted: &Grant) -> Vec<String> {
    let project = project_of(&wanted.name);
    let exists = wanted.kind == "repository" && repositories_of(host, project).next().is_some();
    let actions: &[&str] = match exists {
        true if !account.is_empty() => &["push", "pull"],
        true if is_public(host, project) => &["pull"],
        _ => &[],
    };
    actions.iter().map(|&action| action.to_owned()).collect()
}

fn permitted(visit: &Visit<'_>) -> Answer {
    match visit.endpoint() {
        Endpoint::Base => of_distribution(Answer::with_body(200, "application/json; charset=utf-8", "{}")),
        Endpoint::Manifest { repository, reference } => manifest(visit, repository, reference),
        Endpoint::Blob { repository, digest } => of_distribution(blob(visit, repository, digest)),
        Endpoint::Tags { repository } => tags(visit, repository),
        Endpoint::Referrers { repository, digest } => referring(visit, repository, digest),
        Endpoint::Catalog => {
            let names: Vec<_> = visit.host.store().repositories.keys().collect();
            Answer::with_body(200, "application/json", format!("{}\n", json!({ "repositories": names })))
        }
        Endpoint::Other => of_distribution(Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n")),
    }
}

/// Adds the header of answers that the core passes on from distribution.
fn of_distribution(answer: Answer) -> Answer {
    answer.header("Docker-Distribution-Api-Version", "registry/2.0")
}

fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    let by_tag = reference.parse::<Digest>().is_err();
    if by_tag && visit.host.store().repository(repository).is_none() {
        return error(404, "NOT_FOUND", &format!("repository {repository} not found"));
    }
    let Some((digest, document)) = visit.document(repository, reference) else {
        let sign = if by_tag { ':' } else { '@' };
        return error(404, "NOT_FOUND", &format!("artifact {repository}{sign}{reference} not found"));
    };
    if let Some(message) = visit.host.policy().and_then(|policy| blocked_by(policy, document)) {
        return error(412, "PROJECTPOLICYVIOLATION", message);
    }
    // The core requests the digest, for which distribution neither converts nor chooses.
    match negotiation::find(visit, repository, digest, Generation::Two) {
        Found::NotModified => Answer::new(304),
        Found::HiddenManifest => hidden("OCI manifest found, but accept header does not support OCI manifests"),
        Found::HiddenIndex => hidden("OCI index found, but accept header does not support OCI indexes"),
        _ => of_distribution(
            Answer::with_body(200, &document.media_type, document.bytes.clone())
                .header("Docker-Content-Digest", digest)
                .header("Etag", format!("\"{digest}\"")),
        ),
    }
}

fn hidden(message: &str) -> Answer {
    of_distribution(error(404, "MANIFEST_UNKNOWN", message))
}

/// The message of a policy that blocks a document. The policy on vulnerabilities does not apply to an index: it checks
/// each image when that is requested.
fn blocked_by(policy: Policy, document: &Stored) -> Option<&'static str> {
    let is_index = [DOCKER_LIST, OCI_INDEX].contains(&document.media_type.as_str());
    match policy {
        Policy::Vulnerable if is_index => None,
        Policy::Vulnerable => Some(
            "current image with 7 vulnerabilities cannot be pulled due to configured policy in 'Prevent images with \
             vulnerability severity of \"High\" or higher from running.' To continue with pull, please contact your \
             project administrator to exempt matched vulnerabilities through configuring the CVE allowlist.",
        ),
        Policy::NotScanned => Some(
            "current image without vulnerability scanning cannot be pulled due to configured policy in 'Prevent images \
             with vulnerability severity of \"High\" or higher from running.' To continue with pull, please contact \
             your project administrator for help.",
        ),
        Policy::NotSignedByCosign => Some("The image is not signed by cosign."),
        Policy::NotSignedByNotation => Some("The image is not signed by notation."),
    }
}

fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let Some(blob) = visit.blob(repository, digest) else {
        let error = json!({ "code": "BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": digest });
        let body = format!("{}\n", json!({ "errors": [error] }));
        return Answer::with_body(404, "application/json; charset=utf-8", body);
    };
    let whole = Answer::with_body(200, "application/octet-stream", blob.clone())
        .header("Accept-Ranges", "bytes")
        .header("Cache-Control", "max-age=31536000")
        .header("Docker-Content-Digest", digest)
        .header("Etag", format!("\"{digest}\""));
    part_of(whole, visit.request)
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(stored) = visit.host.store().repository(repository) else {
        return error(404, "NOT_FOUND", &format!("repository {repository} not found"));
    };
    let page = page(stored.tags.keys(), visit.request);
    let body = format!("{}\n", json!({ "name": repository, "tags": page.names }));
    let answer = Answer::with_body(200, "application/json", body);
    match page.next {
        Some(next) => answer.header("Link", format!("</v2/{repository}/tags/list?{next}>; rel=\"next\"")),
        None => answer,
    }
}

/// The referrers (`src/server/registry/referrers.go`). For a missing document, an empty object instead of an index.
fn referring(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    if digest.parse::<Digest>().is_err() {
        let message = format!("unsupported digest {digest}: invalid checksum digest format");
        return error(400, "BAD_REQUEST", &message);
    }
    let artifact_type = visit.request.parameter("artifactType").filter(|wanted| !wanted.is_empty());
    let known = visit.document(repository, digest).is_some();
    let found = match known {
        true => referrers::index(visit, repository, digest, artifact_type.as_deref()),
        false => json!({}),
    };
    let total = found["manifests"].as_array().map_or(0, Vec::len);
    let answer = Answer::with_body(200, OCI_INDEX, format!("{found}\n")).header("X-Total-Count", total.to_string());
    match artifact_type {
        Some(applied) if known => answer.header("Oci-Filters-Applied", applied),
        _ => answer,
    }
}
