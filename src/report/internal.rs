//! The hint at the end of a report for pasting that names hosts of the user's network.

use std::net::IpAddr;

use url::Host;

use super::layout::{Block, Layout, plain};
use super::value::Report;
use crate::diagnosis::{CommandLine, words};
use crate::knowledge::is_everybodys;

/// The most hosts that are named.
const NAMED: usize = 3;

/// The hint that a report names hosts that may be internal, with the command that replaces them. Empty for a simulation, whose
/// hosts are nobody's.
pub fn internal_hosts(report: &Report) -> Layout {
    let hosts = if report.simulation.is_none() { hosts(report) } else { Vec::new() };
    if hosts.is_empty() {
        return Layout::new();
    }
    let (shown, more) = hosts.split_at(hosts.len().min(NAMED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let words = format!(
        "This report names hosts that may be internal: {}{more}. `--public` replaces the names of hosts, repositories and \
         users, and addresses, with pseudonyms.",
        shown.join(", ")
    );
    let mut hint = vec![Block::Text(vec![plain(words)])];
    let again = report.again.clone().map(|command| [command.into_words(), words!["--public"]].concat());
    let command = again.and_then(|words| CommandLine::of(words).ok());
    hint.extend(command.map(|command| Block::Command { command, purpose: String::new() }));
    hint
}

/// The hosts of the requests that are neither public registries nor this machine, in the order of the requests.
fn hosts(report: &Report) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for exchange in &report.exchanges {
        let url = url::Url::parse(&exchange.url).ok();
        let host = url.as_ref().and_then(url::Url::host).filter(is_internal).map(|host| host.to_string());
        hosts.extend(host.filter(|host| !hosts.contains(host)));
    }
    hosts
}

/// Whether a host may be of the user's own network.
fn is_internal(host: &Host<&str>) -> bool {
    let is_own = |address: IpAddr| match address.to_canonical() {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    match host {
        Host::Domain(name) => !is_everybodys(name) && !name.ends_with(".localhost"),
        Host::Ipv4(address) => is_own((*address).into()),
        Host::Ipv6(address) => is_own((*address).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_a_network_is_internal_and_that_of_everyone_is_not() {
        let is = |url: &str| is_internal(&url::Url::parse(url).unwrap().host().unwrap());
        for url in
            ["https://registry.acme.corp/v2/", "https://10.0.0.7:5000/", "https://[fd00::1]/", "http://registry/"]
        {
            assert!(is(url), "{url}");
        }
        for url in [
            "https://ghcr.io/v2/",
            "https://auth.docker.io/token",
            "http://localhost:5000/",
            "http://127.0.0.1/",
            "https://8.8.8.8/",
            "http://[::1]:5000/",
        ] {
            assert!(!is(url), "{url}");
        }
    }
}
