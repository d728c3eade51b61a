//! NVIDIA's registry, `nvcr.io`: nginx in front, challenges without a service, and two token services.
//!
//! Captured: the base endpoint in google/go-containerregistry#728 (2020), the challenge and its token in
//! sapcc/keppel#731 (2026), the refusal in NVlabs/alpasim#44 (2026; its status is not known). Reported: the second
//! token service in NVIDIA/nvidia-container-toolkit#1945 (2026). How it negotiates is not known: here it serves what is
//! stored. The 401 of a manifest has the page of the base endpoint, for lack of a capture.

use serde_json::json;

use crate::lab::access::{Identity, Token, scopes};
use crate::lab::host::{Dialect, Host, Visit};
use crate::lab::store::Repository;
use crate::lab::wire::{Answer, Endpoint};

/// The registry, which is also a token service.
pub(crate) struct Nvcr;

/// The other token service, `authn.nvidia.com`.
pub(crate) struct Authn;

/// The lifetime of tokens: ten minutes.
const LIFETIME: i64 = 600;

/// nginx's own page.
const REQUIRED: &str = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body bgcolor=\"white\">\r\n\
                        <center><h1>401 Authorization Required</h1></center>\r\n\
                        <hr><center>nginx/1.14.2</center>\r\n</body>\r\n</html>\r\n";

impl Dialect for Nvcr {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Other if visit.request.path == "/proxy_auth" => token(visit, visit.host),
            Endpoint::Base => match visit.identity() {
                Identity::Bearer(_) => Answer::with_body(200, "application/json", "{}"),
                _ => challenged(&format!("Bearer realm=\"{}/proxy_auth\"", visit.host.origin())),
            },
            Endpoint::Manifest { repository, reference } => with(visit, repository, |found| manifest(found, reference)),
            Endpoint::Blob { repository, digest } => with(visit, repository, |found| blob(found, digest)),
            Endpoint::Tags { repository } => with(visit, repository, |found| tags(found, repository)),
            _ => Answer::new(404),
        };
        answer.header("Server", "nginx/1.14.2")
    }
}

impl Dialect for Authn {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let registry = visit.other_host().unwrap_or(visit.host);
        match (visit.request.path.as_str(), Identity::of(visit.request, registry)) {
            // It refuses anonymous clients; the message is not known.
            ("/token", Identity::Account(_)) => token(visit, registry),
            ("/token", _) => Answer::new(401),
            _ => Answer::new(404),
        }
    }
}

fn challenged(challenge: &str) -> Answer {
    Answer::with_body(401, "text/html", REQUIRED).header("Www-Authenticate", challenge)
}

/// The refusal, with spaces after the colons.
fn denied() -> Answer {
    let body = "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"Access Denied\"}]}";
    Answer::with_body(403, "application/json", body)
}

/// Answers for a repository, or challenges. The challenge for an expired token names the other token service.
fn with(visit: &Visit<'_>, name: &str, answer: impl FnOnce(&Repository) -> Answer) -> Answer {
    let origin = visit.host.origin();
    let scope = format!("scope=\"repository:{name}:pull\"");
    let other = format!("Bearer realm=\"https://authn.nvidia.com/token\",service=\"registry\",{scope}");
    match visit.identity() {
        Identity::Bearer(token) if token.grants_pull(name) => match visit.host.store().repository(name) {
            Some(repository) => answer(repository),
            None => denied(),
        },
        Identity::Bearer(_) => denied(),
        Identity::ExpiredBearer(_) | Identity::Rejected => challenged(&format!("{other},error=\"invalid_token\"")),
        Identity::Anonymous | Identity::Account(_) => {
            challenged(&format!("Bearer realm=\"{origin}/proxy_auth\",{scope}"))
        }
    }
}

/// Issues a token, to anonymous clients for public repositories only.
fn token(visit: &Visit<'_>, registry: &Host) -> Answer {
    let account = match Identity::of(visit.request, registry) {
        Identity::Account(account) => Some(account),
        Identity::Anonymous => None,
        _ => return denied(),
    };
    let may = |name: &str| account.is_some() || registry.is_public(name);
    let access: Vec<_> = scopes(visit.request).into_iter().filter(|grant| may(&grant.name)).collect();
    if access.is_empty() && account.is_none() {
        return denied();
    }
    let token = Token::new(registry, "registry", account.as_deref().unwrap_or_default(), access);
    let token = Token { iss: "authn.nvidia.com".to_owned(), ..token.with_default_lifetime(LIFETIME, registry) };
    let body = json!({ "token": token.write(), "expires_in": token.lifetime() });
    Answer::with_body(200, "application/json", body.to_string())
}

