//! Azure Container Registry: a fork of distribution behind openresty, with its token service on the same host.
//!
//! Captured: the refusal in oras-project/oras#812 (2023) and in the recordings of Azure/azure-sdk-for-python
//! (`sdk/containerregistry`, 2021 and 2022); the hidden OCI manifests in Azure/acr#764 and #741 (2024). The tokens from
//! Azure/acr `docs/Token-BasicAuth.md` and `docs/AAD-OAuth.md`. The redirect of blobs with 307 from
//! Azure/azure-sdk-for-net#28735, its target from Azure/acr#217, and the format of that URL from
//! distribution/distribution#3574.

use serde_json::{Value, json};

use super::negotiation::{self, Found, Generation, error_body};
use super::pages::page;
use crate::lab::access::{Grant, Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct Acr;

impl Dialect for Acr {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match (visit.endpoint(), visit.request.path.as_str()) {
            (Endpoint::Base, _) => match visit.identity() {
                Identity::Bearer(_) | Identity::Account(_) => {
                    Answer::with_body(200, "application/json; charset=utf-8", "{}")
                }
                _ => unauthorized(visit, None),
            },
            (Endpoint::Manifest { repository, reference }, _) => {
                readable(visit, repository).unwrap_or_else(|| negotiated(visit, repository, reference))
            }
            (Endpoint::Blob { repository, digest }, _) => {
                readable(visit, repository).unwrap_or_else(|| blob(visit, repository, digest))
            }
            (Endpoint::Tags { repository }, _) => {
                readable(visit, repository).unwrap_or_else(|| tags(visit, repository))
            }
            (Endpoint::Catalog, _) => match visit.identity() {
                Identity::Account(_) => catalog(visit),
                _ => unauthorized(visit, Some(&Scope::CATALOG)),
            },
            (_, "/oauth2/token") => token(visit),
            // Exchanges a token of Azure's directory for one of the registry, and the lab has no directory.
            (_, "/oauth2/exchange") => error(401, "UNAUTHORIZED", REQUIRED, None),
            _ => Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n"),
        };
        with_headers_of_azure(answer)
            .header("Server", "openresty")
            .header("X-Ms-Correlation-Request-Id", "00000000-0000-4000-8000-000000000000")
    }
}

/// Adds the headers of every answer, of Microsoft Artifact Registry too. Two of them are sent more than once.
pub(super) fn with_headers_of_azure(mut answer: Answer) -> Answer {
    for exposed in ["Docker-Content-Digest", "WWW-Authenticate", "Link", "X-Ms-Correlation-Request-Id"] {
        answer = answer.header("Access-Control-Expose-Headers", exposed);
    }
    answer
        .header("Docker-Distribution-Api-Version", "registry/2.0")
        .header("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        .header("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        .header("X-Content-Type-Options", "nosniff")
}

const REQUIRED: &str = "authentication required, visit https://aka.ms/acr/authorization for more information.";

pub(super) fn error(status: u16, code: &str, message: &str, detail: Option<Value>) -> Answer {
    Answer::with_body(status, "application/json; charset=utf-8", error_body(code, message, detail))
}

/// The scope of a challenge.
struct Scope<'a> {
    kind: &'static str,
    name: &'a str,
    action: &'static str,
    error: &'static str,
}

impl<'a> Scope<'a> {
    const CATALOG: Scope<'static> =
        Scope { kind: "registry", name: "catalog", action: "*", error: ",error=\"invalid_token\"" };

    fn pull(repository: &'a str, error: &'static str) -> Self {
        Self { kind: "repository", name: repository, action: "pull", error }
    }
}

/// The challenge. Its details have no `Class`, unlike those of newer distribution.
fn unauthorized(visit: &Visit<'_>, scope: Option<&Scope<'_>>) -> Answer {
    let name = visit.host.name();
    let mut challenge = format!("Bearer realm=\"{}/oauth2/token\",service=\"{name}\"", visit.host.origin());
    let detail = scope.map(|scope| {
        let Scope { kind, name, action, error } = scope;
        challenge.push_str(&format!(",scope=\"{kind}:{name}:{action}\"{error}"));
        json!([{ "Type": kind, "Name": name, "Action": action }])
    });
    error(401, "UNAUTHORIZED", REQUIRED, detail).header("Www-Authenticate", challenge)
}

/// The refusal of a client that may not read a repository. A password is as good as a token.
fn readable(visit: &Visit<'_>, repository: &str) -> Option<Answer> {
    let fault = match visit.identity() {
        Identity::Account(_) => return None,
        Identity::Bearer(token) if token.grants_pull(repository) => return None,
        Identity::Bearer(_) => ",error=\"insufficient_scope\"",
        Identity::ExpiredBearer(_) | Identity::Rejected => ",error=\"invalid_token\"",
        Identity::Anonymous => "",
    };
    Some(unauthorized(visit, Some(&Scope::pull(repository, fault))))
}

