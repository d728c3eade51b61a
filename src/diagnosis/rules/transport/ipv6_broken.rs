use std::net::SocketAddr;

use super::{addresses, on_the_way};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Connection, ExchangeId, FailureKind};

rule! {
    /// IPv6 does not work on the way to the registry.
    ///
    /// ## What it means
    /// The name has IPv6 addresses, and nothing that is sent to them arrives. Clients that also try the IPv4 addresses
    /// get by, some of them only after a while; where there are no others, or a client keeps to the first one, nothing
    /// can be pulled.
    ///
    /// ## How it is recognised
    /// The name has only IPv6 addresses, and this machine has no way to them. As a warning: the connection to an IPv6
    /// address failed, and one to an IPv4 address of the same name then stood. That IPv4 was faster says nothing.
    ///
    /// ## What to do
    /// Check whether IPv6 works here at all, and repair it or turn it off. Where only IPv6 addresses were found, check
    /// whether another name server has IPv4 addresses too.
    ///
    /// ## References
    /// RFC 8305; RFC 6724; docker/hub-feedback#2349
    "ipv6-broken" in Transport, instead_of: ["tcp-timeout-or-refused"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if is_only_way(case) {
        let (id, failure) = case.failure()?;
        let host = case.host_of(id);
        let title = format!("{host} has only IPv6 addresses, and there is no way to them from here");
        let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
            .cause(format!(
                "The name server gave IPv6 addresses alone, and IPv6 does not lead there from this machine.{}{}",
                addresses(case, id),
                on_the_way(case, id)
            ))
            .fix("Check whether IPv6 works here at all.")
            .fix("If it is not meant to, check why the name server gives no IPv4 address; another may have one.");
        return Some(finding);
    }
    let (id, (address, words)) = failed_beside_ipv4(case)?;
    let host = case.host_of(id);
    let title = format!("{host} answers over IPv4 and not over IPv6");
    let finding = Finding::warning(title, id, format!("{address}: {words}"))
        .cause(format!(
            "The name {host} has IPv6 addresses too, and the connection to {address} failed. Clients that try IPv6 \
             alone, or wait for it, fail or are slow here."
        ))
        .fix("Check whether IPv6 works here at all, and repair it or turn it off.")
        .fix("If it does, whoever runs the registry has to see that it answers at all its addresses.");
    Some(finding)
}

/// Whether the asking client failed because there is nothing but IPv6, and no way there.
fn is_only_way(case: &Case<'_>) -> bool {
    let Some((id, failure)) = case.failure() else { return false };
    let Connection { addresses, proxy, .. } = &case.journal().get(id).connection;
    failure.kind == FailureKind::Unreachable
        && proxy.is_none()
        && !addresses.is_empty()
        && addresses.iter().all(SocketAddr::is_ipv6)
}

/// An IPv6 address that let nobody connect, where an IPv4 address of the same name did.
fn failed_beside_ipv4<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a (SocketAddr, String))> {
    // What listens on this machine often does so on one of its two addresses, and clients expect that.
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
