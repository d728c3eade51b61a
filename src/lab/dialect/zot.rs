//! zot: serves what is stored, whatever the client accepts, and explains each error twice.
//!
//! From zot's source: `pkg/api/routes.go`, `authn.go`, `errors/errors.go`.

use serde_json::{Map, Value, json};

use super::referrers;
use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit};
use crate::lab::scenario::Access;
use crate::lab::wire::{Answer, Endpoint};
use crate::oci::Digest;
use crate::oci::media_type::OCI_INDEX;

/// See the module. A scenario's `access` requires accounts (`basic`) or not (`open`).
pub(crate) struct Zot;

impl Dialect for Zot {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let requires_account = visit.host.access() != Access::Open;
        if requires_account && !matches!(visit.identity(), Identity::Account(_)) {
            // Only this error is not in a list.
            let error = error("UNAUTHORIZED", "authentication required", UNAUTHORIZED, &[]);
            return Answer::with_body(401, "application/json", error.to_string())
                .header("Www-Authenticate", "Basic realm=\"Authorization Required\"");
        }
        match visit.endpoint() {
            Endpoint::Base => {
                let answer = Answer::with_body(200, "application/json", "")
                    .header("Docker-Distribution-Api-Version", "registry/2.0");
                if requires_account { answer.header("Www-Authenticate", "basic realm=") } else { answer }
            }
            Endpoint::Manifest { repository, reference } => manifest(visit, repository, reference),
            Endpoint::Blob { repository, digest } => blob(visit, repository, digest),
            Endpoint::Tags { repository } => tags(visit, repository),
            Endpoint::Referrers { repository, digest } => referring(visit, repository, digest),
            Endpoint::Catalog => {
                let names: Vec<_> = visit.host.store().repositories.keys().collect();
                Answer::with_body(200, "application/json", json!({ "repositories": names }).to_string())
            }
            Endpoint::Other => Answer::with_body(404, "text/plain; charset=utf-8", "404 page not found\n"),
        }
    }
}

const UNAUTHORIZED: &str = "The access controller was unable to authenticate the client. Often this will be accompanied \
     by a WWW-Authenticate HTTP response header indicating how to authenticate.";
const MANIFEST_UNKNOWN: &str =
    "This error is returned when the manifest, identified by name and tag is unknown to the repository.";
const NAME_UNKNOWN: &str = "This is returned if the name used during an operation is unknown to the registry.";
const BLOB_UNKNOWN: &str = "blob unknown to registry \tThis error MAY be returned when a blob is unknown  to the \
     registry in a specified repository. This can be returned with a standard get or if a manifest references an \
     unknown layer during upload.";

/// An error. The details are in alphabetical order, as Go writes a map; all that are used come after the description.
fn error(code: &str, message: &str, description: &str, details: &[(&str, &str)]) -> Value {
    let mut detail = Map::new();
    detail.insert("description".to_owned(), description.into());
    for &(name, value) in details {
        detail.insert(name.to_owned(), value.into());
    }
    json!({ "code": code, "message": message, "detail": detail })
}

fn refused(error: &Value) -> Answer {
    Answer::with_body(404, "application/json", json!({ "errors": [error] }).to_string())
}

fn unknown_name(name: &str) -> Answer {
    refused(&error("NAME_UNKNOWN", "repository name not known to registry", NAME_UNKNOWN, &[("name", name)]))
}

fn manifest(visit: &Visit<'_>, repository: &str, reference: &str) -> Answer {
    match visit.document(repository, reference) {
        Some((digest, document)) => {
            Answer::with_body(200, &document.media_type, document.bytes.clone()).header("Docker-Content-Digest", digest)
        }
        None if visit.host.store().repository(repository).is_none() => unknown_name(repository),
        None => refused(&error("MANIFEST_UNKNOWN", "manifest unknown", MANIFEST_UNKNOWN, &[("reference", reference)])),
    }
}