/// Issues a token, as `access_token` alone; to anonymous clients only for public repositories. Clients that `POST` get
/// 400 (containerd, `authorizer.go`) and try again with `GET`.
fn token(visit: &Visit<'_>) -> Answer {
    if !visit.request.reads() {
        return Answer::new(400);
    }
    let account = match visit.identity() {
        Identity::Account(account) => Some(account),
        Identity::Anonymous => None,
        _ => return error(401, "UNAUTHORIZED", REQUIRED, None),
    };
    let may = |grant: &Grant| account.is_some() || visit.host.is_public(&grant.name);
    let (granted, refused): (Vec<_>, Vec<_>) = scopes(visit.request).into_iter().partition(may);
    if account.is_none() && (granted.is_empty() || !refused.is_empty()) {
        return error(401, "UNAUTHORIZED", REQUIRED, None);
    }
    let token = Token::new(visit.host, visit.host.name(), account.as_deref().unwrap_or_default(), granted);
    let body = json!({ "access_token": token.write() }).to_string();
    Answer::with_body(200, "application/json; charset=utf-8", body)
}

/// The answer of distribution 2.8, with another message for a missing tag.
pub(super) fn negotiated(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    match negotiation::find(visit, repository, reference, Generation::Two) {
        Found::NoSuchTag => {
            let message = format!("manifest tagged by \"{reference}\" is not found");
            error(404, "MANIFEST_UNKNOWN", &message, Some(json!({ "Tag": reference })))
        }
        // Whether it fails on a blob's digest as distribution does is not known.
        Found::NotAManifest => Found::NoSuchDigest.answer(repository, reference, Generation::Two, &error),
        found => found.answer(repository, reference, Generation::Two, &error),
    }
}

/// Redirects to Azure's storage, which refuses clients that forward the token.
pub(super) fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let blob = visit.blob(repository, digest);
    let Some(blob) = blob else {
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(json!(digest)));
    };
    match visit.other_host() {
        Some(storage) => {
            let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
            let folder = hex.get(..2).unwrap_or_default();
            let path = format!("/docker/registry/v2/blobs/sha256/{folder}/{hex}/data");
            let query = "se=2030-01-01T00%3A00%3A00Z&sig=EXAMPLE&sp=r&sr=b&sv=2018-03-28";
            Answer::with_body(307, "application/octet-stream", "")
                .header("Location", format!("{}{path}?{query}", storage.origin()))
        }
        None => {
            Answer::with_body(200, "application/octet-stream", blob.clone()).header("Docker-Content-Digest", digest)
        }
    }
}

pub(super) fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(found) = visit.host.store().repository(repository) else {
        let detail = json!({ "name": repository });
        return error(404, "NAME_UNKNOWN", "repository name not known to registry", Some(detail));
    };
    let page = page(found.tags.keys(), visit.request);
    let answer = listed("tags", page.names.into_iter(), Some(repository));
    match page.next {
        // The format in Azure's documentation of the other list, `_catalog`.
        Some(next) => answer.header("Link", format!("</v2/{repository}/tags/list?{next}&orderby=>; rel=\"next\"")),
        None => answer,
    }
}

