//! Hosts, their dialects, and the view of a request at one of them. Without sockets: a request goes in, a reply comes
//! out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use time::OffsetDateTime;

use super::clock::{for_headers, now};
use super::fault::{Outcome, received, with_faults};
use super::scenario::{Access, HostSetup, Policy, Speech};
use super::store::{Store, Stored};
use super::wire::{Answer, Endpoint, IncomingRequest};
use crate::oci::Scheme;

/// The hosts of a scenario.
pub(crate) struct World {
    /// The hosts, in the order of the scenario's file.
    pub hosts: Vec<Host>,
}

/// A simulated host.
pub(crate) struct Host {
    setup: HostSetup,
    dialect: &'static dyn Dialect,
    store: Store,
    pulls_left: AtomicU64,
    pulls_by_account: Mutex<BTreeMap<String, u64>>,
}

impl World {
    /// Returns the host with this name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.setup.name == name)
    }

    /// The reply of a host to a request.
    pub fn reply(&self, host: &Host, request: &IncomingRequest) -> Outcome {
        let received = received(&host.setup.faults, request);
        let visit = Visit { request: &received, host, world: self };
        let mut answer = host.dialect.answer(&visit);
        if host.setup.clock_ahead != 0 {
            let time = OffsetDateTime::from_unix_timestamp(host.now()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
            answer.set("Date", for_headers(time));
        }
        with_faults(&host.setup.faults, request, answer, &|| address_in_storage(&visit))
    }
}

/// The signed URL of the requested manifest or blob in the registry's storage.
fn address_in_storage(visit: &Visit<'_>) -> Option<String> {
    let repository = |name| visit.host.store.repository(name);
    let (digest, media_type) = match visit.endpoint() {
        Endpoint::Manifest { repository: name, reference } => {
            let (digest, document) = repository(name)?.document(reference)?;
            (digest, Some(document.media_type.as_str()))
        }
        Endpoint::Blob { digest, .. } => (digest, None),
        _ => return None,
    };
    visit.address_in_storage(&Wanted { method: "GET", digest, media_type, at: visit.host.now() })
}

impl Host {
    /// Creates a host with a dialect and its content.
    pub(super) fn new(setup: &HostSetup, dialect: &'static dyn Dialect, store: Store) -> Self {
        let pulls_left = AtomicU64::new(setup.pulls_left.unwrap_or(u64::MAX));
        let pulls_by_account = Mutex::new(setup.pulls_made.clone());
        Self { setup: setup.clone(), dialect, store, pulls_left, pulls_by_account }
    }

    /// The name as in a URL: with a port, unless that is the default.
    pub fn name(&self) -> &str {
        &self.setup.name
    }

    /// The name without a port.
    pub fn bare_name(&self) -> &str {
        self.split_name().0
    }

    /// The port that clients request.
    pub fn port(&self) -> u16 {
        self.split_name().1
    }

    fn split_name(&self) -> (&str, u16) {
        let name = self.setup.name.as_str();
        let split = name.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        split.unwrap_or((name, self.scheme().default_port()))
    }

    /// The scheme that clients use.
    pub fn scheme(&self) -> Scheme {
        self.setup.scheme.into()
    }

    /// The protocol on its port.
    pub(super) fn speaks(&self) -> Speech {
        self.setup.speaks.unwrap_or_else(|| self.scheme().into())
    }

    /// Its treatment of client certificates.
    pub(super) fn client_certificate(&self) -> super::scenario::ClientCertificate {
        self.setup.client_certificate
    }

    /// The alert that ends its handshakes: `handshake_failure`, unless its setup names another.
    pub(super) fn alert(&self) -> u8 {
        self.setup.alert.unwrap_or(40)
    }

    /// The fault in its certificate.
    pub(super) fn certificate(&self) -> super::scenario::Certificate {
        self.setup.certificate
    }

