use super::{Pair, is_success, pairs};
use crate::diagnosis::case::signed_address::is_signed;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{ExchangeId, Response};

rule! {
    /// The registry refuses HEAD, and serves the same by GET.
    ///
    /// ## What it means
    /// Docker, containerd and others find out by HEAD which digest a tag has. containerd asks again by GET only after
    /// 405, and others not at all: to them it looks as if there were no such image, or no right to pull it.
    ///
    /// ## How it is recognised
    /// The same address and `Accept`, with the same credentials: 403, 404, 405 or 501 to HEAD, and success to GET.
    ///
    /// ## What to do
    /// Whoever runs the registry, or the proxy in front of it, has to let HEAD through for manifests. Pulling by digest
    /// gets around it in many clients.
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
    let title = format!("{} refuses HEAD with {refused}, and not GET", case.host_of(head));
    let finding = Finding::warning(title, head, format!("HEAD {refused}"))
        .because(get, format!("GET {served}"))
        .cause(format!(
            "The same request is answered with {refused} by HEAD and with {served} by GET. Docker and containerd find \
             out the digest of a tag by HEAD, and not all clients go on where that fails."
        ))
        .fix("Whoever runs the registry, or the proxy in front of it, has to let HEAD through for manifests.");
    Some(finding)
}

/// HEAD was sent on to an address whose signature is good for GET alone: the method is part of what is signed.
fn signed_for_get(case: &Case<'_>, head: ExchangeId, get: ExchangeId, refused: u16, served: u16) -> Option<Finding> {
    let &(redirect, _) = case.hops(head).last()?;
    if !is_signed(&case.journal().get(head).request.url) {
        return None;
    }
    let (registry, storage) = (case.host_of(redirect), case.host_of(head));
    let finding = Finding::warning("HEAD is redirected to an address signed for GET", head, format!("HEAD {refused}"))
        .because(redirect, format!("{} to {storage}", case.words(redirect).as_str()))
        .because(get, format!("GET {served}"))
        .cause(format!(
            "{registry} redirects HEAD for the manifest to its storage, with a signature that is good for GET. {storage} \
             refuses it with {refused}. Docker and containerd resolve a tag by HEAD and stop there. No login changes it."
        ))
        .fix(format!("Tell the operator of {registry}: the registry has to answer HEAD for manifests itself."));
    Some(finding)
}

/// Whether it is the method that is refused.
pub(super) fn refuses_head(pair: &Pair<'_>) -> bool {
    let refused = |response: &Response| matches!(response.status, 403 | 404 | 405 | 501);
    refused(pair.by_head) && is_success(pair.by_get)
}