pub(super) fn catalog(visit: &Visit<'_>) -> Answer {
    listed("repositories", visit.host.store().repositories.keys(), None)
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a String>, repository: Option<&str>) -> Answer {
    let mut body = json!({});
    if let Some(repository) = repository {
        body["name"] = json!(repository);
    }
    body[what] = names.cloned().collect();
    Answer::with_body(200, "application/json; charset=utf-8", format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use crate::lab::content::digest_in;
    use crate::lab::testing::{in_scenario, with_hosts};

    const HEADERS: &str = "Access-Control-Expose-Headers: Docker-Content-Digest
            Access-Control-Expose-Headers: WWW-Authenticate
            Access-Control-Expose-Headers: Link
            Access-Control-Expose-Headers: X-Ms-Correlation-Request-Id
            Content-Type: application/json; charset=utf-8
            Docker-Distribution-Api-Version: registry/2.0
            Server: openresty
            Strict-Transport-Security: max-age=31536000; includeSubDomains
            X-Content-Type-Options: nosniff
            X-Ms-Correlation-Request-Id: *";

    /// oras-project/oras#812 (2023); the body as in Azure/azure-sdk-for-python
    /// `test_anon_access.test_list_repository_names.yaml` (2021), of which the length is that of the capture.
    #[test]
    fn anonymous_client_gets_a_challenge() {
        let hosts = "[[host]]\nname = \"xxx.azurecr.io\"\ndialect = \"acr\"\n";
        let answer = with_hosts(hosts).to("GET https://xxx.azurecr.io/v2/artifactstest/manifests/testfororas5", &[]);
        answer.assert_reproduces(&format!(
            "HTTP/1.1 401 Unauthorized
            {HEADERS}
            Content-Length: 207
            Www-Authenticate: Bearer realm=\"https://xxx.azurecr.io/oauth2/token\",service=\"xxx.azurecr.io\",\
scope=\"repository:artifactstest:pull\"

{{\"errors\":[{{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required, visit \
https://aka.ms/acr/authorization for more information.\",\"detail\":[{{\"Type\":\"repository\",\
\"Name\":\"artifactstest\",\"Action\":\"pull\"}}]}}]}}⏎"
        ));
        assert_eq!(answer.headers.iter().filter(|(name, _)| name == "Strict-Transport-Security").count(), 2);
    }

    /// Azure/azure-sdk-for-python `test_anon_access.test_list_repository_names.yaml` (2021).
    #[test]
    fn catalog_reports_a_missing_token_as_invalid() {
        let hosts = "[[host]]\nname = \"example.azurecr.io\"\ndialect = \"acr\"\n";
        with_hosts(hosts).to("GET https://example.azurecr.io/v2/_catalog", &[]).assert_reproduces(&format!(
            "HTTP/1.1 401 Unauthorized
            {HEADERS}
            Content-Length: 196
            Www-Authenticate: Bearer realm=\"https://example.azurecr.io/oauth2/token\",service=\"example.azurecr.io\",\
scope=\"registry:catalog:*\",error=\"invalid_token\"

{{\"errors\":[{{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required, visit \
https://aka.ms/acr/authorization for more information.\",\"detail\":[{{\"Type\":\"registry\",\"Name\":\"catalog\",\
\"Action\":\"*\"}}]}}]}}⏎"
        ));
    }

    /// The text as clients printed it; the format as in distribution.
    #[test]
    fn missing_tag_is_named_and_token_is_access_token() {
        let lab = in_scenario("acr-missing-tag");
        let token = lab.to("GET https://example.azurecr.io/oauth2/token?scope=repository:web/shop:pull", &[]);
        let body: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token"]);
        let bearer = lab.token("https://example.azurecr.io/oauth2/token", "web/shop");
        let tag = "GET https://example.azurecr.io/v2/web/shop/manifests/latest";
        let answer = lab.to(tag, &[("Authorization", &bearer)]);
        let text = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest tagged by \\\"latest\\\" is not \
                    found\",\"detail\":{\"Tag\":\"latest\"}}]}\n";
        assert_eq!((answer.status, &*answer.body), (404, text.as_bytes()));
    }

    /// docker/build-push-action#1214 (2024).
    #[test]
    fn firewall_refuses_before_authentication() {
        let body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"client with IP \\u0027203.0.113.7\\u0027 is not allowed \
                    access. Refer https://aka.ms/acr/firewall to grant access.\"}]}";
        let answer = in_scenario("acr-firewall").to("GET https://example.azurecr.io/v2/", &[]);
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (403, body));
    }

    /// Azure/acr#764 (2024).
    #[test]
    fn oci_image_is_hidden_from_clients_that_do_not_name_it() {
        let lab = in_scenario("acr-hidden-oci");
        let token = lab.token("https://example.azurecr.io/oauth2/token", "web/blog");
        let tag = "GET https://example.azurecr.io/v2/web/blog/manifests/v7";
        let answer = lab.to(tag, &[("Authorization", &token), ("Accept", "*/*")]);
        let body = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"OCI manifest found, but accept header does \
                    not support OCI manifests\"}]}\n";
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (404, body));
    }

    #[test]
    fn blobs_redirect_to_azure_storage() {
        let digest = digest_in("docker-image", "layer").unwrap();
        let hosts = "[[host]]\nname = \"example.azurecr.io\"\ndialect = \"acr\"\nof = \"example.blob.core.windows.net\"\n\
                     repositories.web = { latest = \"docker-image\" }\n\
                     [[host]]\nname = \"example.blob.core.windows.net\"\ndialect = \"acr\"\n";
        let lab = with_hosts(hosts);
        let token = lab.token("https://example.azurecr.io/oauth2/token", "web");
        let blob = format!("GET https://example.azurecr.io/v2/web/blobs/{digest}");
        let answer = lab.to(&blob, &[("Authorization", &token)]);
        let place = "https://example.blob.core.windows.net/docker/registry/v2/blobs/sha256/";
        assert_eq!(answer.status, 307);
        assert!(answer.get("location").unwrap().starts_with(place), "{answer:?}");
    }
}
