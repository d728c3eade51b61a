//! The notes of the lower layers about one request in progress.
//!
//! The resolver, the connector and the certificate verifier are shared by all requests of a run. They find the notes of
//! the current request in a task-local value, because the HTTP library calls them in the task that waits for the
//! answer. If the library moves a connection that is no longer needed to the background, there is no such value, and
//! nothing is noted: the request then used another connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::reach::Reach;
use crate::evidence::{CertificateFault, CertificateRequest, LeafTrust, PresentedChain};
use crate::oci::AddressClass;

tokio::task_local! {
    /// The notes of the request that this task waits for.
    pub(crate) static NOTES: Arc<Notes>;
}

/// The notes of one request, accessible only through [`Notes::lock`].
#[derive(Debug)]
pub(crate) struct Notes {
    /// The port of the URL, which the resolver does not receive.
    pub port: u16,
    /// Which addresses may be connected to.
    pub reach: Reach,
    /// The host that may receive the client certificate, if this request goes to an origin that may have it.
    pub identifies_to: Option<String>,
    /// Whether the presented certificates are kept as sent.
    pub keeps_certificates: bool,
    noted: Mutex<Noted>,
}

/// The contents of the notes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Noted {
    pub addresses: Vec<SocketAddr>,
    /// The addresses to which connecting failed, each with the system's message.
    pub failed: Vec<(SocketAddr, String)>,
    pub connect_began: Option<Instant>,
    pub dns: Option<(Instant, Instant)>,
    pub dns_failed: Option<String>,
    pub hello: Option<Instant>,
    pub connected: Option<Instant>,
    pub certificate: Option<(CertificateFault, String)>,
    pub ignored_fault: Option<String>,
    /// The certificates presented in the last handshake.
    pub presented: Option<PresentedChain>,
    /// The same certificates in DER, if they are kept: as many and as long as are read.
    pub presented_der: Vec<Vec<u8>>,
    /// The name of the last handshake's peer: the host of the request, or a TLS proxy.
    pub handshake_with: Option<String>,
    pub certificate_request: Option<CertificateRequest>,
    pub leaf_trusted_by: Option<LeafTrust>,
    /// The first bytes of the answer, if the connection was opened here.
    pub first_bytes: Vec<u8>,
    pub forbidden: Option<(IpAddr, AddressClass)>,
}

/// Facts from opening a connection, true of every request over it.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub addresses: Vec<SocketAddr>,
    pub failed: Vec<(SocketAddr, String)>,
    pub ignored_fault: Option<String>,
    pub presented: Option<PresentedChain>,
    pub certificate_request: Option<CertificateRequest>,
    pub leaf_trusted_by: Option<LeafTrust>,
}

impl Facts {
    pub(super) fn of(noted: &Noted) -> Self {
        Self {
            addresses: noted.addresses.clone(),
            failed: noted.failed.clone(),
            ignored_fault: noted.ignored_fault.clone(),
            presented: noted.presented.clone(),
            certificate_request: noted.certificate_request.clone(),
            leaf_trusted_by: noted.leaf_trusted_by,
        }
    }
}

impl Noted {
    /// Copies the facts of the connection that a request uses.
    pub(super) fn recall(&mut self, facts: &Facts) {
        let Facts { addresses, failed, ignored_fault, presented, certificate_request, leaf_trusted_by } = facts;
        self.addresses.clone_from(addresses);
        self.failed.clone_from(failed);
        self.ignored_fault.clone_from(ignored_fault);
        self.presented.clone_from(presented);
        self.certificate_request.clone_from(certificate_request);
        self.leaf_trusted_by = *leaf_trusted_by;
    }
}

impl Notes {
    pub(crate) fn new(port: u16, reach: Reach) -> Arc<Self> {
        Self::identifying(port, reach, None)
    }

    /// Notes of a request that may present the client certificate to this host.
    pub(crate) fn identifying(port: u16, reach: Reach, identifies_to: Option<String>) -> Arc<Self> {
        Arc::new(Self { port, reach, identifies_to, keeps_certificates: false, noted: Mutex::default() })
    }

    /// Notes like those of [`Notes::identifying`] that also keep the presented certificates as sent.
    pub(crate) fn keeping_certificates(port: u16, reach: Reach, identifies_to: Option<String>) -> Arc<Self> {
        Arc::new(Self { port, reach, identifies_to, keeps_certificates: true, noted: Mutex::default() })
    }

    /// The notes, to read or to extend. Must not be held across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The notes of the request that this task waits for.
    pub(crate) fn current() -> Option<Arc<Self>> {
        NOTES.try_with(Arc::clone).ok()
    }
}
