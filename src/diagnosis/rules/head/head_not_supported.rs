use super::{Pair, is_success, pairs};
use crate::diagnosis::case::signed_address::is_signed;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ExchangeId, Response};

rule! {
    /// Registry refuses HEAD but serves GET
    ///
    /// ## What it means
    /// Docker, containerd and others use HEAD to resolve a tag to its digest. containerd retries with GET only after
    /// 405, and other clients not at all: to them, the image seems to be missing, or forbidden.
    ///
    /// ## How it is recognised
    /// 403, 404, 405 or 501 for HEAD, and success for GET, with the same URL, `Accept` and credentials.
    ///
    /// ## What to do
    /// Ask the operator of the registry, or of the proxy in front of it, to allow HEAD for manifests. Many clients can
    /// pull by digest instead.
    ///
    /// ## References
    /// RFC 9110 §9.3.2; distribution-spec, checking if content exists; containerd/containerd#6684;
    /// containerd/containerd#5860; crazy-max/diun#1614
    "head-not-supported" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Pair { head, get, by_head, by_get } = pairs(case).into_iter().find(refuses_head)?;
    let (refused, served) = (by_head.status, by_get.status);
    if let Some(finding) = signed_for_get(case, head, get, refused, served) {
        return Some(finding);
    }
    let title = format!("{} refuses HEAD with {refused}, but not GET", case.host_of(head));
    let finding = Finding::warning(title, head, refused.to_string())
        .because(get, served.to_string())
        .cause(format!(
            "The same request gets {refused} with HEAD and {served} with GET. Docker and containerd use HEAD to \
             resolve a tag to its digest, and not all clients continue if that fails."
        ))
        .fix("Ask the operator of the registry, or of the proxy in front of it, to allow HEAD for manifests.");
    Some(finding)
}

/// The finding for a HEAD redirected to a URL whose signature is valid only for GET: the signature covers the method.
fn signed_for_get(case: &Case<'_>, head: ExchangeId, get: ExchangeId, refused: u16, served: u16) -> Option<Finding> {
    let &(redirect, _) = case.hops(head).last()?;
    if !is_signed(&case.journal().get(head).request.url) {
        return None;
    }
    let (registry, storage) = (case.host_of(redirect), case.host_of(head));
    let finding = Finding::warning("HEAD is redirected to a URL signed for GET", head, refused.to_string())
        .because(redirect, format!("redirects to {storage}"))
        .because(get, served.to_string())
        .cause(format!(
            "{registry} redirects HEAD for the manifest to its storage, with a signature that is valid for GET. \
             {storage} refuses it with {refused}. Docker and containerd resolve a tag by HEAD and stop there. Logging \
             in does not help."
        ))
        .fix(format!("Ask the operator of {registry} to make the registry answer HEAD for manifests itself."));
    Some(finding)
}

/// Returns `true` if the answers show that the method is refused.
pub(super) fn refuses_head(pair: &Pair<'_>) -> bool {
    let refused = |response: &Response| matches!(response.status, 403 | 404 | 405 | 501);
    refused(pair.by_head) && is_success(pair.by_get)
}
