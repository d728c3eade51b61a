use super::{addresses, proxy_is_unreachable, route_remark};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{FailureKind, Step};

rule! {
    /// Connection to the registry fails
    ///
    /// ## What it means
    /// A refused connection means that the machine is up and nothing listens on the port, or that a firewall rejects
    /// the connection. Silence most often means that a firewall drops the packets, or that a proxy is needed.
    ///
    /// ## How it is recognised
    /// The connection was refused, has no route, or timed out; or the name server did not answer in time.
    ///
    /// ## What to do
    /// Check the port, whether the registry runs, and the firewall, route and proxy in between. If only IPv6 addresses
    /// were tried, check whether IPv6 works on this machine.
    ///
    /// ## References
    /// docker/hub-feedback#2231; docker/hub-feedback#2349
    "tcp-timeout-or-refused" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure().filter(|(id, _)| !proxy_is_unreachable(case, *id))?;
    let host = case.host_of(id);
    let (title, cause, fix) = match &failure.kind {
        FailureKind::Refused => (
            format!("{host} refuses the connection"),
            "Nothing accepts connections there: the registry is down or on another port, or a firewall rejects them.",
            "Check the port, and whether the registry runs.",
        ),
        FailureKind::Unreachable => (
            format!("{host} is unreachable from here"),
            "This machine has no route to the address.",
            "Check route, VPN and, if the addresses are IPv6, whether IPv6 works here.",
        ),
        FailureKind::Timeout(Step::Connect) => (
            format!("{host} does not answer"),
            "The connection timed out. Most often a firewall drops the packets, or a proxy is needed.",
            "Check firewall, route and proxy; --timeout SECONDS sets how long to wait.",
        ),
        FailureKind::Timeout(Step::Dns) => (
            format!("the name server does not answer for {host}"),
            "The name server did not answer in time.",
            "Check which name server this machine uses, and whether it is reachable.",
        ),
        _ => return None,
    };
    let cause = format!("{cause}{}{}", addresses(case, id), route_remark(case, id));
    Some(Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(cause).fix(fix))
}