    /// The origin, such as `https://name`, without a slash at the end.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme().as_str(), self.setup.name)
    }

    /// The content that it stores.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Its dialect.
    pub(super) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// Its access control, if its dialect supports several kinds.
    pub fn access(&self) -> Access {
        self.setup.access
    }

    /// The URL of its token service, if its dialect does not define it.
    pub fn realm(&self) -> Option<&str> {
        self.setup.realm.as_deref()
    }

    /// The service in its challenges, if its dialect does not define it.
    pub fn service(&self) -> Option<&str> {
        self.setup.service.as_deref()
    }

    /// Its accounts and their passwords.
    pub fn accounts(&self) -> &BTreeMap<String, String> {
        &self.setup.accounts
    }

    /// Returns whether the rights of an account allow it to read a repository.
    pub fn account_may_read(&self, account: &str, repository: &str) -> bool {
        self.setup.rights.get(account).is_none_or(|names| names.iter().any(|name| name == repository))
    }

    /// The lifetime of its tokens, in seconds.
    pub fn token_lifetime(&self) -> Option<i64> {
        self.setup.token_lifetime
    }

    /// The time of its clock, in seconds since 1970.
    pub fn now(&self) -> i64 {
        now() + self.setup.clock_ahead
    }

    /// Returns whether its name has an IPv6 address where nothing listens.
    pub fn has_broken_ipv6(&self) -> bool {
        self.setup.broken_ipv6
    }

    /// The host that it is related to, such as its storage or its registry.
    pub fn of(&self) -> Option<&str> {
        self.setup.of.as_deref()
    }

    /// The policy with which it blocks images.
    pub fn policy(&self) -> Option<Policy> {
        self.setup.policy
    }

    /// Returns whether a repository exists and anonymous clients may pull from it.
    pub fn is_public(&self, repository: &str) -> bool {
        self.store.repository(repository).is_some() && !self.setup.private.iter().any(|name| name == repository)
    }

    /// The number of pulls that are left, if they are counted.
    pub fn pulls_left(&self) -> Option<u64> {
        let left = self.pulls_left.load(Ordering::Relaxed);
        (left != u64::MAX).then_some(left)
    }

    /// The number of pulls that an account has made, if accounts have limits of their own.
    pub fn pulls_by(&self, account: &str) -> u64 {
        let pulls = self.pulls_by_account.lock().unwrap_or_else(PoisonError::into_inner);
        pulls.get(account).copied().unwrap_or_default()
    }

    /// Counts a pull of an account. `false` if the account has reached its limit.
    pub fn take_pull_by(&self, account: &str, allowed: u64) -> bool {
        let mut pulls = self.pulls_by_account.lock().unwrap_or_else(PoisonError::into_inner);
        let made = pulls.entry(account.to_owned()).or_default();
        let may = *made < allowed;
        *made += u64::from(may);
        may
    }

    /// Counts a pull of the address. `false` if none is left.
    pub fn take_pull(&self) -> bool {
        let taken = self.pulls_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            0 => None,
            u64::MAX => Some(u64::MAX),
            left => Some(left - 1),
        });
        taken.is_ok()
    }
}

/// The behavior of a registry, or of another server.
pub(crate) trait Dialect: Send + Sync {
    /// Answers a request.
    fn answer(&self, visit: &Visit<'_>) -> Answer;

    /// The answer of a TLS port to plain HTTP, before it closes the connection. The default is that of Go's HTTP
    /// server, which most registries use.
    fn answer_to_plain_http(&self) -> &'static [u8] {
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    }

    /// The answer of a plain HTTP port to TLS, before it closes the connection. The default is that of Go's HTTP server
    /// to every request that it cannot parse (`net/http/server.go`).
    fn answer_to_tls(&self) -> &'static [u8] {
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
    }

    /// A signed URL of an object on this host. Only object storage has them, and registries redirect their clients to
    /// them; see [`Visit::address_in_storage`].
    fn signed_address(&self, _host: &Host, _wanted: &Wanted<'_>) -> Option<String> {
        None
    }
}

/// The request that a signed URL is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// `GET` or `HEAD`: most storages sign for one of them.
    pub method: &'a str,
    /// The digest of the object.
    pub digest: &'a str,
    /// The media type to serve it with, if the storage does not choose one.
    pub media_type: Option<&'a str>,
    /// The time of the signature by the clock of the registry, which signs: in seconds since 1970.
    pub at: i64,
}

/// A request at a host.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    /// The request.
    pub request: &'a IncomingRequest,
    /// The host that received the request.
    pub host: &'a Host,
    /// All hosts of the scenario.
    pub world: &'a World,
}

impl<'a> Visit<'a> {
    /// The endpoint in the path.
    pub fn endpoint(&self) -> Endpoint<'a> {
        self.request.endpoint()
    }

    /// The document with this tag or digest, and its digest.
    pub fn document(&self, repository: &str, reference: &'a str) -> Option<(&'a str, &'a Stored)> {
        self.host.store().repository(repository)?.document(reference)
    }

    /// The blob with this digest.
    pub fn blob(&self, repository: &str, digest: &str) -> Option<&'a Bytes> {
        self.host.store().repository(repository)?.blobs.get(digest)
    }

    /// The host that the requested one is [`of`](Host::of).
    pub fn other_host(&self) -> Option<&'a Host> {
        self.world.host(self.host.of()?)
    }

    /// A signed URL in the storage that the host is [`of`](Host::of). `None` if that host is not a storage.
    pub fn address_in_storage(&self, wanted: &Wanted<'_>) -> Option<String> {
        let storage = self.other_host()?;
        storage.dialect().signed_address(storage, wanted)
    }
}
