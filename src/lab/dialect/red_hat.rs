//! Red Hat's registries: Pulp's Crane, which stores nothing and redirects to a content delivery network.
//!
//! The `Accept` header selects the file: there is one for Docker schema 1, one for Docker v2 manifests and one for
//! lists. So missing content has two different errors, Crane's and the network's. From Crane's source (pulp/crane
//! `crane/views/v2.py`), a capture of its redirect (pulp/pulp_docker#311), and captures of both errors
//! (containers/image `docker/errors_test.go`, 2022).

use serde_json::{Value, json};

use super::negotiation::{accepted, child_for_amd64};
use crate::lab::access::{Identity, Token, scopes};
use crate::lab::host::{Dialect, Visit};
use crate::lab::scenario::Access;
use crate::lab::schema1;
use crate::lab::store::Repository;
use crate::lab::wire::{Answer, Endpoint};
use crate::oci::media_type::{DOCKER_LIST, DOCKER_V1_SIGNED, DOCKER_V2, JSON};

/// One of the two hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Crane,
    Network,
}

/// See the module. The two hosts are `of` each other; a scenario lists the content with the registry.
pub(crate) struct RedHat(Part);

/// The registry, with anonymous access (`access = "open"`, as registry.access.redhat.com) or without (`token`, as
/// registry.redhat.io).
pub(crate) static CRANE: RedHat = RedHat(Part::Crane);
/// The delivery network with the files.
pub(crate) static CDN: RedHat = RedHat(Part::Network);

/// The path of the token service on the registry's own host.
const REALM: &str = "/auth/realms/rhcc/protocol/redhat-docker-v2/auth";
/// The path of the files on the delivery network, as Pulp publishes them (pulp/pulp_docker#311).
const FILES: &str = "/pulp/docker/v2/";

impl Dialect for RedHat {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        match self.0 {
            Part::Network => network(visit).header("Accept-Ranges", "bytes").header("Server", "AkamaiNetStorage"),
            Part::Crane if visit.request.path == REALM => token(visit),
            Part::Crane => crane(visit)
                .header("Server", "Apache")
                .header("Strict-Transport-Security", "max-age=63072000; includeSubdomains; preload")
                .header("X-Hostname", "crane-tbr06.cran-001.prod.iad2.dc.redhat.com"),
        }
    }
}

fn unauthorized(message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": "UNAUTHORIZED", "message": message }] });
    Answer::with_body(401, JSON, body.to_string())
}

fn crane(visit: &Visit<'_>) -> Answer {
    let known = matches!(visit.identity(), Identity::Account(_) | Identity::Bearer(_));
    if visit.host.access() != Access::Open && !known {
        let realm = format!("{}{REALM}", visit.host.origin());
        return unauthorized("Access to the requested resource is not authorized")
            .header("Docker-Distribution-Api-Version", "registry/2.0")
            .header("Www-Authenticate", format!("Bearer realm=\"{realm}\",service=\"docker-registry\""));
    }
    let (name, file) = match visit.endpoint() {
        Endpoint::Base => {
            return Answer::with_body(200, JSON, "{}").header("Docker-Distribution-Api-Version", "registry/2.0");
        }
        Endpoint::Manifest { repository, reference } => {
            let stored = visit.host.store().repository(repository);
            (repository, stored.map(|stored| file_of(visit, stored, reference)))
        }
        Endpoint::Blob { repository, digest } => {
            let stored = visit.host.store().repository(repository);
            (repository, stored.map(|_| format!("blobs/{digest}")))
        }
        Endpoint::Tags { repository } => {
            (repository, visit.host.store().repository(repository).map(|_| "tags/list".to_owned()))
        }
        _ => ("", None),
    };
    match (file, visit.other_host()) {
        (Some(file), Some(network)) => redirect(&format!("{}{FILES}{name}/{file}", network.origin())),
        _ => Answer::with_body(404, JSON, "{\"errors\": [{\"code\": \"404\", \"message\": \"Not Found\"}]}")
            .header("Cache-Control", "max-age=0, no-cache, no-store")
            .header("Expires", "Thu, 13 Oct 2022 18:15:15 GMT")
            .header("Pragma", "no-cache"),
    }
}

