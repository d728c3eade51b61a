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
use super::limits::ADDRESSES;
use super::notes::Notes;

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
    found: Mutex<HashMap<(String, u16), Lookup>>,
}

type Lookup = Arc<OnceCell<Result<Vec<SocketAddr>, String>>>;
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Whoever knows the addresses of names.
trait System: Send + Sync {
    /// Every address of a host, with the port.
    fn look_up(&self, host: &str, port: u16) -> Found;
}

/// The resolver of the system, with its name servers and its file of hosts.
struct OfTheSystem;

impl System for OfTheSystem {
    fn look_up(&self, host: &str, port: u16) -> Found {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
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
        let lookup = {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(found.entry((host.to_owned(), port)).or_default())
        };
        let outcome = lookup.get_or_init(|| self.look_up(host, port)).await.clone();
        let Some(notes) = notes else { return outcome };
        let mut noted = notes.lock();
        noted.dns = Some((began, Instant::now()));
        let addresses = outcome.inspect_err(|error| noted.dns_failed = Some(error.clone()))?;
        noted.addresses.clone_from(&addresses);
        let refused = addresses.iter().find_map(|address| Some((*address, notes.reach.refuses(address.ip())?)));
        if let Some((address, class)) = refused {
            noted.forbidden = Some((address, class));
            return Err(classify::forbidden(address.ip(), class).message.printable());
        }
        Ok(addresses)
    }

