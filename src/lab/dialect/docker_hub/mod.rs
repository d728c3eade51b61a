//! Docker Hub: the registry that everybody means who names none.
//!
//! Three things are its own. It counts pulls, and tells in headers how many are left. It hands out a token for every
//! name and refuses afterwards, so that nobody can find out what exists. And how it treats the `Accept` header changed
//! twice: until early 2024 it was distribution 2, which makes docker v1 for old clients and hides indexes; in the middle
//! of 2024 it answered like distribution 3; since 2025 it serves what is stored, whatever is asked for
//! (cue-labs/oci#22, NotGlop/docker-drag#32; docker/hub-feedback#2391 and #2410; docker/hub-feedback#2464,
//! sergi0g/cup#132).
//!
//! What is not known of an era is answered as the generation of distribution does that it behaved like.

mod cdn;
mod limit;
mod token;

use serde_json::{Value, json};

use super::negotiation::{self, Found, Generation, error_body};
use crate::lab::access::Who;
use crate::lab::host::{Dialect, Visit, Wanted};
use crate::lab::wire::{Answer, Authorization, Endpoint};
use limit::Allowance;

pub(crate) use cdn::CDN;
pub(crate) use token::TOKEN_SERVICE;

/// Docker Hub's registry, at some time.
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

/// Where everybody is sent for a token (containerd/containerd#3291).
const REALM: &str = "https://auth.docker.io/token";
/// What the registry calls itself there.
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

/// An error as distribution writes it, with the line feed at its end.
fn error(status: u16, code: &str, message: &str, detail: Option<Value>) -> Answer {
    Answer::with_body(status, "application/json", error_body(code, message, detail))
}

/// A 401 for a scope (type, name and action), and what was wrong with the token (RFC 6750 §3.1).
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
    match visit.who() {
        Who::Holder(_) => Answer::with_body(200, "application/json", "{}"),
        _ => challenge(None, None),
    }
}

/// Why somebody may not pull from a repository, in the form of a challenge. Without a token for it nobody may, and the
/// token service gives one only for what is there and may be seen: so the two are not told apart.
fn refusal(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    let wrong = match visit.who() {
        Who::Holder(token) if token.grants_pull(repository) => return None,
        Who::Holder(_) => Some("insufficient_scope"),
        Who::HolderOfExpired(_) => Some("invalid_token"),
        Who::Impostor if matches!(visit.request.authorization(), Authorization::Bearer(_)) => Some("invalid_token"),
        _ => None,
    };
    Some(challenge(Some(("repository", repository, "pull")), wrong))
}

/// Blobs are in a storage of their own, behind signed addresses (client logs of 2023).
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

/// All tags on one page.
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
        // The header came in the autumn of 2021 (docker/docs#13499). It stands on refusals too (containerd/containerd
        // #6492 and #10886), but not on those of earlier captures.
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
