//! registry.k8s.io: redirects every client to the registry that has the images.
//!
//! From its source (kubernetes/registry.k8s.io, `cmd/archeio/internal/app/handlers.go` as of 2026): it stores nothing
//! and requires no authentication; the errors that users see are those of the registry behind it.

use crate::lab::host::{Dialect, Visit};
use crate::lab::wire::{Answer, Endpoint};

/// See the module. The host is `of` the registry that it redirects to.
pub(crate) struct Redirector;

/// The path of the images in the registry behind it.
const BELOW: &str = "/v2/k8s-artifacts-prod/images";
/// The host of blobs for clients outside Google's cloud, unless a mirror in their region has them.
const BLOBS: &str = "d1be1w964nk82h.cloudfront.net";

impl Dialect for Redirector {
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if !visit.request.reads() {
            return plain(405, "Only GET and HEAD are allowed.\n");
        }
        let path = visit.request.path.as_str();
        match (path, visit.endpoint()) {
            ("/v2" | "/v2/", _) => Answer::new(200).header("Docker-Distribution-Api-Version", "registry/2.0"),
            ("/", _) => redirect(visit, "https://github.com/kubernetes/registry.k8s.io"),
            (_, Endpoint::Catalog) => plain(404, "_catalog is not supported\n"),
            (_, Endpoint::Blob { digest, .. }) if visit.world.host(BLOBS).is_some() => {
                redirect(visit, &format!("https://{BLOBS}/containers/images/{digest}"))
            }
            _ => match (path.strip_prefix("/v2"), visit.other_host()) {
                (Some(rest), Some(behind)) => redirect(visit, &format!("{}{BELOW}{rest}", behind.origin())),
                _ => plain(404, "404 page not found\n"),
            },
        }
    }
}

/// An error as Go's `http.Error` writes it.
fn plain(status: u16, text: &'static str) -> Answer {
    Answer::with_body(status, "text/plain; charset=utf-8", text).header("X-Content-Type-Options", "nosniff")
}

/// A redirect as Go's `http.Redirect` writes it: `GET` gets a link, `HEAD` nothing.
fn redirect(visit: &Visit<'_>, to: &str) -> Answer {
    let link = format!("<a href=\"{to}\">Temporary Redirect</a>.\n\n");
    let mut answer = Answer::with_body(307, "text/html; charset=utf-8", link).header("Location", to);
    if visit.request.is_head() {
        answer.body = bytes::Bytes::new();
    }
    answer
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::in_scenario;

    /// `handlers.go` and `handlers_test.go`.
    #[test]
    fn every_image_redirects_to_another_registry() {
        let lab = in_scenario("k8s-redirector");
        let base = lab.to("GET https://registry.k8s.io/v2/", &[]);
        assert_eq!((base.status, base.body.len(), base.get("www-authenticate")), (200, 0, None));
        let answer = lab.to("HEAD https://registry.k8s.io/v2/pause/manifests/3.9", &[]);
        let location = "https://us-central1-docker.pkg.dev/v2/k8s-artifacts-prod/images/pause/manifests/3.9";
        assert_eq!((answer.status, answer.get("location")), (307, Some(location)));
        let catalog = lab.to("GET https://registry.k8s.io/v2/_catalog", &[]);
        assert_eq!((catalog.status, catalog.body.as_ref()), (404, &b"_catalog is not supported\n"[..]));
        let post = lab.to("POST https://registry.k8s.io/v2/pause/blobs/uploads/", &[]);
        assert_eq!((post.status, post.body.as_ref()), (405, &b"Only GET and HEAD are allowed.\n"[..]));
    }
}