/// The file for a client. Crane does not check that it exists, and chooses Docker schema 1 for clients that accept no
/// type that it knows.
fn file_of(visit: &Visit<'_>, repository: &Repository, reference: &str) -> String {
    let accepted = accepted(visit);
    let stored = repository.document(reference).map(|(_, stored)| stored);
    let is = |media_type: &str| stored.is_some_and(|stored| stored.media_type == media_type);
    let chosen = stored.filter(|_| is(DOCKER_LIST)).and_then(|list| child_for_amd64(repository, list));
    match chosen {
        _ if is(DOCKER_LIST) && accepted.contains(&DOCKER_LIST) => format!("manifests/list/{reference}"),
        Some((child, _)) if accepted.contains(&DOCKER_V2) => format!("manifests/2/{child}"),
        None if is(DOCKER_V2) && accepted.contains(&DOCKER_V2) => format!("manifests/2/{reference}"),
        _ => format!("manifests/1/{reference}"),
    }
}

/// A redirect as Werkzeug, on which Crane is built, writes it.
fn redirect(to: &str) -> Answer {
    let body = format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>Redirecting...</title>\n\
         <h1>Redirecting...</h1>\n<p>You should be redirected automatically to target URL: <a href=\"{to}\">{to}</a>.  \
         If not click the link."
    );
    Answer::with_body(302, "text/html; charset=utf-8", body).header("Location", to)
}

/// Issues a token to accounts only; the message is the one that clients print.
fn token(visit: &Visit<'_>) -> Answer {
    let Identity::Account(account) = visit.identity() else {
        return unauthorized(
            "Please login to the Red Hat Registry using your Customer Portal credentials. Further instructions can be \
             found here: https://access.redhat.com/RegistryAuthentication",
        );
    };
    let token = Token::new(visit.host, "docker-registry", &account, scopes(visit.request));
    let text = token.write();
    let body = json!({ "token": text, "access_token": text, "expires_in": token.lifetime() });
    Answer::with_body(200, JSON, body.to_string())
}

fn network(visit: &Visit<'_>) -> Answer {
    file(visit).unwrap_or_else(|| {
        let mut answer = Answer::new(404).header("X-Docker-Size", "-1");
        answer.body = "Not found\n".into();
        answer
    })
}

