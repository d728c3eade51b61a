use super::{proxy_is_unreachable, route_remark};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::FailureKind;

rule! {
    /// Registry host name does not resolve
    ///
    /// ## What it means
    /// No request was sent: the host name could not be resolved to an address.
    ///
    /// ## How it is recognised
    /// The name lookup failed, for the registry or for a host that it redirected to. The system's message says whether
    /// the name does not exist or no name server answered.
    ///
    /// ## What to do
    /// Check the spelling of the host. Inside a cluster or a company network, check which name server this machine
    /// uses, and whether it needs a VPN or a proxy. The component that pulls (a container engine, a node) may use
    /// another name server than this machine.
    ///
    /// ## References
    /// RFC 1034; moby/moby#22398; docker/for-mac#1317
    "dns-failure" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure()?;
    if failure.kind != FailureKind::Dns || proxy_is_unreachable(case, id) {
        return None;
    }
    let host = case.host_of(id);
    let cause = format!("The host name {host} could not be resolved to an address.{}", route_remark(case, id));
    let words = failure.message.as_str().to_ascii_lowercase();
    let (title, fix) = if UNANSWERED.iter().any(|unanswered| words.contains(unanswered)) {
        (
            format!("no name server answers for {host}"),
            "Check which name server this machine uses, and whether it is reachable. The name itself may be right.",
        )
    } else {
        (format!("{host} does not resolve"), "Check the spelling of the host, and which name server this machine uses.")
    };
    let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(cause).fix(fix);
    Some(finding)
}

/// The messages of systems to which no name server answered (EAI_AGAIN), as opposed to a name that does not exist.
const UNANSWERED: [&str; 2] = ["temporary failure in name resolution", "try again"];
