use super::{on_the_way, proxy_is_unreachable};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::FailureKind;

rule! {
    /// The registry's host name does not resolve.
    ///
    /// ## What it means
    /// No request was sent: the name of the host could not be turned into an address.
    ///
    /// ## How it is recognised
    /// The name look-up failed, for the registry or for a host that it redirected to. Whether there is no such name or
    /// no name server answered, the system's words say.
    ///
    /// ## What to do
    /// Check the spelling of the host. Inside a cluster or a company network, check which name server this machine
    /// asks, and whether a VPN or a proxy is needed. The component that pulls (a container engine, a node) may ask
    /// another name server than this machine does.
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
    let cause = format!("The name {host} could not be turned into an address.{}", on_the_way(case, id));
    let words = failure.message.as_str().to_ascii_lowercase();
    let (title, fix) = if UNANSWERED.iter().any(|unanswered| words.contains(unanswered)) {
        (
            format!("no name server says where {host} is"),
            "Check which name server this machine asks, and whether it can be reached. This says nothing about the name.",
        )
    } else {
        (format!("{host} does not resolve"), "Check the spelling of the host, and which name server this machine asks.")
    };
    let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(cause).fix(fix);
    Some(finding)
}

/// What systems say where no name server gave an answer (EAI_AGAIN), in place of one that there is no such name.
const UNANSWERED: [&str; 2] = ["temporary failure in name resolution", "try again"];