fn file(visit: &Visit<'_>) -> Option<Answer> {
    let store = visit.other_host()?.store();
    let path = visit.request.path.strip_prefix(FILES)?;
    if let Some((name, digest)) = path.split_once("/blobs/") {
        let blob = store.repository(name)?.blobs.get(digest)?;
        return Some(Answer::with_body(200, "application/octet-stream", blob.clone()));
    }
    if let Some(name) = path.strip_suffix("/tags/list") {
        let tags: Vec<Value> = store.repository(name)?.tags.keys().map(|tag| json!(tag)).collect();
        return Some(Answer::with_body(200, JSON, json!({ "name": name, "tags": tags }).to_string()));
    }
    let (name, rest) = path.split_once("/manifests/")?;
    let (kind, reference) = rest.split_once('/')?;
    let repository = store.repository(name)?;
    let (_, document) = repository.document(reference)?;
    let is = |media_type: &str| document.media_type == media_type;
    match kind {
        "list" if is(DOCKER_LIST) => {}
        "2" if is(DOCKER_V2) => {}
        "1" if is(DOCKER_V2) && !reference.contains(':') => {
            let signed = schema1::convert(repository, name, reference, document)?;
            return Some(Answer::with_body(200, DOCKER_V1_SIGNED, signed.bytes));
        }
        _ => return None,
    }
    Some(Answer::with_body(200, &document.media_type, document.bytes.clone()))
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    const CAPTURED: &str = "Basic YW5uYTpjb3JyZWN0";

    /// containers/image `docker/errors_test.go`, "variant 1": a repository that does not exist (2022-10-13).
    #[test]
    fn missing_repository_gets_the_error_of_crane() {
        let lab = in_scenario("redhat-404-text-a");
        let url = "GET https://registry.redhat.io/v2/this-does-not-exist/manifests/latest";
        lab.to(url, &[("Authorization", CAPTURED)]).assert_reproduces(
            "HTTP/1.1 404 Not Found
            Content-Length: 53
            Cache-Control: max-age=0, no-cache, no-store
            Content-Type: application/json
            Expires: Thu, 13 Oct 2022 18:15:15 GMT
            Pragma: no-cache
            Server: Apache
            Strict-Transport-Security: max-age=63072000; includeSubdomains; preload
            X-Hostname: crane-tbr06.cran-001.prod.iad2.dc.redhat.com

{\"errors\": [{\"code\": \"404\", \"message\": \"Not Found\"}]}",
        );
    }

    /// containers/image `docker/errors_test.go`, "variant 2": a missing tag in an existing repository (2022-10-13).
    #[test]
    fn missing_tag_gets_the_error_of_the_network() {
        let lab = in_scenario("redhat-404-text-b");
        let url = "GET https://registry.redhat.io/v2/rhosp15-rhel8/openstack-cron/manifests/sha256-8df5.sig";
        let hop = lab.to(url, &[("Authorization", CAPTURED)]);
        lab.to(&format!("GET {}", hop.get("location").unwrap()), &[]).assert_reproduces(
            "HTTP/1.1 404 Not Found
            Content-Length: 10
            Accept-Ranges: bytes
            Server: AkamaiNetStorage
            X-Docker-Size: -1

Not found⏎",
        );
    }

    /// pulp/pulp_docker#311 (2019), from Crane by itself: the length for its URL of 76 characters.
    #[test]
    fn redirect_has_an_html_body() {
        let to = "https://dhcp131-12.brq.redhat.com/pulp/docker/v2/synctest/manifests/1/latest";
        let answer = super::redirect(to);
        assert_eq!((answer.status, answer.body.len(), answer.get("location")), (302, 359, Some(to)));
        assert_eq!(answer.get("content-type"), Some("text/html; charset=utf-8"));
    }

    /// pulp/crane `crane/views/v2.py`; goharbor/harbor#16075.
    #[test]
    fn request_without_docker_v2_redirects_to_schema1() {
        let lab = in_scenario("redhat-schema1-by-default");
        let url = "GET https://registry.access.redhat.com/v2/ubi8/ubi-minimal/manifests/8.10";
        for (accept, file, served) in [
            ("application/vnd.oci.image.manifest.v1+json", "1/8.10", super::DOCKER_V1_SIGNED),
            ("*/*", "1/8.10", super::DOCKER_V1_SIGNED),
            ("application/vnd.docker.distribution.manifest.v2+json;q=0.5", "2/8.10", super::DOCKER_V2),
        ] {
            let hop = lab.to(url, &[("Accept", accept)]);
            let location = hop.get("location").unwrap();
            assert!(location.ends_with(&format!("/ubi8/ubi-minimal/manifests/{file}")), "{location}");
            let answer = lab.to(&format!("GET {location}"), &[("Accept", accept)]);
            assert_eq!((answer.status, answer.get("content-type")), (200, Some(served)));
        }
    }

    /// The challenge of registry.redhat.io, whose body is known to have 99 bytes.
    #[test]
    fn registry_redhat_io_requires_an_account() {
        let lab = in_scenario("redhat-404-text-a");
        lab.to("GET https://registry.redhat.io/v2/", &[]).assert_reproduces(
            "HTTP/1.1 401 Unauthorized
            content-type: application/json
            content-length: 99
            docker-distribution-api-version: registry/2.0
            www-authenticate: Bearer realm=\"https://registry.redhat.io/auth/realms/rhcc/protocol/redhat-docker-v2/\
             auth\",service=\"docker-registry\"
            ...

{...",
        );
    }
}
