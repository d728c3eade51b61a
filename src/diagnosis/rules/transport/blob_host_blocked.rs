use super::{addresses, on_the_way};
use crate::diagnosis::delivery::{Obstacle, Obstructed, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, ExchangeId, FailureKind, Response, body_kind};

rule! {
    /// The registry can be reached, and the host that has the layers cannot.
    ///
    /// ## What it means
    /// Most registries hand out manifests themselves and send their clients to another host for configuration and
    /// layers: a storage, or a network that delivers for it. A firewall that lets only the registry through stops every
    /// pull at the first blob. These hosts change now and then, and lists of allowed ones grow old.
    ///
    /// ## How it is recognised
    /// The manifest was served. The registry redirects a blob to another host, and there the name look-up, the
    /// connection or the handshake fails; or a web page answers, or a refusal without any of the marks of a storage.
    ///
    /// ## What to do
    /// Let the machine that pulls reach the host that is named. A mirror inside the network, which fetches for it, does
    /// as well.
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
            let title = format!("{host}, which has its layers, cannot be reached");
            Finding::error(exit, title, id, failure.message.clone()).cause(format!(
                "The manifest was served. For {what}, {}{}{}",
                step(&failure.kind),
                addresses(case, id),
                on_the_way(case, id)
            ))
        }
        Obstacle::TurnedAway(response) => {
            let title = format!("{host} does not let its layers through");
            Finding::error(ExitStatus::Network, title, id, refusal_words(case, id)).likely().cause(format!(
                "The manifest was served. For {what}, {}{}",
                refusal(response),
                on_the_way(case, id)
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
            .fix(format!("Let the machine that pulls reach {}.", hosts(case, &blocked)))
            .fix("Or pull through a mirror that can reach it."),
    )
}

fn step(kind: &FailureKind) -> &'static str {
    match kind {
        FailureKind::Dns => "the name of the host did not resolve.",
        FailureKind::Refused => "the host refused the connection.",
        FailureKind::Unreachable => "this machine knows no way to the host.",
        FailureKind::Timeout(_) => "the host did not answer in time. Most often a firewall drops what is sent.",
        FailureKind::Proxy => "the proxy did not let the connection through.",
        FailureKind::Certificate(_) => "the certificate of the host was not accepted.",
        _ => "the connection to the host failed. A firewall that looks into connections ends them like that.",
    }
}

fn refusal(response: &Response) -> String {
    let mut headers = response.headers.iter();
    let delivers = headers.any(|(name, _)| matches!(name.as_str(), "cf-ray" | "x-amz-cf-id"));
    let page = body_kind(response) == BodyKind::Html;
    match (page, delivers) {
        (true, true) => {
            "a delivery network answers with a page: most likely it refuses the address or the country that this machine \
             asks from."
                .to_owned()
        }
        (true, false) => {
            "a web page answers: most likely a firewall, a proxy or a sign-in page on the way to the storage.".to_owned()
        }
        _ => format!(
            "the answer is {}, without any mark of a storage: most likely a firewall or a proxy on the way gives it.",
            response.status
        ),
    }
}

fn is_elsewhere(case: &Case<'_>, one: ExchangeId, other: ExchangeId) -> bool {
    case.host_of(one) != case.host_of(other)
}

/// Every host that is blocked, for a sentence.
fn hosts(case: &Case<'_>, blocked: &[Obstructed<'_>]) -> String {
    let mut hosts: Vec<_> = blocked.iter().map(|one| case.host_of(one.shown)).collect();
    hosts.sort();
    hosts.dedup();
    super::listed(&hosts, 4)
}
