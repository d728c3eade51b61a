use url::Url;

use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{Exchange, Response};
use crate::oci::{Origin, Reference, Scheme};

rule! {
    /// Redirect to another registry that requires authentication
    ///
    /// ## What it means
    /// The host in the reference holds no images: it redirects to another registry, as a vanity domain does, and that
    /// registry returns 401 with its own challenge. Podman and crane authenticate with the registry that they requested
    /// and do not send the token to another host, so they fail with `unauthorized`, even for a public image. So does
    /// Docker, unless `/v2/` is redirected in the same way. containerd answers the challenge of the other host.
    ///
    /// ## How it is recognised
    /// The request for the manifest was redirected to another origin, below `/v2/`, and the answer there is 401 with a
    /// challenge.
    ///
    /// ## What to do
    /// Pull from the other registry by its own name, and log in there if the image is private. The operator of the
    /// redirecting host can replace the redirect with a proxy that forwards `/v2/` and rewrites the realm, or redirect
    /// only blobs.
    ///
    /// ## References
    /// RFC 9110 §11.6.1, §15.4; tektoncd/plumbing#2340; nix-community/docker-nixpkgs#55;
    /// cloudfoundry/dockerapplifecycle#9; containerd core/remotes/docker/resolver.go (CheckRedirect)
    "redirect-to-another-registry" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    exchange.response.as_ref().filter(|response| asks_for_authentication(response))?;
    let (redirect, hop) = case.hops(id).into_iter().rfind(|(_, hop)| leaves(hop, exchange))?;
    let (here, there) = (case.host_of(redirect), case.host_of(id));
    let status = hop.status()?;
    let finding = Finding::error(
        ExitStatus::Unauthenticated,
        "redirect to a registry that requires authentication",
        id,
        case.words(id),
    )
    .because(redirect, format!("redirects to {there} ({status})"))
    .cause(format!(
        "{here} redirects the request for the manifest to {there}, which returns its own challenge. Podman and crane \
         authenticate only with the registry that they requested, and fail; so does Docker, unless /v2/ is redirected \
         too. containerd answers the challenge of the other host."
    ));
    let finding = match named_there(&exchange.request.url) {
        Some(reference) => finding.fix_with(
            "Pull from the other registry by its own name:",
            words!["ociscope", "probe", Word::in_full(&reference)],
        ),
        None => finding.fix(format!("Pull from {there} by its own name.")),
    };
    Some(
        finding.fix(format!("Ask the operator of {here} to proxy /v2/ and rewrite the realm, instead of redirecting.")),
    )
}

fn asks_for_authentication(response: &Response) -> bool {
    response.status == 401 && response.header("www-authenticate").is_some()
}

/// Returns `true` if the redirect points to the registry API (`/v2/`) of another origin.
fn leaves(hop: &Exchange, to: &Exchange) -> bool {
    let url = &to.request.url;
    url.path().starts_with("/v2/") && Origin::of(&hop.request.url) != Origin::of(url)
}

/// The reference of the image at the other registry, if its URL is that of a manifest.
fn named_there(url: &Url) -> Option<Reference> {
    let host = url.host_str()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let (repository, selector) = url.path().strip_prefix("/v2/")?.rsplit_once("/manifests/")?;
    let mark = if selector.contains(':') { '@' } else { ':' };
    let reference = Reference::parse(&format!("{host}{port}/{repository}{mark}{selector}")).ok()?;
    let scheme = if url.scheme() == "http" { Scheme::Http } else { Scheme::Https };
    // Without an option, ociscope uses plain HTTP for loopback only.
    let is_default_scheme = scheme == Scheme::Https || reference.registry().is_loopback();
    (reference.changes().is_empty() && is_default_scheme).then_some(reference)
}
