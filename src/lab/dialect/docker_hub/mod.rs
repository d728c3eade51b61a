//! Docker Hub: the default registry of references without a host.
//!
//! It is special in three ways. It counts pulls, and reports in headers how many are left. It issues a token for every
//! name and refuses afterwards, so that clients cannot discover what exists. And its treatment of the `Accept` header
//! changed twice: until early 2024 it was distribution 2, which converts to Docker schema 1 for old clients and hides
//! indexes; in mid-2024 it answered like distribution 3; since 2025 it serves what is stored, whatever the client
//! accepts (cue-labs/oci#22, NotGlop/docker-drag#32; docker/hub-feedback#2391 and #2410; docker/hub-feedback#2464,
//! sergi0g/cup#132).
//!
//! Where an era is not known, this answers like the generation of distribution that Docker Hub resembled then.

mod cdn;
mod limit;
mod token;

use serde_json::{Value, json};

use super::negotiation::{self, Found, Generation, error_body};
use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit, Wanted};
use crate::lab::wire::{Answer, Authorization, Endpoint};
use limit::Allowance;

pub(crate) use cdn::CDN;
pub(crate) use token::TOKEN_SERVICE;

/// Docker Hub's registry in one of its eras.
pub(crate) struct DockerHub(Era);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    Until2024,
    In2024,
    Since2025,
}

/// Until early 2024.
pub(crate) static UNTIL_2024: DockerHub = DockerHub(Era::Until2024);
/// In the middle of 2024.
pub(crate) static IN_2024: DockerHub = DockerHub(Era::In2024);
/// Since 2025.
pub(crate) static SINCE_2025: DockerHub = DockerHub(Era::Since2025);

/// The realm in challenges (containerd/containerd#3291).
const REALM: &str = "https://auth.docker.io/token";
/// The service in challenges.
const SERVICE: &str = "registry.docker.io";

impl Dialect for DockerHub {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base => base(visit),
            Endpoint::Manifest { repository, reference } => self.manifest(visit, repository, reference),
            Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
            Endpoint::Tags { repository } => tags(visit, repository),
            Endpoint::Catalog => challenge(Some(("registry", "catalog", "*")), None),
            // No referrers (docker/roadmap#724).
            Endpoint::Referrers { .. } | Endpoint::Other => {
                Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n")
            }
        };
        answer
            .header("Docker-Distribution-Api-Version", "registry/2.0")
            .header("Strict-Transport-Security", "max-age=31536000")
    }
}

/// An error as in distribution, with the line feed at its end.
fn error(status: u16, code: &str, message: &str, detail: Option<Value>) -> Answer {
    Answer::with_body(status, "application/json", error_body(code, message, detail))
}

/// A 401 for a scope (type, name and action), with the error in the token, if any (RFC 6750 §3.1).
fn challenge(scope: Option<(&str, &str, &str)>, wrong: Option<&str>) -> Answer {
    let mut header = format!("Bearer realm=\"{REALM}\",service=\"{SERVICE}\"");
    let mut detail = Value::Null;
    if let Some((kind, name, action)) = scope {
        header.push_str(&format!(",scope=\"{kind}:{name}:{action}\""));
        detail = json!([{ "Type": kind, "Class": "", "Name": name, "Action": action }]);
    }
    if let Some(wrong) = wrong {
        header.push_str(&format!(",error=\"{wrong}\""));
    }
    error(401, "UNAUTHORIZED", "authentication required", Some(detail)).header("Www-Authenticate", header)
}

fn base(visit: &Visit<'_>) -> Answer {
    match visit.identity() {
        Identity::Bearer(_) => Answer::with_body(200, "application/json", "{}"),
        _ => challenge(None, None),
    }
}

/// The challenge for a client that may not pull from a repository. A pull requires a grant, and the token service
/// grants only repositories that exist and that the account may see: so missing and private ones get the same answer.
fn refusal(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    let wrong = match visit.identity() {
        Identity::Bearer(token) if token.grants_pull(repository) => return None,
        Identity::Bearer(_) => Some("insufficient_scope"),
        Identity::ExpiredBearer(_) => Some("invalid_token"),
        Identity::Rejected if matches!(visit.request.authorization(), Authorization::Bearer(_)) => {
            Some("invalid_token")
        }
        _ => None,
    };
    Some(challenge(Some(("repository", repository, "pull")), wrong))
}

/// Redirects to the storage of blobs, with a signed URL (client logs of 2023).
fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    let blob = visit.blob(repository, digest);
    let Some(blob) = blob else {
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(json!(digest)));
    };
    let wanted = Wanted { method: visit.request.method.as_str(), digest, media_type: None, at: visit.host.now() };
    match visit.address_in_storage(&wanted) {
        Some(address) => Answer::new(307).header("Location", address),
        None => Answer::with_body(200, "application/octet-stream", blob.clone())
            .header("Docker-Content-Digest", digest)
            .header("Etag", format!("\"{digest}\"")),
    }
}

/// The list of all tags, on one page.
fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    if let Some(refusal) = refusal(visit, repository) {
        return refusal;
    }
    match visit.host.store().repository(repository) {
        Some(found) => {
            let tags: Vec<_> = found.tags.keys().collect();
            let body = json!({ "name": repository, "tags": tags });
            Answer::with_body(200, "application/json", format!("{body}\n"))
        }
        None => {
            let detail = json!({ "name": repository });
            error(404, "NAME_UNKNOWN", "repository name not known to registry", Some(detail))
        }
    }
}

impl DockerHub {
    fn manifest(&self, visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
        let allowance = Allowance::of(visit);
        // The header was added in the autumn of 2021 (docker/docs#13499). Refusals have it too (containerd/containerd
        // #6492 and #10886), but not those in earlier captures.
        let source = allowance.as_ref().filter(|_| self.0 != Era::Until2024).map(|allowance| allowance.source.clone());
        let with_source = |answer: Answer| match source {
            Some(source) => answer.header("Docker-Ratelimit-Source", source),
            None => answer,
        };
        if let Some(refusal) = refusal(visit, repository) {
            return with_source(refusal);
        }
        let answer = self.negotiated(visit, repository, reference);
        let Some(allowance) = allowance else { return answer };
        // A HEAD does not count (docker/docs#11707).
        let counts = answer.status == 200 && !visit.request.is_head();
        if counts && !allowance.take(visit) {
            return allowance.used_up(self.0 == Era::Since2025);
        }
        let left = allowance.left.saturating_sub(u64::from(counts));
        let answer = answer
            .header("Ratelimit-Limit", format!("{};w=21600", allowance.limit))
            .header("Ratelimit-Remaining", format!("{left};w=21600"));
        with_source(answer)
    }

    fn negotiated(&self, visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
        let generation = if self.0 == Era::Until2024 { Generation::Two } else { Generation::Three };
        self.find(visit, repository, reference).answer(repository, reference, generation, &error)
    }

    fn find<'a>(&self, visit: &Visit<'a>, repository: &'a str, reference: &'a str) -> Found<'a> {
        match self.0 {
            Era::Until2024 => negotiation::find(visit, repository, reference, Generation::Two),
            Era::In2024 => negotiation::find(visit, repository, reference, Generation::Three),
            Era::Since2025 => {
                let found = visit.document(repository, reference);
                match found {
                    Some((digest, document)) => Found::Stored { digest, document },
                    None if reference.contains(':') => Found::NoSuchDigest,
                    None => Found::NoSuchTag,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
