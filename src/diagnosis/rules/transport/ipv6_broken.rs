use std::net::SocketAddr;

use super::{addresses, route_remark};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Connection, ExchangeId, FailureKind};

rule! {
    /// IPv6 connections to the registry fail
    ///
    /// ## What it means
    /// The host has IPv6 addresses, and connections to them fail. Clients that also try the IPv4 addresses succeed,
    /// some only after a delay; if there are no others, or a client tries only the first address, no pull succeeds.
    ///
    /// ## How it is recognised
    /// The host has only IPv6 addresses, and this machine has no route to them. As a warning: the connection to an IPv6
    /// address failed, and one to an IPv4 address of the same host succeeded. A faster IPv4 connection alone is not
    /// evidence.
    ///
    /// ## What to do
    /// Check whether IPv6 works on this machine, and fix it or turn it off. If only IPv6 addresses were found, check
    /// whether another name server has IPv4 addresses too.
    ///
    /// ## References
    /// RFC 8305; RFC 6724; docker/hub-feedback#2349
    "ipv6-broken" in Transport, instead_of: ["tcp-timeout-or-refused"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if has_only_unreachable_ipv6(case) {
        let (id, failure) = case.failure()?;
        let host = case.host_of(id);
        let title = format!("{host} has only IPv6 addresses, which are unreachable from here");
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
            .cause(format!(
                "The name server returned only IPv6 addresses, and this machine has no IPv6 route to them.{}{}",
                addresses(case, id),
                route_remark(case, id)
            ))
            .fix("Check whether IPv6 works on this machine.")
            .fix("If it should not, check why the name server returns no IPv4 address; another may have one.");
        return Some(finding);
    }
    let (id, (address, words)) = failed_next_to_ipv4(case)?;
    let host = case.host_of(id);
    let title = format!("{host} answers over IPv4 but not over IPv6");
    let finding = Finding::warning(title, id, format!("{address}: {words}"))
        .cause(format!(
            "{host} also has IPv6 addresses, and the connection to {address} failed. Clients that try only IPv6, or \
             wait for it, fail or are slow here."
        ))
        .fix("Check whether IPv6 works on this machine, and fix it or turn it off.")
        .fix("If it works, the registry operator has to bring all addresses up.");
    Some(finding)
}

/// Returns whether the client failed because the host has only IPv6 addresses and this machine has no route to them.
fn has_only_unreachable_ipv6(case: &Case<'_>) -> bool {
    let Some((id, failure)) = case.failure() else { return false };
    let Connection { addresses, proxy, .. } = &case.journal().get(id).connection;
    failure.kind == FailureKind::Unreachable
        && proxy.is_none()
        && !addresses.is_empty()
        && addresses.iter().all(SocketAddr::is_ipv6)
}

/// An IPv6 address to which the connection failed, where one to an IPv4 address of the same host succeeded.
fn failed_next_to_ipv4<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a (SocketAddr, String))> {
    // Servers on this machine often listen on one of its two addresses, and clients expect that.
    if case.reference().registry().is_loopback() {
        return None;
    }
    case.journal().iter().find_map(|(id, exchange)| {
        let Connection { failed, remote, proxy, .. } = &exchange.connection;
        let by_ipv4 = proxy.is_none() && remote.is_some_and(|remote| remote.is_ipv4());
        let failed = failed.iter().find(|(address, _)| address.is_ipv6())?;
        by_ipv4.then_some((id, failed))
    })
}
