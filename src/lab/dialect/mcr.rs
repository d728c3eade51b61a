//! Microsoft Artifact Registry, `mcr.microsoft.com`: Azure Container Registry with anonymous access, without tokens.
//!
//! Captured: the headers of lists in containerd/containerd#7218 (2022), #7439 (2022) and #8028 (2023), the `HEAD` in
//! microsoft/containerregistry#66 (2021), Docker schema 1 for clients without an `Accept` header in
//! microsoft/containerregistry#52 (2021). Its error messages are not known except for a missing tag and, in
//! microsoft/containerregistry#57, a missing list of tags; the rest is as in [`acr`].

use super::acr;
use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module.
pub(crate) struct Mcr;

impl Dialect for Mcr {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        let answer = match visit.endpoint() {
            Endpoint::Base => Answer::with_body(200, "application/json; charset=utf-8", "{}"),
            Endpoint::Manifest { repository, reference } => acr::negotiated(visit, repository, reference),
            Endpoint::Blob { repository, digest } => acr::blob(visit, repository, digest),
            Endpoint::Tags { repository } if visit.host.store().repository(repository).is_none() => no_such_list(),
            Endpoint::Tags { repository } => acr::tags(visit, repository),
            Endpoint::Catalog => acr::catalog(visit),
            _ => Answer::new(404),
        };
        acr::with_headers_of_azure(answer).header("X-Cache", "CONFIG_NOCACHE").header("X-Mcr-Env", "prod")
    }
}

/// The answer for a missing list of tags. Lists are files in a storage service, whose own error this is.
fn no_such_list() -> Answer {
    let body = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>BlobNotFound</Code><Message>The specified \
                blob does not exist.</Message></Error>";
    Answer::with_body(404, "application/xml", body)
}

#[cfg(test)]
mod tests {
    use crate::lab::content::digest_in;
    use crate::lab::testing::in_scenario;

    const IMAGE: &str = "https://mcr.microsoft.com/v2/dotnet/runtime";

    /// containerd/containerd#8028 (2023), with another list.
    #[test]
    fn image_is_served_without_a_token() {
        let accept = "application/vnd.docker.distribution.manifest.v2+json, */*";
        let answer = in_scenario("mcr-healthy").to(&format!("HEAD {IMAGE}/manifests/8.0"), &[("Accept", accept)]);
        let digest = digest_in("docker-image", "manifest").unwrap();
        answer.assert_reproduces(&format!(
            "HTTP/1.1 200 OK
            access-control-expose-headers: Docker-Content-Digest
            access-control-expose-headers: WWW-Authenticate
            access-control-expose-headers: Link
            access-control-expose-headers: X-Ms-Correlation-Request-Id
            content-type: application/vnd.docker.distribution.manifest.v2+json
            docker-content-digest: {digest}
            docker-distribution-api-version: registry/2.0
            etag: \"{digest}\"
            strict-transport-security: max-age=31536000; includeSubDomains
            x-cache: CONFIG_NOCACHE
            x-content-type-options: nosniff
            x-mcr-env: prod

{{
..."
        ));
    }

    /// microsoft/containerregistry#52 (2021).
    #[test]
    fn request_without_accept_is_converted_to_schema1() {
        let answer = in_scenario("mcr-healthy").to(&format!("GET {IMAGE}/manifests/8.0"), &[]);
        let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &document["schemaVersion"], &document["tag"]), (200, &1.into(), &"8.0".into()));
    }

    /// microsoft/containerregistry#57.
    #[test]
    fn missing_tag_list_is_reported_by_the_storage() {
        let answer = in_scenario("mcr-healthy").to("GET https://mcr.microsoft.com/v2/nothing/tags/list", &[]);
        assert_eq!(answer.status, 404);
        assert!(String::from_utf8_lossy(&answer.body).contains("<Code>BlobNotFound</Code>"));
    }
}
