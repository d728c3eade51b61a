//! Gitea, and its fork Forgejo: a registry that is part of a forge.
//!
//! From go-gitea/gitea: `routers/api/packages/container/container.go` and `errors.go`, `routers/api/packages/api.go`.
//! The first version sent two challenges; the current one sends one, and a second only where users have to sign in.

use serde_json::json;

use crate::lab::access::{Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::scenario::Access;
use crate::lab::wire::{Answer, Endpoint};

/// The version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// 1.17 of 2022.
    First,
    Current,
}

/// See the module. `access = "basic"` means an instance where all users have to sign in.
pub(crate) struct Gitea(Version);

/// Gitea 1.17, the first with a registry.
pub(crate) static FIRST: Gitea = Gitea(Version::First);
/// The current Gitea.
pub(crate) static CURRENT: Gitea = Gitea(Version::Current);

impl Dialect for Gitea {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let has_access = match visit.identity() {
            Identity::Account(_) => true,
            // Gitea issues anonymous tokens to its ghost user.
            Identity::Bearer(token) => !token.sub.is_empty() || visit.host.access() != Access::Basic,
            Identity::Anonymous | Identity::ExpiredBearer(_) | Identity::Rejected => false,
        };
        if visit.request.path == "/v2/token" {
            return self.token(visit);
        }
        if !has_access {
            return self.challenge(visit);
        }
        match visit.endpoint() {
            Endpoint::Base => ours(Answer::new(200)),
            Endpoint::Manifest { repository, reference } => {
                of_owner(visit, repository).unwrap_or_else(|| match visit.document(repository, reference) {
                    Some((digest, stored)) => served(digest, &stored.media_type, stored.bytes.clone()),
                    None => error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
                })
            }
            Endpoint::Blob { repository, digest } => {
                of_owner(visit, repository).unwrap_or_else(|| match visit.blob(repository, digest) {
                    Some(blob) => served(digest, "application/octet-stream", blob.clone()),
                    None => error(404, "BLOB_UNKNOWN", "blob unknown to registry"),
                })
            }
            Endpoint::Tags { repository } => of_owner(visit, repository).unwrap_or_else(|| tags(visit, repository)),
            Endpoint::Catalog => {
                let names: Vec<_> = visit.host.store().repositories.keys().collect();
                json_answer(200, &json!({ "repositories": names }))
            }
            Endpoint::Referrers { .. } | Endpoint::Other => Answer::new(404),
        }
    }
}

fn ours(answer: Answer) -> Answer {
    answer.header("Docker-Distribution-Api-Version", "registry/2.0")
}

fn json_answer(status: u16, body: &serde_json::Value) -> Answer {
    ours(Answer::with_body(status, "application/json", format!("{body}\n")))
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    json_answer(status, &json!({ "errors": [{ "code": code, "message": message }] }))
}

fn served(digest: &str, media_type: &str, bytes: bytes::Bytes) -> Answer {
    ours(Answer::with_body(200, media_type, bytes))
        .header("Docker-Content-Digest", digest)
        .header("Etag", format!("\"{digest}\""))
}

/// The refusal before a package is looked up: its owner has to exist, and the package must not be hidden. The page for
/// a missing owner is not known.
fn of_owner(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    let owner = repository.split_once('/').map_or(repository, |(owner, _)| owner);
    let mut names = visit.host.store().repositories.keys();
    if !names.any(|name| name.split_once('/').is_some_and(|(other, _)| other == owner)) {
        return Some(Answer::new(404));
    }
    let exists = visit.host.store().repository(repository).is_some();
    let has_account = match visit.identity() {
        Identity::Account(_) => true,
        Identity::Bearer(token) => !token.sub.is_empty(),
        _ => false,
    };
    (exists && !has_account && !visit.host.is_public(repository)).then(|| {
        Answer::with_body(401, "text/plain; charset=utf-8", "reqPackageAccess\n")
            .header("X-Content-Type-Options", "nosniff")
            .header("Www-Authenticate", "Basic realm=\"Gitea Package API\"")
    })
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(stored) = visit.host.store().repository(repository) else {
        return error(404, "NAME_UNKNOWN", "repository name not known to registry");
    };
    let tags: Vec<_> = stored.tags.keys().collect();
    json_answer(200, &json!({ "name": repository.to_lowercase(), "tags": tags }))
}

impl Gitea {
    /// The refusal, with each challenge in a header of its own.
    fn challenge(&self, visit: &Visit<'_>) -> Answer {
        let realm = format!("Bearer realm=\"{}/v2/token\"", visit.host.origin());
        let answer = error(401, "UNAUTHORIZED", "authentication required");
        match self.0 {
            Version::First => answer.header("Www-Authenticate", realm).header("Www-Authenticate", "Basic"),
            Version::Current => {
                let challenge = format!("{realm},service=\"container_registry\",scope=\"*\"");
                let answer = answer.header("Www-Authenticate", challenge);
                match visit.host.access() {
                    Access::Basic => answer.header("Www-Authenticate", "Basic realm=\"Gitea Container Registry\""),
                    Access::Open | Access::Token => answer,
                }
            }
        }
    }

    fn token(&self, visit: &Visit<'_>) -> Answer {
        let account = match visit.identity() {
            Identity::Account(account) => account,
            Identity::Anonymous => String::new(),
            // The first version treated a wrong password like none.
            _ if self.0 == Version::First => String::new(),
            _ => return self.challenge(visit),
        };
        let token = Token::new(visit.host, "container_registry", &account, scopes(visit.request));
        let body = json!({ "token": token.write() });
        Answer::with_body(200, "application/json;charset=utf-8", format!("{body}\n"))
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;
    use crate::lab::wire::Answer;

    fn challenges(answer: &Answer) -> Vec<&str> {
        let named = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// `container.go` of 2022, `ReqContainerAccess`.
    #[test]
    fn first_version_sends_two_challenges() {
        let answer = in_scenario("gitea-two-challenges").to("GET https://git.example/v2/anna/tool/manifests/1.0", &[]);
        assert_eq!(challenges(&answer), ["Bearer realm=\"https://git.example/v2/token\"", "Basic"]);
        assert_eq!(answer.body, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}\n");
    }

    /// `container.go`, `APIUnauthorizedError`; the same header was captured from Forgejo and from Gitea 1.27.
    #[test]
    fn current_version_sends_one_challenge() {
        let answer = in_scenario("gitea-healthy").to("GET https://forge.example/v2/", &[]);
        let challenge = "Bearer realm=\"https://forge.example/v2/token\",service=\"container_registry\",scope=\"*\"";
        assert_eq!((answer.status, challenges(&answer)), (401, vec![challenge]));
        assert_eq!(answer.get("docker-distribution-api-version"), Some("registry/2.0"));
    }

    /// `errors.go`, and `GetManifest`, which does not read the `Accept` header.
    #[test]
    fn stored_type_is_served_and_missing_tag_is_unknown() {
        let lab = in_scenario("gitea-missing");
        let token = lab.token("https://forge.example/v2/token", "anna/tool");
        let to = |tag: &str| {
            let url = format!("GET https://forge.example/v2/anna/tool/manifests/{tag}");
            lab.to(&url, &[("Authorization", &token), ("Accept", "text/html")])
        };
        assert_eq!(to("1.0").get("content-type"), Some("application/vnd.oci.image.manifest.v1+json"));
        let missing = to("2.0");
        assert_eq!(missing.status, 404);
        assert_eq!(missing.body, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}\n");
    }
}
