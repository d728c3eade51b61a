//! A running scenario: its hosts on loopback ports, until it is dropped.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

use super::authority::{Authority, AuthorityError};
use super::host::World;
use super::scenario::{Scenario, Speech};
use super::server::{Addresses, Served};
use crate::oci::Scheme;

/// An error while starting a lab.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A port is in use.
    #[error("port {0} is in use; choose another first port, or omit it")]
    PortTaken(u16),
    /// There are fewer ports than hosts from the first port up.
    #[error("{hosts} hosts need {hosts} ports, but there are fewer from {first} up")]
    TooFewPorts {
        /// The first port.
        first: u16,
        /// The number of hosts, which each need a port.
        hosts: usize,
    },
    /// This machine does not allow the lab to listen.
    #[error("the lab could not listen on this machine: {0}")]
    Listen(#[source] io::Error),
    /// The certificates could not be created.
    #[error("the lab could not create its certificates: {0}")]
    Certificates(String),
}

impl From<AuthorityError> for LabError {
    fn from(error: AuthorityError) -> Self {
        Self::Certificates(error.to_string())
    }
}

/// The address of a host in a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAddress {
    /// The name, without a port.
    pub host: String,
    /// The port that clients request.
    pub port: u16,
    /// The scheme that clients use.
    pub scheme: Scheme,
    /// The address where the host listens.
    pub address: SocketAddr,
    /// An IPv6 address of the name, which clients try first and where nothing listens. `None` for most hosts.
    pub broken_ipv6: Option<SocketAddr>,
}

/// The running hosts of a scenario. They stop when this is dropped.
pub struct Lab {
    scenario: &'static Scenario,
    routes: Vec<HostAddress>,
    authority: Authority,
    closed: TcpSocket,
    closed_at: SocketAddr,
    _closed_ipv6: Option<TcpSocket>,
    _hosts: JoinSet<()>,
}

impl Lab {
    /// Starts the hosts of a scenario on loopback ports: from the first port up, or else on any free ports.
    ///
    /// # Errors
    /// If a port is in use, or this machine does not allow the lab to listen.
    pub async fn start(scenario: &'static Scenario, first_port: Option<u16>) -> Result<Self, LabError> {
        let world = Arc::new(World::of(scenario));
        let authority = Authority::new(&format!("ociscope lab, {}", scenario.name))?;
        let listeners = listen(world.hosts.len(), first_port).await?;
        let (closed_ipv6, nowhere) = closed_ipv6();
        let mut routes = Vec::new();
        for (host, listener) in world.hosts.iter().zip(&listeners) {
            routes.push(HostAddress {
                host: host.bare_name().to_owned(),
                port: host.port(),
                scheme: host.scheme(),
                address: listener.local_addr().map_err(LabError::Listen)?,
                broken_ipv6: host.has_broken_ipv6().then_some(nowhere),
            });
        }
        let mut addresses = Addresses::new();
        for (host, route) in world.hosts.iter().zip(&routes) {
            let address = format!("{}://{}", route.scheme.as_str(), route.address);
            // Artifactory writes the port even where it is the default.
            addresses.push((format!("{}://{}:{}", route.scheme.as_str(), route.host, route.port), address.clone()));
            addresses.push((host.origin(), address));
        }
        let addresses = Arc::new(addresses);
        let mut hosts = JoinSet::new();
        for (number, listener) in listeners.into_iter().enumerate() {
            let host = &world.hosts[number];
            let tls = match host.speaks() {
                Speech::Https | Speech::HttpsAlone | Speech::HangUp => {
                    Some(authority.server(host.bare_name(), host.certificate(), host.client_certificate())?)
                }
                Speech::Http | Speech::TlsAlert | Speech::Ssh | Speech::Nothing => None,
            };
            let served = Served { world: Arc::clone(&world), number, tls, addresses: Arc::clone(&addresses) };
            hosts.spawn(served.accept(listener));
        }
        // Bound, but not listening: connections are refused as long as the lab lives.
        let closed = TcpSocket::new_v4().map_err(LabError::Listen)?;
        closed.bind((Ipv4Addr::LOCALHOST, 0).into()).map_err(LabError::Listen)?;
        let closed_at = closed.local_addr().map_err(LabError::Listen)?;
        Ok(Self { scenario, routes, authority, closed, closed_at, _closed_ipv6: closed_ipv6, _hosts: hosts })
    }

    /// The scenario that is served.
    pub fn scenario(&self) -> &'static Scenario {
        self.scenario
    }

    /// The addresses of the hosts.
    pub fn routes(&self) -> &[HostAddress] {
        &self.routes
    }

    /// The certificate of the lab's authority.
    pub fn authority(&self) -> &CertificateDer<'static> {
        self.authority.certificate()
    }

    /// The certificate of the lab's authority, in PEM format.
    pub fn authority_pem(&self) -> &str {
        self.authority.pem()
    }

    /// An address that refuses connections, for all ports where no host listens.
    pub fn closed_address(&self) -> SocketAddr {
        let _held = &self.closed;
        self.closed_at
    }
}

/// An IPv6 address of this machine that refuses connections as long as the socket lives. A machine without IPv6 needs
/// no socket, because it cannot connect to the address anyway.
fn closed_ipv6() -> (Option<TcpSocket>, SocketAddr) {
    let bound = TcpSocket::new_v6().and_then(|socket| {
        socket.bind((Ipv6Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        Ok((socket, address))
    });
    match bound {
        Ok((socket, address)) => (Some(socket), address),
        Err(_) => (None, (Ipv6Addr::LOCALHOST, 1).into()),
    }
}

async fn listen(hosts: usize, first_port: Option<u16>) -> Result<Vec<TcpListener>, LabError> {
    let mut listeners = Vec::new();
    for number in 0..hosts {
        let port = match first_port {
            None => 0,
            Some(first) => {
                let port = u16::try_from(usize::from(first) + number);
                port.map_err(|_| LabError::TooFewPorts { first, hosts })?
            }
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        listeners.push(listener.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => LabError::PortTaken(port),
            _ => LabError::Listen(error),
        })?);
    }
    Ok(listeners)
}
