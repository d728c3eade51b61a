//! Sonatype Nexus 3: each Docker repository has a port of its own, separate from that of the web interface.
//!
//! The challenge is in indigo-dc/udocker#126 and oras-project/oras-py#86; the headers of successful answers in
//! sonatype/nexus-public#967 (3.90.2, 2026); the page of the web interface in microsoft/vscode-docker#537 and #2778.
//! How Nexus negotiates is not known: here it serves what is stored.

use serde_json::{Value, json};

use crate::lab::access::Identity;
use crate::lab::host::{Dialect, Visit};
use crate::lab::scenario::Access;
use crate::lab::wire::{Answer, Endpoint, IncomingRequest};

/// A port of Nexus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    /// The port of one Docker repository.
    Connector,
    /// The port of the web interface, where repositories are below `/repository/`.
    WebInterface,
}

/// See the module. A scenario's `access` allows anonymous clients (`open`) or not (`basic`).
pub(crate) struct Nexus(Port);

/// The port of a Docker repository.
pub(crate) static CONNECTOR: Nexus = Nexus(Port::Connector);
/// The port of the web interface of the Nexus that the host is `of`.
pub(crate) static WEB_INTERFACE: Nexus = Nexus(Port::WebInterface);

impl Dialect for Nexus {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match self.0 {
            Port::Connector => connector(visit),
            Port::WebInterface => web_interface(visit),
        };
        answer
            .header("Server", "Nexus/3.90.2-06 (COMMUNITY)")
            .header("X-Content-Type-Options", "nosniff")
            .header("X-Xss-Protection", "0")
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": null }] });
    Answer::with_body(status, "application/json", body.to_string())
}

fn connector(visit: &Visit<'_>) -> Answer {
    let answer = match visit.identity() {
        Identity::Account(_) => served(visit),
        Identity::Anonymous if visit.host.access() == Access::Open => served(visit),
        // The scheme is in capitals; scheme names are case-insensitive (RFC 9110 §11.1).
        _ => error(401, "UNAUTHORIZED", "access to the requested resource is not authorized")
            .header("Www-Authenticate", "BASIC realm=\"Sonatype Nexus Repository Manager\""),
    };
    answer.header("Docker-Distribution-Api-Version", "registry/2.0")
}

fn served(visit: &Visit<'_>) -> Answer {
    let (repository, content_type, digest, bytes) = match visit.endpoint() {
        Endpoint::Base => return Answer::with_body(200, "application/json", "{}"),
        Endpoint::Manifest { repository, reference } => {
            let Some((digest, document)) = visit.document(repository, reference) else {
                return error(404, "MANIFEST_UNKNOWN", "manifest unknown");
            };
            (repository, document.media_type.clone(), digest, &document.bytes)
        }
        Endpoint::Blob { repository, digest } => {
            let Some(blob) = visit.blob(repository, digest) else {
                return error(404, "BLOB_UNKNOWN", "blob unknown to registry");
            };
            let named = type_of_blob(visit, repository, digest);
            (repository, named.unwrap_or_else(|| "application/octet-stream".to_owned()), digest, blob)
        }
        Endpoint::Tags { repository } => {
            let Some(stored) = visit.host.store().repository(repository) else {
                return error(404, "NAME_UNKNOWN", "repository name not known to registry");
            };
            let tags: Vec<_> = stored.tags.keys().collect();
            let body = json!({ "name": repository, "tags": tags }).to_string();
            return Answer::with_body(200, "application/json", body);
        }
        Endpoint::Catalog => {
            let names: Vec<_> = visit.host.store().repositories.keys().collect();
            return Answer::with_body(200, "application/json", json!({ "repositories": names }).to_string());
        }
        Endpoint::Referrers { .. } | Endpoint::Other => return Answer::new(404),
    };
    if visit.identity() == Identity::Anonymous && !visit.host.is_public(repository) {
        return error(403, "DENIED", "requested access to the resource is denied");
    }
    let sha1 = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let sha1: String = sha1.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Answer::with_body(200, &content_type, bytes.clone())
        .header("Accept-Ranges", "bytes")
        .header(
            "Content-Security-Policy",
            "sandbox allow-forms allow-modals allow-popups allow-presentation allow-scripts allow-top-navigation",
        )
        .header("Docker-Content-Digest", digest)
        .header("Etag", format!("\"{sha1}\""))
        .header("Last-Modified", "Fri, 03 Apr 2026 22:53:45 GMT")
}

