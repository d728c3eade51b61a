use std::net::SocketAddr;

use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Connection;

rule! {
    /// The name of the registry has several addresses, and not all of them answer.
    ///
    /// ## What it means
    /// One of the machines behind the name is down, or a firewall on the way lets only some of them through. Clients that
    /// happen to come to it fail, or are slow until they try the next, so pulls fail now and then and work when they are
    /// tried again.
    ///
    /// ## How it is recognised
    /// The connection to one address failed, and that to another of the same name stood. Where it is IPv6 that fails and
    /// IPv4 that works, that is told by `ipv6-broken`.
    ///
    /// ## What to do
    /// Whoever runs the registry has to see that it answers at all its addresses, or take the others out of the name server.
    ///
    /// ## References
    /// RFC 8305; RFC 6724, section 2
    "some-addresses-fail" in Transport
}

/// How many addresses are told.
const TOLD: usize = 4;

fn examine(case: &Case<'_>) -> Option<Finding> {
    // What runs on this machine often listens on one of its two addresses, and clients expect that.
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
            _ => format!(" Not known: {}, which had not answered by then.", listed(&unknown, TOLD)),
        };
        let failed: Vec<_> = failed.iter().map(|(address, words)| format!("{address} ({words})")).collect();
        let host = case.host_of(id);
        Some(
            Finding::warning(format!("not all addresses of {host} answer"), id, format!("{address}: {words}"))
                .cause(format!(
                    "The name has {} addresses. {remote} answers. These do not: {}.{waits} Clients that come to one of them \
                     fail, or are slow, so it may look like a fault that comes and goes.",
                    addresses.len(),
                    listed(&failed, TOLD)
                ))
                .fix(
                    "Whoever runs the registry has to see that it answers at all its addresses, or take the others out of \
                     the name server.",
                ),
        )
    })
}
