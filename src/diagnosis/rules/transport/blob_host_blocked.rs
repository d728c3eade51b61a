use super::{addresses, route_remark};
use crate::diagnosis::delivery::{Obstacle, Obstructed, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, ExchangeId, FailureKind, Response, body_kind};

rule! {
    /// Registry is reachable, but the host of its layers is not
    ///
    /// ## What it means
    /// Most registries serve manifests themselves and redirect blob requests to another host: a storage, or a content
    /// delivery network. A firewall that allows only the registry stops every pull at the first blob. These hosts
    /// change from time to time, and allow lists go out of date.
    ///
    /// ## How it is recognised
    /// The manifest was served. The registry redirects a blob request to another host, and there the name lookup, the
    /// connection or the handshake fails; or the answer is a web page, or a refusal without any sign of a storage.
    ///
    /// ## What to do
    /// Allow the pulling machine to reach that host. A mirror inside the network, which fetches the blobs itself, also
    /// works.
    ///
    /// ## References
    /// chainguard-dev/apko#2250; docker/hub-feedback#2218; apptainer/singularity#1091; docs.docker.com, allow list
    "blob-host-blocked" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut blocked = obstructed(case);
    blocked.retain(|one| matches!(one.obstacle, Obstacle::Unreachable(_) | Obstacle::TurnedAway(_)));
    let first = blocked.first()?;
    let what = named(case, &blocked);
    let id = first.shown;
    let host = case.host_of(id);
    let finding = match first.obstacle {
        Obstacle::Unreachable(failure) => {
            let exit = if matches!(failure.kind, FailureKind::Certificate(_) | FailureKind::Tls(_)) {
                ExitStatus::Tls
            } else {
                ExitStatus::Network
            };
            let title = format!("layer host {host} is unreachable");
            Finding::error(exit, title, id, failure.message.clone()).cause(format!(
                "The manifest was served. For {what}, {}{}{}",
                step(&failure.kind),
                addresses(case, id),
                route_remark(case, id)
            ))
        }
        Obstacle::TurnedAway(response) => {
            let title = format!("layer host {host} does not serve the layers");
            Finding::error(ExitStatus::Network, title, id, refusal_words(case, id)).likely().cause(format!(
                "The manifest was served. For {what}, {}{}",
                refusal(response),
                route_remark(case, id)
            ))
        }
        _ => return None,
    };
    let finding = match first.sent_by() {
        Some((redirect, _)) if is_elsewhere(case, redirect, id) => {
            finding.because(redirect, format!("{} to {host}", case.words(redirect).as_str()))
        }
        _ => finding,
    };
    Some(
        finding
            .fix(format!("Allow the pulling machine to reach {}.", hosts(case, &blocked)))
            .fix("Or pull through a mirror that can reach it."),
    )
}

fn step(kind: &FailureKind) -> &'static str {
    match kind {
        FailureKind::Dns => "the host name did not resolve.",
        FailureKind::Refused => "the host refused the connection.",
        FailureKind::Unreachable => "this machine has no route to the host.",
        FailureKind::Timeout(_) => "the host did not answer in time. Most often a firewall drops the packets.",
        FailureKind::Proxy => "the proxy did not allow the connection.",
        FailureKind::Certificate(_) => "the certificate of the host was rejected.",
        _ => "the connection to the host failed. Firewalls that inspect connections end them like this.",
    }
}

fn refusal(response: &Response) -> String {
    let mut headers = response.headers.iter();
    let delivers = headers.any(|(name, _)| matches!(name.as_str(), "cf-ray" | "x-amz-cf-id"));
    let page = body_kind(response) == BodyKind::Html;
    match (page, delivers) {
        (true, true) => {
            "a content delivery network answers with a page: most likely it blocks the address or the country of this \
             machine."
                .to_owned()
        }
        (true, false) => {
            "a web page answers: most likely a firewall, a proxy or a sign-in page in front of the storage.".to_owned()
        }
        _ => format!(
            "the answer is {}, without any sign of a storage: most likely it is from a firewall or a proxy in between.",
            response.status
        ),
    }
}

fn is_elsewhere(case: &Case<'_>, one: ExchangeId, other: ExchangeId) -> bool {
    case.host_of(one) != case.host_of(other)
}

/// Lists the blocked hosts, for a sentence.
fn hosts(case: &Case<'_>, blocked: &[Obstructed<'_>]) -> String {
    let mut hosts: Vec<_> = blocked.iter().map(|one| case.host_of(one.shown)).collect();
    hosts.sort();
    hosts.dedup();
    super::listed(&hosts, 4)
}
