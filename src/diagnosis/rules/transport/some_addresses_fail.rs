use std::net::SocketAddr;

use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Connection;

rule! {
    /// Some addresses of the registry do not answer
    ///
    /// ## What it means
    /// One of the machines that share the host name is down, or a firewall in between allows only some of them. Clients
    /// that connect to it fail, or are slow until they try the next address, so pulls fail intermittently and succeed
    /// on retry.
    ///
    /// ## How it is recognised
    /// The connection to one address failed, and that to another of the same host succeeded. If IPv6 fails and IPv4
    /// works, the rule is `ipv6-broken`.
    ///
    /// ## What to do
    /// The registry operator has to bring all addresses up, or remove the others from DNS.
    ///
    /// ## References
    /// RFC 8305; RFC 6724, section 2
    "some-addresses-fail" in Transport
}

/// The most addresses that a cause lists.
const LISTED: usize = 4;

fn examine(case: &Case<'_>) -> Option<Finding> {
    // Servers on this machine often listen on one of its two addresses, and clients expect that.
    if case.reference().registry().is_loopback() {
        return None;
    }
    case.journal().iter().find_map(|(id, exchange)| {
        let Connection { addresses, failed, remote, proxy, .. } = &exchange.connection;
        let remote = (*remote).filter(|_| proxy.is_none())?;
        let is_a_family = failed.iter().all(|(address, _)| address.is_ipv6()) && remote.is_ipv4();
        let (address, words) = failed.first().filter(|_| !is_a_family)?;
        let is_other = |other: &&SocketAddr| **other != remote && failed.iter().all(|(failed, _)| failed != *other);
        let unknown: Vec<_> = addresses.iter().filter(is_other).map(ToString::to_string).collect();
        let waits = match unknown.len() {
            0 => String::new(),
            _ => format!(" Unknown: {}, which had not answered by then.", listed(&unknown, LISTED)),
        };
        let failed: Vec<_> = failed.iter().map(|(address, words)| format!("{address} ({words})")).collect();
        let host = case.host_of(id);
        Some(
            Finding::warning(format!("not all addresses of {host} answer"), id, format!("{address}: {words}"))
                .cause(format!(
                    "The name has {} addresses. {remote} answers. These do not: {}.{waits} Clients that connect to one \
                     of them fail, or are slow, so the failure may look intermittent.",
                    addresses.len(),
                    listed(&failed, LISTED)
                ))
                .fix("The registry operator has to bring all addresses up, or remove the others from DNS."),
        )
    })
}