fn unknown(code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    Answer::with_body(404, "application/json", body.to_string())
}

fn manifest(repository: &Repository, reference: &str) -> Answer {
    match repository.document(reference) {
        Some((digest, document)) => {
            Answer::with_body(200, &document.media_type, document.bytes.clone()).header("Docker-Content-Digest", digest)
        }
        None => unknown("MANIFEST_UNKNOWN", "manifest unknown"),
    }
}

fn blob(repository: &Repository, digest: &str) -> Answer {
    match repository.blobs.get(digest) {
        Some(blob) => Answer::with_body(200, "application/octet-stream", blob.clone()),
        None => unknown("BLOB_UNKNOWN", "blob unknown to registry"),
    }
}

fn tags(repository: &Repository, name: &str) -> Answer {
    let body = json!({ "name": name, "tags": repository.tags.keys().collect::<Vec<_>>() });
    Answer::with_body(200, "application/json", body.to_string())
}

#[cfg(test)]
mod tests {
    use crate::lab::access::Token;
    use crate::lab::testing::in_scenario;

    const PLUGIN: &str = "https://nvcr.io/v2/nvidia/k8s-device-plugin/manifests/v0.17.1";

    /// google/go-containerregistry#728 (2020).
    #[test]
    fn base_endpoint_is_a_web_page() {
        in_scenario("nvcr-base-html").to("GET https://nvcr.io/v2/", &[]).assert_reproduces(
            "HTTP/1.1 401 Unauthorized
            Content-Length: 195
            Content-Type: text/html
            Server: nginx/1.14.2
            Www-Authenticate: Bearer realm=\"https://nvcr.io/proxy_auth\"

<html>\r
<head><title>401 Authorization Required</title></head>...",
        );
    }

    /// sapcc/keppel#731 (2026).
    #[test]
    fn challenge_names_no_service_and_token_lasts_ten_minutes() {
        let lab = in_scenario("nvcr-healthy");
        let challenge = "Bearer realm=\"https://nvcr.io/proxy_auth\",scope=\"repository:nvidia/cuda:pull\"";
        let image = "GET https://nvcr.io/v2/nvidia/cuda/manifests/12.4.1-base-ubuntu22.04";
        assert_eq!(lab.to(image, &[]).get("www-authenticate"), Some(challenge));
        let bearer = lab.token("https://nvcr.io/proxy_auth", "nvidia/cuda");
        let token = Token::read(bearer.strip_prefix("Bearer ").unwrap()).unwrap();
        assert_eq!((token.iss.as_str(), token.lifetime()), ("authn.nvidia.com", 600));
        assert_eq!(lab.to(image, &[("Authorization", &bearer)]).status, 200);
    }

    /// NVIDIA/nvidia-container-toolkit#1945 (2026).
    #[test]
    fn expired_token_gets_another_realm_that_refuses_anonymous_clients() {
        let lab = in_scenario("nvcr-realm-switch");
        let bearer = lab.token("https://nvcr.io/proxy_auth", "nvidia/k8s-device-plugin");
        let answer = lab.to(&format!("GET {PLUGIN}"), &[("Authorization", &bearer)]);
        let challenge = answer.get("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer realm=\"https://authn.nvidia.com/token\",service=\"registry\""));
        assert!(challenge.ends_with(",error=\"invalid_token\""), "{challenge}");
        let again =
            "GET https://authn.nvidia.com/token?service=registry&scope=repository:nvidia/k8s-device-plugin:pull";
        assert_eq!(lab.to(again, &[]).status, 401);
    }

    /// NVlabs/alpasim#44 (2026): the spaces are the registry's.
    #[test]
    fn private_repository_is_denied() {
        let answer = in_scenario("nvcr-healthy").to("GET https://nvcr.io/proxy_auth?scope=repository:a/b:pull", &[]);
        assert_eq!(&*answer.body, b"{\"errors\": [{\"code\": \"DENIED\", \"message\": \"Access Denied\"}]}");
    }
}
