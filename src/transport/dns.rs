//! Resolves names to addresses: timed, overridable, cached, and checked before any connection.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::CertificateDer;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::classify;
use super::limits::{ADDRESSES, MOMENT};
use super::notes::Notes;
use super::place::place_of;
use crate::oci::{AddressClass, Place};

/// `--resolve HOST:PORT:ADDRESS`: connect to this address for this host and port (as in curl). The address may have a
/// port of its own, `HOST:PORT:ADDRESS:PORT`; IPv6 addresses are in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveTo {
    host: String,
    port: u16,
    to: SocketAddr,
}

/// A parse error of `--resolve`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write HOST:PORT:ADDRESS, for example registry.example.com:443:192.0.2.7")]
pub struct ResolveError;

impl ResolveTo {
    /// Connects to `to` for this host, in lower case, and port.
    pub fn new(host: &str, port: u16, to: SocketAddr) -> Self {
        Self { host: host.to_owned(), port, to }
    }
}

/// The only hosts of a run that must not leave this machine. There are no lookups and no proxy, and an address in a URL
/// is treated as a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// The address of each host and port.
    pub hosts: Vec<ResolveTo>,
    /// The address for all other ports of these hosts, at which connections are refused.
    pub closed: SocketAddr,
    /// The only trusted authority.
    pub authority: CertificateDer<'static>,
}

impl FromStr for ResolveTo {
    type Err = ResolveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
            Some((address, rest)) => (format!("[{address}]"), rest),
            None => text.split_once(':').map(|(host, rest)| (host.to_owned(), rest)).ok_or(ResolveError)?,
        };
        let (port, address) = rest.split_once(':').ok_or(ResolveError)?;
        let port = port.parse().map_err(|_| ResolveError)?;
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        let to = match (address.parse::<SocketAddr>(), bare.parse::<IpAddr>()) {
            (Ok(socket), _) => socket,
            (_, Ok(ip)) => SocketAddr::new(ip, port),
            _ => return Err(ResolveError),
        };
        if host.is_empty() {
            return Err(ResolveError);
        }
        Ok(Self { host: host.to_ascii_lowercase(), port, to })
    }
}

/// The resolver of a run. Every name is looked up once, so that all requests see the same addresses, and the address
/// that was checked is the one that is connected to.
pub(crate) struct Resolver {
    overrides: Vec<ResolveTo>,
    /// The resolver for all other names.
    system: Box<dyn System>,
    /// The address for every port without an override, if the overrides are the only hosts.
    closed: Option<SocketAddr>,
    /// The lookups of hosts, for all ports.
    found: Mutex<HashMap<String, Lookup>>,
}

type Lookup = Arc<OnceCell<Result<Vec<SocketAddr>, String>>>;
type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// A resolver of names.
trait System: Send + Sync {
    /// All addresses of a host, without a port.
    fn look_up(&self, host: &str) -> LookupFuture;
}

/// The system's resolver, with its name servers and its hosts file.
struct OfTheSystem;

impl System for OfTheSystem {
    fn look_up(&self, host: &str) -> LookupFuture {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
    }
}

/// An address from a lookup, at a port. An address that has a port already keeps it.
fn at_port(mut address: SocketAddr, port: u16) -> SocketAddr {
    if address.port() == 0 {
        address.set_port(port);
    }
    address
}

impl Resolver {
    /// A resolver that uses the system for all names except these.
    pub(crate) fn new(overrides: Vec<ResolveTo>) -> Arc<Self> {
        Arc::new(Self { overrides, system: Box::new(OfTheSystem), closed: None, found: Mutex::default() })
    }

    /// A resolver that knows only these names.
    pub(crate) fn enclosed(enclosed: &Enclosed) -> Arc<Self> {
        let (overrides, closed) = (enclosed.hosts.clone(), Some(enclosed.closed));
        Arc::new(Self { overrides, system: Box::new(OfTheSystem), closed, found: Mutex::default() })
    }

    /// Whether the overrides are the only hosts.
    pub(crate) fn is_enclosed(&self) -> bool {
        self.closed.is_some()
    }

