use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, FailureKind, Untrusted};
use crate::oci::Origin;

rule! {
    /// The registry redirects to a place where no client should go.
    ///
    /// ## What it means
    /// The registry answered with a redirect that was not followed: in a circle, from https to http, to an address
    /// that means this machine or its cloud's metadata service, or to nowhere.
    ///
    /// ## How it is recognised
    /// The last redirect, and the hosts that led to it.
    ///
    /// ## What to do
    /// Whoever runs the registry has to set the address under which it is reached from outside, and pass on the scheme
    /// where a proxy stands in front (`http.host` in distribution, `X-Forwarded-Proto`).
    ///
    /// ## References
    /// RFC 9110 §15.4; nginx/kubernetes-ingress#122; goharbor/harbor#20588
    "redirect-to-wrong-place" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure()?;
    if !matches!(failure.kind, FailureKind::Redirect | FailureKind::ForbiddenAddress) {
        return None;
    }
    let mut chain: Vec<_> = case.hops(id).iter().map(|&(hop, _)| case.host_of(hop)).collect();
    chain.push(case.host_of(id));
    chain.extend(target(case, id).filter(|_| failure.kind == FailureKind::Redirect));
    let words = failure.message.printable_within(160);
    let host = chain[0].clone();
    let finding = Finding::error(
        ExitStatus::Network,
        format!("{host} redirects to the wrong place"),
        id,
        failure.message.clone(),
    )
    .cause(format!("The way was {}. It was not followed further: {words}.", chain.join(" → ")))
    .fix("Whoever runs the registry has to correct the address that it redirects to.");
    Some(finding)
}

/// Where the last redirect points: scheme and host alone, because the rest may hold secrets.
fn target(case: &Case<'_>, id: ExchangeId) -> Option<String> {
    let exchange = case.journal().get(id);
    let location = exchange.response.as_ref()?.header("location")?;
    let url = exchange.request.url.join(location.as_str()).ok()?;
    Some(Untrusted::new(Origin::of(&url)?.to_string()).printable_within(120))
}