    async fn look_up(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let chosen = self.overrides.iter().filter(|rule| rule.host == host && rule.port == port);
        let chosen: Vec<_> = chosen.map(|rule| rule.to).collect();
        if !chosen.is_empty() {
            return Ok(chosen);
        }
        if let Some(closed) = self.closed {
            let known = self.overrides.iter().any(|rule| rule.host == host);
            return if known { Ok(vec![closed]) } else { Err("this scenario of the lab has no such host".to_owned()) };
        }
        let found = self.system.look_up(host, port).await.map_err(|error| error.to_string())?;
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
mod tests {
    use super::*;
    use crate::transport::Reach;
    use crate::transport::notes::NOTES;
    use crate::transport::patience::in_time;

    #[test]
    fn an_override_names_host_port_and_address() {
        let read = |text: &str| text.parse::<ResolveTo>().map(|rule| (rule.host, rule.port, rule.to.to_string()));
        let is = |host: &str, port, to: &str| Ok((host.to_owned(), port, to.to_owned()));
        assert_eq!(read("R.test:443:192.0.2.7"), is("r.test", 443, "192.0.2.7:443"));
        assert_eq!(read("r.test:443:127.0.0.1:5000"), is("r.test", 443, "127.0.0.1:5000"));
        assert_eq!(read("r.test:443:[::1]"), is("r.test", 443, "[::1]:443"));
        assert_eq!(read("r.test:443:[::1]:5000"), is("r.test", 443, "[::1]:5000"));
        for wrong in ["", "r.test", "r.test:443", "r.test:x:1.2.3.4", ":443:1.2.3.4", "r.test:443:not-an-address"] {
            assert_eq!(read(wrong), Err(ResolveError), "{wrong}");
        }
    }

    #[tokio::test]
    async fn where_only_some_hosts_exist_nothing_else_is_looked_up() {
        let closed: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let listens: SocketAddr = "127.0.0.1:4430".parse().unwrap();
        let hosts = vec![ResolveTo::new("r.example", 443, listens)];
        let resolver = Resolver::enclosed(&Enclosed { hosts, closed, authority: Vec::new().into() });
        let at = |port| Notes::new(port, Reach::Anywhere);
        assert_eq!(resolver.addresses("r.example", Some(&at(443))).await, Ok(vec![listens]));
        assert_eq!(resolver.addresses("r.example", Some(&at(80))).await, Ok(vec![closed]));
        for elsewhere in ["localhost", "127.0.0.1", "example.com"] {
            assert!(resolver.addresses(elsewhere, Some(&at(443))).await.is_err(), "{elsewhere}");
        }
    }

    /// A name server that says something else each time.
    struct Fickle(Mutex<Vec<Vec<SocketAddr>>>);

    impl System for Fickle {
        fn look_up(&self, _: &str, _: u16) -> Found {
            let next = self.0.lock().unwrap().pop();
            Box::pin(async { next.ok_or_else(|| io::Error::other("asked too often")) })
        }
    }

    fn asking(system: impl System + 'static) -> Arc<Resolver> {
        let (overrides, system) = (Vec::new(), Box::new(system));
        Arc::new(Resolver { overrides, system, closed: None, found: Mutex::default() })
    }

    /// Case A06: a name that is harmless when it is checked, and leads to this machine when it is connected to.
    #[tokio::test]
    async fn the_address_that_was_checked_is_the_one_that_is_connected_to() {
        let (first, second) = ("203.0.113.7:443".parse().unwrap(), "127.0.0.1:443".parse().unwrap());
        let resolver = asking(Fickle(Mutex::new(vec![vec![second], vec![first]])));
        for _ in 0..3 {
            let notes = Notes::new(443, Reach::NotThisMachine);
            assert_eq!(resolver.addresses("rebinding.test", Some(&notes)).await, Ok(vec![first]));
            assert_eq!(notes.lock().addresses, [first]);
        }
        let name: Name = "rebinding.test".parse().unwrap();
        let notes = Notes::new(443, Reach::NotThisMachine);
        let connected_to = NOTES.scope(notes, async { ForReqwest(resolver).resolve(name).await }).await;
        let connected_to: Vec<_> = connected_to.unwrap().map(|address| address.ip()).collect();
        assert_eq!(connected_to, [first.ip()]);
    }

    /// Case C22: so many addresses that trying them all would never end, and none at all.
    #[tokio::test]
    async fn of_a_thousand_addresses_eight_are_tried() {
        let address = |number: u16| {
            let [high, low] = number.to_be_bytes();
            SocketAddr::new([10, 0, high, low].into(), 443)
        };
        let many: Vec<_> = (0..1000).map(address).collect();
        let twice = [&many[..3], &many[..3], &many[3..]].concat();
        let resolver = asking(Fickle(Mutex::new(vec![twice])));
        let notes = Notes::new(443, Reach::Anywhere);
        let tried = resolver.addresses("many.test", Some(&notes)).await.unwrap();
        assert_eq!(tried, many[..8]);
        assert_eq!(notes.lock().addresses, many[..8], "each of them is told");
        let resolver = asking(Fickle(Mutex::new(vec![Vec::new()])));
        assert_eq!(resolver.addresses("none.test", None).await, Err("the name has no address".to_owned()));
        // What name servers say of names that lead in a circle is the system's to find out, and is told.
        let resolver = asking(Fickle(Mutex::default()));
        assert_eq!(resolver.addresses("circle.test", None).await, Err("asked too often".to_owned()));
    }

    /// A name server that does not answer.
    struct Silent;

    impl System for Silent {
        fn look_up(&self, _: &str, _: u16) -> Found {
            Box::pin(std::future::pending())
        }
    }

    /// Case C22: the limit for connecting is one for looking up too.
    #[tokio::test(start_paused = true)]
    async fn a_name_server_that_does_not_answer_is_not_waited_for_without_end() {
        let limits = crate::transport::Limits::DEFAULT;
        let notes = Notes::new(443, Reach::Anywhere);
        notes.lock().connect_began = Some(Instant::now());
        let resolver = asking(Silent);
        let waited = in_time(resolver.addresses("silent.test", Some(&notes)), &notes, limits).await;
        assert_eq!(waited, Err(limits.connect));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused_where_a_server_chose_it() {
        let resolver = Resolver::new(vec!["meta.test:443:169.254.169.254".parse().unwrap()]);
        let notes = Notes::new(443, Reach::NotThisMachine);
        assert!(resolver.addresses("meta.test", Some(&notes)).await.is_err());
        assert!(notes.lock().forbidden.is_some());
        let named_by_the_user = Notes::new(443, Reach::Anywhere);
        assert!(resolver.addresses("meta.test", Some(&named_by_the_user)).await.is_ok());
    }
}
