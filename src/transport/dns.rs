//! Names to addresses: timed, overridable, asked once, and checked before anything connects.

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

/// `--resolve HOST:PORT:ADDRESS`: for this host and port, connect there (as in curl). The address may name a port of
/// its own, `HOST:PORT:ADDRESS:PORT`; an IPv6 address stands in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveTo {
    host: String,
    port: u16,
    to: SocketAddr,
}

/// What is wrong with a `--resolve` that was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write HOST:PORT:ADDRESS, for example registry.example.com:443:192.0.2.7")]
pub struct ResolveError;

impl ResolveTo {
    /// Connect to `to` for this host, written in lower case, and port.
    pub fn new(host: &str, port: u16, to: SocketAddr) -> Self {
        Self { host: host.to_owned(), port, to }
    }
}

/// The only hosts there are, for a run that must not leave this machine. Nothing is looked up, no proxy is used, and an
/// address that stands in a URL is a name like any other.
#[derive(Debug, Clone)]
pub struct Enclosed {
    /// Where each host and port is.
    pub hosts: Vec<ResolveTo>,
    /// Where the other ports of these hosts are: an address at which connections are refused.
    pub closed: SocketAddr,
    /// The one authority that is trusted.
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

/// The resolver of a run. Every name is looked up once, so that all requests see the same addresses and an address
/// that was found harmless is the one that is connected to.
pub(crate) struct Resolver {
    overrides: Vec<ResolveTo>,
    /// Who is asked for every other name.
    system: Box<dyn System>,
    /// Where every port is that no override names, if there are no hosts but those of the overrides.
    closed: Option<SocketAddr>,
    /// The look-ups of hosts, whatever the port.
    found: Mutex<HashMap<String, Lookup>>,
}

type Lookup = Arc<OnceCell<Result<Vec<SocketAddr>, String>>>;
type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Whoever knows the addresses of names.
trait System: Send + Sync {
    /// Every address of a host, with no port of its own.
    fn look_up(&self, host: &str) -> LookupFuture;
}

/// The resolver of the system, with its name servers and its file of hosts.
struct OfTheSystem;

impl System for OfTheSystem {
    fn look_up(&self, host: &str) -> LookupFuture {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
    }
}

/// An address that was looked up, at a port. One that has a port already keeps it.
fn at_port(mut address: SocketAddr, port: u16) -> SocketAddr {
    if address.port() == 0 {
        address.set_port(port);
    }
    address
}

impl Resolver {
    /// A resolver that asks the system for every name but these.
    pub(crate) fn new(overrides: Vec<ResolveTo>) -> Arc<Self> {
        Arc::new(Self { overrides, system: Box::new(OfTheSystem), closed: None, found: Mutex::default() })
    }

    /// A resolver that knows these names and no others.
    pub(crate) fn enclosed(enclosed: &Enclosed) -> Arc<Self> {
        let (overrides, closed) = (enclosed.hosts.clone(), Some(enclosed.closed));
        Arc::new(Self { overrides, system: Box::new(OfTheSystem), closed, found: Mutex::default() })
    }

    /// Whether there are no hosts but those that it was told.
    pub(crate) fn is_enclosed(&self) -> bool {
        self.closed.is_some()
    }

    /// The addresses of a host, noted and checked against what the request may reach.
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

    /// The addresses of a host, as far as they are known within a moment; without `asks` only those that an override has.
    /// What is not known by then is not looked up again.
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

    /// Where the user says that a port of a host is.
    fn chosen(&self, host: &str, port: u16) -> Vec<SocketAddr> {
        let chosen = self.overrides.iter().filter(|rule| rule.host == host && rule.port == port);
        chosen.map(|rule| rule.to).collect()
    }

    /// Whether the user says that this port of a host is at this address of a private network. Who writes the address down
    /// has agreed to it, whichever server names the host; to this machine, its link or a metadata service nobody agrees so.
    pub(crate) fn is_agreed(&self, host: &str, port: u16, address: IpAddr) -> bool {
        let inside = Place { class: AddressClass::Private, here: false };
        self.chosen(host, port).iter().any(|chosen| chosen.ip() == address) && place_of(address) == inside
    }

    /// The one look-up of a host, under way or done. Whatever the port: a name that leads elsewhere each time it is looked up
    /// would lead to this machine at the second.
    fn lookup(&self, host: &str) -> Lookup {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(found.entry(host.to_owned()).or_default())
    }

    /// Asks for the addresses of a host. Their ports mean nothing, but where there are no hosts but those of overrides.
    async fn look_up(&self, host: &str) -> Result<Vec<SocketAddr>, String> {
        if let Some(closed) = self.closed {
            let known = self.overrides.iter().any(|rule| rule.host == host);
            return if known { Ok(vec![closed]) } else { Err("this scenario of the lab has no such host".to_owned()) };
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

/// The resolver as the HTTP library calls it.
pub(crate) struct ForReqwest(pub Arc<Resolver>);

impl Resolve for ForReqwest {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = Arc::clone(&self.0);
        let notes = Notes::current();
        Box::pin(async move {
            let addresses = resolver.addresses(&name.as_str().to_ascii_lowercase(), notes.as_deref()).await?;
            let asked_port = notes.map_or(0, |notes| notes.port);
            // Without a port of its own an address gets that of the URL, which for a proxy is not the one asked about.
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
