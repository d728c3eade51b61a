use crate::diagnosis::delivery::{Obstacle, named, obstructed};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, FailureKind};
use crate::oci::{AddressClass, Origin};
use crate::text::Untrusted;

rule! {
    /// Registry redirects to an address no client should use
    ///
    /// ## What it means
    /// The registry answered with a redirect that ociscope did not follow: in a loop, from https to http, to an address
    /// of this machine, of its cloud's metadata service or, from a public address, of a private network; or to no
    /// usable address. If it does that only for the config and the layers, the manifest is served and the pull stops
    /// after it: the registry knows its storage by an internal name, such as `minio:9000`.
    ///
    /// ## How it is recognised
    /// The last redirect, and the hosts before it. For a blob also a host that does not resolve or does not answer, and
    /// whose name or address belongs to a private network.
    ///
    /// ## What to do
    /// The registry operator has to configure its external address, and to forward the scheme from a proxy in front of
    /// it (`http.host` in distribution, `X-Forwarded-Proto`). If a name server answers with other addresses inside a
    /// network than outside, and you are inside, allow the address of that host with `--resolve HOST:PORT:ADDRESS`.
    ///
    /// ## References
    /// RFC 9110 §15.4; nginx/kubernetes-ingress#122; goharbor/harbor#20588; minio/minio#6558
    "redirect-to-wrong-place" in Transport
}

/// The fix by which the user allows an address of a private network.
const AGREEMENT: &str = "If you know that host and want ociscope to connect to it, give its port and address: \
                         --resolve HOST:PORT:ADDRESS.";

fn examine(case: &Case<'_>) -> Option<Finding> {
    of_the_manifest(case).or_else(|| of_blobs(case))
}

fn of_the_manifest(case: &Case<'_>) -> Option<Finding> {
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
    .cause(format!("The path was {}. ociscope did not follow it further: {words}.", chain.join(" → ")))
    .fix("The registry operator has to correct the redirect target.");
    let is_private = failure.kind == FailureKind::ForbiddenAddress && is_private(case, id);
    Some(if is_private { finding.fix(AGREEMENT) } else { finding })
}

/// The finding where the manifest was served, and the redirect of a config or layer points to no usable place.
fn of_blobs(case: &Case<'_>) -> Option<Finding> {
    let mut misdirected = obstructed(case);
    misdirected.retain(|one| matches!(one.obstacle, Obstacle::Misdirected(_)));
    let first = misdirected.first()?;
    let Obstacle::Misdirected(failure) = first.obstacle else { return None };
    let id = first.shown;
    let mut chain: Vec<_> = first.part.exchanges.iter().map(|&(hop, _)| case.host_of(hop)).collect();
    chain.extend(target(case, id).filter(|_| failure.kind == FailureKind::Redirect));
    let host = chain[0].clone();
    let last = chain.last().cloned().unwrap_or_default();
    let refused = matches!(failure.kind, FailureKind::Redirect | FailureKind::ForbiddenAddress);
    let reading = if refused {
        format!("ociscope did not follow it: {}.", failure.message.printable_within(160))
    } else {
        format!("{last} is meaningful only inside the registry's own network.")
    };
    let title = format!("{host} redirects layer requests to the wrong place");
    let mut finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(format!(
        "The manifest was served. For {} the path was {}. {reading}",
        named(case, &misdirected),
        chain.join(" → ")
    ));
    if let Some((redirect, _)) = first.sent_by() {
        finding = finding.because(redirect, format!("{} to {last}", case.words(redirect).as_str()));
    }
    let finding = if refused { finding } else { finding.likely() };
    if failure.kind == FailureKind::ForbiddenAddress && is_private(case, id) {
        return Some(finding.fix(
            "A server with a public address must not redirect clients into a private network. If you belong to that \
             network, resolve the registry's name to its internal address; otherwise its operator has to give the \
             storage a public address.",
        ).fix(AGREEMENT));
    }
    if failure.kind == FailureKind::ForbiddenAddress {
        return Some(finding.fix(
            "No registry serves anything at such an address. Ask the registry operator why it redirects there, and do \
             not trust the registry until you know.",
        ));
    }
    Some(finding.fix(
        "The registry operator has to give the storage an address that clients can reach, or to serve blobs through \
         the registry itself (storage.redirect.disable in distribution).",
    ))
}

/// Returns whether a request was refused because of a private address.
fn is_private(case: &Case<'_>, id: ExchangeId) -> bool {
    let failure = case.journal().get(id).failure.as_ref();
    failure.is_some_and(|failure| failure.message.as_str().ends_with(AddressClass::Private.words()))
}

/// The target of the last redirect: scheme and host only, because the rest may hold secrets.
fn target(case: &Case<'_>, id: ExchangeId) -> Option<String> {
    let exchange = case.journal().get(id);
    let location = exchange.response.as_ref()?.header("location")?;
    let url = exchange.request.url.join(location.as_str()).ok()?;
    Some(Untrusted::new(Origin::of(&url)?.to_string()).named_within(120))
}
