use super::{addresses, on_the_way, proxy_is_unreachable};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{FailureKind, Step};

rule! {
    /// There is no connection to the registry.
    ///
    /// ## What it means
    /// A refused connection means that the machine is there and nothing listens on the port, or that a firewall
    /// refuses. Silence most often means that a firewall drops what is sent, or that a proxy is needed.
    ///
    /// ## How it is recognised
    /// The connection was refused, has no route, or came to nothing in time; or the name server did not answer in time.
    ///
    /// ## What to do
    /// Check the port, whether the registry is running, and firewall, route and proxy on the way. Where only IPv6
    /// addresses were tried, check whether IPv6 works here at all.
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
            "Nothing accepts connections there: the registry is down or on another port, or a firewall refuses.",
            "Check the port, and whether the registry is running.",
        ),
        FailureKind::Unreachable => (
            format!("{host} cannot be reached from here"),
            "This machine knows no way to the address.",
            "Check route, VPN and, where the addresses are IPv6, whether IPv6 works here.",
        ),
        FailureKind::Timeout(Step::Connect) => (
            format!("{host} does not answer"),
            "No connection came about in time. Most often a firewall drops what is sent, or a proxy is needed.",
            "Check firewall, route and proxy; --timeout SECONDS sets how long to wait.",
        ),
        FailureKind::Timeout(Step::Dns) => (
            format!("the look-up of {host} is not answered"),
            "The name server did not answer in time.",
            "Check which name server this machine asks, and whether it can be reached.",
        ),
        _ => return None,
    };
    let cause = format!("{cause}{}{}", addresses(case, id), on_the_way(case, id));
    Some(Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(cause).fix(fix))
}