/// The answer for a blob, whose Content-Type is the client's Accept header.
fn blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    let Some(blob) = visit.blob(repository, digest) else {
        if visit.host.store().repository(repository).is_none() {
            return unknown_name(repository);
        }
        return refused(&error("BLOB_UNKNOWN", "blob unknown to registry", BLOB_UNKNOWN, &[("digest", digest)]));
    };
    let mut answer = Answer::new(200).header("Docker-Content-Digest", digest);
    answer.body = blob.clone();
    match visit.request.header("accept") {
        _ if visit.request.is_head() => answer.header("Accept-Ranges", "bytes"),
        Some(accept) => answer.header("Content-Type", accept),
        None => answer,
    }
}

fn tags(visit: &Visit<'_>, repository: &str) -> Answer {
    let Some(stored) = visit.host.store().repository(repository) else { return unknown_name(repository) };
    let tags: Vec<_> = stored.tags.keys().collect();
    Answer::with_body(200, "application/json", json!({ "name": repository, "tags": tags }).to_string())
}

fn referring(visit: &Visit<'_>, repository: &str, digest: &str) -> Answer {
    if digest.parse::<Digest>().is_err() {
        return Answer::new(400);
    }
    if visit.host.store().repository(repository).is_none() {
        return Answer::new(404);
    }
    let wanted = visit.request.parameter("artifactType");
    let found = referrers::index(visit, repository, digest, wanted.as_deref());
    let answer = Answer::with_body(200, OCI_INDEX, found.to_string());
    if wanted.is_some() { answer.header("Oci-Filters-Applied", "artifactType") } else { answer }
}

#[cfg(test)]
mod tests {
    use crate::lab::content::digest_in;
    use crate::lab::testing::in_scenario;

    /// `pkg/api/authn.go`, `authFail`.
    #[test]
    fn error_of_a_401_is_not_in_a_list() {
        let lab = in_scenario("zot-basic-bare-error");
        lab.to("GET https://zot.example/v2/internal/app/manifests/1.0", &[]).assert_reproduces(
            "HTTP/1.1 401 Unauthorized
            content-type: application/json
            www-authenticate: Basic realm=\"Authorization Required\"

{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":{\"description\":\"The access controller \
was unable to authenticate the client. Often this will be accompanied by a WWW-Authenticate HTTP response header \
indicating how to authenticate.\"}}",
        );
    }

    /// `pkg/api/routes.go`, `GetManifest`.
    #[test]
    fn missing_tag_and_repository_are_described() {
        let lab = in_scenario("zot-missing-tag");
        lab.to("GET https://zot.example:5000/v2/tools/linter/manifests/nope", &[]).assert_reproduces(
            "HTTP/1.1 404 Not Found
            content-type: application/json

{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\",\"detail\":{\"description\":\"This error \
is returned when the manifest, identified by name and tag is unknown to the repository.\",\"reference\":\"nope\"}}]}",
        );
        let missing = lab.to("GET https://zot.example:5000/v2/no/such/manifests/nope", &[]);
        let body: serde_json::Value = serde_json::from_slice(&missing.body).unwrap();
        assert_eq!(body["errors"][0]["code"], "NAME_UNKNOWN");
        assert_eq!(body["errors"][0]["detail"]["name"], "no/such");
    }

    /// `pkg/api/routes.go`: no code reads the Accept header, and a manifest has these headers.
    #[test]
    fn accept_header_is_ignored() {
        let lab = in_scenario("zot-open");
        for accept in ["text/html", "*/*", "application/vnd.docker.distribution.manifest.v1+json"] {
            let answer = lab.to("GET https://zot.example/v2/tools/linter/manifests/2.3", &[("Accept", accept)]);
            let names: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_ref()).collect();
            assert_eq!((answer.status, names), (200, vec!["Content-Type", "Docker-Content-Digest"]));
            assert_eq!(answer.get("content-type"), Some("application/vnd.oci.image.manifest.v1+json"));
        }
    }

    /// distribution-spec, "Listing Referrers": no referrers are an empty index, never a 404.
    #[test]
    fn image_without_referrers_gets_an_empty_index() {
        let digest = digest_in("oci-image", "manifest").unwrap();
        let url = format!("GET https://zot.example/v2/tools/linter/referrers/{digest}");
        in_scenario("zot-open").to(&url, &[]).assert_reproduces(
            "HTTP/1.1 200 OK
            content-type: application/vnd.oci.image.index.v1+json

{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}",
        );
    }
}
