use crate::diagnosis::delivery::{Obstacle, named, obstructed};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, FailureKind};
use crate::oci::{AddressClass, Origin};
use crate::text::Untrusted;

rule! {
    /// The registry redirects to a place where no client should go.
    ///
    /// ## What it means
    /// The registry answered with a redirect that was not followed: in a circle, from https to http, to an address
    /// that means this machine, its cloud's metadata service or, from a public address, a private network; or to nowhere. Where it does that for configuration and
    /// layers only, the manifest is served and the pull stops after it: its storage is known by a name of its own
    /// network there, such as `minio:9000`.
    ///
    /// ## How it is recognised
    /// The last redirect, and the hosts that led to it. For a blob also a host that does not resolve, or does not
    /// answer, and whose name or address belongs to somebody's own network.
    ///
    /// ## What to do
    /// Whoever runs the registry has to set the address under which it is reached from outside, and pass on the scheme
    /// where a proxy stands in front (`http.host` in distribution, `X-Forwarded-Proto`). Where a name server answers inside
    /// of a network with other addresses than outside, and you are inside, `--resolve HOST:PORT:ADDRESS` agrees to the
    /// address of that host.
    ///
    /// ## References
    /// RFC 9110 §15.4; nginx/kubernetes-ingress#122; goharbor/harbor#20588; minio/minio#6558
    "redirect-to-wrong-place" in Transport
}

/// How the user agrees to an address of a private network.
const AGREEMENT: &str = "If you know that host and mean it to be asked, name it with its port and its address: \
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
    .cause(format!("The way was {}. It was not followed further: {words}.", chain.join(" → ")))
    .fix("Whoever runs the registry has to correct the address that it redirects to.");
    let is_private = failure.kind == FailureKind::ForbiddenAddress && is_private(case, id);
    Some(if is_private { finding.fix(AGREEMENT) } else { finding })
}

/// The manifest was served, and the way to a configuration or layer leads nowhere.
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
        format!("It was not followed: {}.", failure.message.printable_within(160))
    } else {
        format!("{last} means something in the registry's own network only, and nothing here.")
    };
    let title = format!("{host} redirects to the wrong place for its layers");
    let mut finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(format!(
        "The manifest was served. For {} the way was {}. {reading}",
        named(case, &misdirected),
        chain.join(" → ")
    ));
    if let Some((redirect, _)) = first.sent_by() {
        finding = finding.because(redirect, format!("{} to {last}", case.words(redirect).as_str()));
    }
    let finding = if refused { finding } else { finding.likely() };
    if failure.kind == FailureKind::ForbiddenAddress && is_private(case, id) {
        return Some(finding.fix(
            "What answers here may not send its clients into a private network. If you belong to that network, have the \
             registry's own name lead to its address there; else whoever runs it has to give its storage a public address.",
        ).fix(AGREEMENT));
    }
    if failure.kind == FailureKind::ForbiddenAddress {
        return Some(finding.fix(
            "No registry has anything at such an address. Ask whoever runs this one why it sends there, and do not trust \
             it before you know.",
        ));
    }
    Some(finding.fix(
        "Whoever runs the registry has to give its storage an address that clients reach, or to have blobs served by the \
         registry itself (storage.redirect.disable in distribution).",
    ))
}

/// Whether a request was refused for an address of a private network.
fn is_private(case: &Case<'_>, id: ExchangeId) -> bool {
    let failure = case.journal().get(id).failure.as_ref();
    failure.is_some_and(|failure| failure.message.as_str().ends_with(AddressClass::Private.words()))
}

/// Where the last redirect points: scheme and host alone, because the rest may hold secrets.
fn target(case: &Case<'_>, id: ExchangeId) -> Option<String> {
    let exchange = case.journal().get(id);
    let location = exchange.response.as_ref()?.header("location")?;
    let url = exchange.request.url.join(location.as_str()).ok()?;
    Some(Untrusted::new(Origin::of(&url)?.to_string()).named_within(120))
}