/// The type of a blob, which is that of its descriptor in a manifest.
fn type_of_blob(visit: &Visit<'_>, repository: &str, digest: &str) -> Option<String> {
    let manifests = visit.host.store().repository(repository)?.manifests.values();
    let documents = manifests.filter_map(|stored| serde_json::from_slice::<Value>(&stored.bytes).ok());
    let descriptors = documents.flat_map(|document| {
        let layers = document["layers"].as_array().cloned().unwrap_or_default();
        layers.into_iter().chain([document["config"].clone()])
    });
    let mut named = descriptors.filter(|descriptor| descriptor["digest"] == digest);
    named.next()?["mediaType"].as_str().map(str::to_owned)
}

/// The web interface. Below `/repository/NAME/` it is the Docker repository with that name; all other paths are pages.
fn web_interface(visit: &Visit<'_>) -> Answer {
    let below = visit.request.path.strip_prefix("/repository/").and_then(|rest| rest.split_once('/'));
    match (below, visit.other_host()) {
        (Some((_, path)), Some(host)) => {
            let request = IncomingRequest { path: format!("/{path}"), ..visit.request.clone() };
            connector(&Visit { request: &request, host, world: visit.world })
        }
        _ => Answer::with_body(404, "text/html", NOT_FOUND),
    }
}

/// The identifying part of the page, without images and styles.
const NOT_FOUND: &str = "\n<!DOCTYPE html>\n<html>\n<head>\n  <title>404 - Nexus Repository Manager</title>\n  \
     <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"/>\n</head>\n<body>\nError 404\nNot Found\n\
     </body>\n</html>\n";

#[cfg(test)]
mod tests {
    use crate::lab::content::digest_in;
    use crate::lab::testing::in_scenario;

    /// The header of indigo-dc/udocker#126 and the length of oras-project/oras-py#86, which fits this message
    /// (GoogleContainerTools/jib#2898).
    #[test]
    fn challenge_scheme_is_in_capitals() {
        let lab = in_scenario("nexus-basic-caps");
        lab.to("GET https://docker.nexus.example/v2/team/tool/manifests/3.1", &[]).assert_reproduces(
            "HTTP/1.1 401 Unauthorized
            www-authenticate: BASIC realm=\"Sonatype Nexus Repository Manager\"
            content-length: 113
            ...

{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"access to the requested resource is not authorized\",\
\"detail\":null}]}",
        );
    }

    /// sonatype/nexus-public#967 (2026), with the digests of another layer.
    #[test]
    fn layer_has_the_type_in_its_descriptor() {
        let layer = digest_in("docker-image", "layer").unwrap();
        let url = format!("GET https://docker.nexus.example:8082/v2/team/tool/blobs/{layer}");
        let answer = in_scenario("nexus-healthy").to(&url, &[]);
        answer.assert_reproduces(&format!(
            "HTTP/1.1 200 OK
            accept-ranges: bytes
            content-security-policy: sandbox allow-forms allow-modals allow-popups allow-presentation allow-scripts \
             allow-top-navigation
            content-type: application/vnd.docker.image.rootfs.diff.tar.gzip
            docker-content-digest: {layer}
            docker-distribution-api-version: registry/2.0
            etag: *
            last-modified: Fri, 03 Apr 2026 22:53:45 GMT
            server: Nexus/3.90.2-06 (COMMUNITY)
            x-content-type-options: nosniff
            x-xss-protection: 0

..."
        ));
        // A SHA-1, and not the digest.
        assert_eq!(answer.get("etag").map(str::len), Some(42));
    }

    /// The beginning of the page in microsoft/vscode-docker#537 (3.13, 2018).
    #[test]
    fn web_interface_answers_with_a_page() {
        let lab = in_scenario("nexus-ui-port");
        let page = lab.to("GET https://nexus.example/v2/", &[]);
        assert_eq!((page.status, page.get("content-type")), (404, Some("text/html")));
        let beginning = "\n<!DOCTYPE html>\n<html>\n<head>\n  <title>404 - Nexus Repository Manager</title>\n  \
             <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"/>";
        assert!(page.body.starts_with(beginning.as_bytes()));
        let right = lab.to("GET https://nexus.example/repository/docker-hosted/v2/team/tool/manifests/3.1", &[]);
        assert_eq!(right.status, 200);
    }

    /// GoogleContainerTools/jib#2898 (2020), byte for byte.
    #[test]
    fn error_behind_a_proxy_is_html_escaped() {
        let lab = in_scenario("nexus-html-escaped-error");
        let answer = lab.to("GET https://dockercentral.example:5100/v2/base/java/manifests/8", &[]);
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.body,
            "&#x7b;&quot;errors&quot;&#x3a;&#x5b;&#x7b;&quot;code&quot;&#x3a;&quot;UNAUTHORIZED&quot;,&quot;message\
             &quot;&#x3a;&quot;&#x5b;ERROR-400&#x5d; DOCKER Either Authorization header is missing or invalid&quot;\
             &#x7d;&#x5d;&#x7d;"
        );
    }
}