    /// The addresses of a host, noted and checked against the reach of the request.
    pub(crate) async fn addresses(&self, host: &str, notes: Option<&Notes>) -> Result<Vec<SocketAddr>, String> {
        let port = notes.map_or(0, |notes| notes.port);
        let began = Instant::now();
        let chosen = self.chosen(host, port);
        let outcome = if chosen.is_empty() {
            let outcome = self.lookup(host).get_or_init(|| self.look_up(host)).await.clone();
            outcome.map(|all| all.into_iter().map(|address| at_port(address, port)).collect())
        } else {
            Ok(chosen)
        };
        let Some(notes) = notes else { return outcome };
        let mut noted = notes.lock();
        noted.dns = Some((began, Instant::now()));
        let addresses = outcome.inspect_err(|error| noted.dns_failed = Some(error.clone()))?;
        noted.addresses.clone_from(&addresses);
        let all = addresses.iter().map(SocketAddr::ip);
        let all: Vec<_> = all.filter(|address| !self.is_agreed(host, port, *address)).collect();
        if let Some((address, class)) = notes.reach.refuses(&all).filter(|_| !self.is_enclosed()) {
            noted.forbidden = Some((address, class));
            return Err(classify::forbidden(address, class).message.printable());
        }
        Ok(addresses)
    }

    /// The addresses of a host that can be found within a short time; without `asks`, only those of an override. A
    /// lookup that takes longer is not repeated.
    pub(crate) async fn in_a_moment(&self, host: &str, port: u16, asks: bool) -> Vec<SocketAddr> {
        let chosen = self.chosen(host, port);
        if !chosen.is_empty() || !asks {
            return chosen;
        }
        let lookup = self.lookup(host);
        match tokio::time::timeout(MOMENT, lookup.get_or_init(|| self.look_up(host))).await {
            Ok(outcome) => outcome.clone().unwrap_or_default(),
            Err(_) => {
                let _ = lookup.set(Err(format!("the name server did not answer within {} s", MOMENT.as_secs())));
                Vec::new()
            }
        }
    }

    /// The address that the user gave for a port of a host.
    fn chosen(&self, host: &str, port: u16) -> Vec<SocketAddr> {
        let chosen = self.overrides.iter().filter(|rule| rule.host == host && rule.port == port);
        chosen.map(|rule| rule.to).collect()
    }

    /// Whether the user gave this private address for this port of a host. Writing an address down is consent,
    /// whichever server names the host; but not for addresses of this machine, its link or a metadata service.
    pub(crate) fn is_agreed(&self, host: &str, port: u16, address: IpAddr) -> bool {
        let inside = Place { class: AddressClass::Private, here: false };
        self.chosen(host, port).iter().any(|chosen| chosen.ip() == address) && place_of(address) == inside
    }

    /// The one lookup of a host, in progress or done, for all ports: a name that resolves differently each time could
    /// resolve to this machine at the second lookup.
    fn lookup(&self, host: &str) -> Lookup {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(found.entry(host.to_owned()).or_default())
    }

    /// Looks up the addresses of a host. Their ports have no meaning unless the overrides are the only hosts.
    async fn look_up(&self, host: &str) -> Result<Vec<SocketAddr>, String> {
        if let Some(closed) = self.closed {
            let known = self.overrides.iter().any(|rule| rule.host == host);
            return if known { Ok(vec![closed]) } else { Err("this lab scenario has no such host".to_owned()) };
        }
        let found = self.system.look_up(host).await.map_err(|error| error.to_string())?;
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for address in found {
            if !addresses.contains(&address) && addresses.len() < ADDRESSES {
                addresses.push(address);
            }
        }
        if addresses.is_empty() { Err("the name has no address".to_owned()) } else { Ok(addresses) }
    }
}

/// The resolver in the interface of the HTTP library.
pub(crate) struct ForReqwest(pub Arc<Resolver>);

impl Resolve for ForReqwest {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = Arc::clone(&self.0);
        let notes = Notes::current();
        Box::pin(async move {
            let addresses = resolver.addresses(&name.as_str().to_ascii_lowercase(), notes.as_deref()).await?;
            let asked_port = notes.map_or(0, |notes| notes.port);
            // An address without a port gets that of the URL, which for a proxy is not the port of the request.
            let addresses = addresses.into_iter().map(move |mut address| {
                if address.port() == asked_port {
                    address.set_port(0);
                }
                address
            });
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
