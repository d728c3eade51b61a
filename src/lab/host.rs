//! Hosts that can be asked, how they answer, and what a request at one of them sees. No sockets here: a request goes in, a
//! reply comes out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use time::OffsetDateTime;

use super::clock::{for_headers, now};
use super::fault::{Fate, received, spoil};
use super::scenario::{Access, HostSetup, Policy, Speech};
use super::store::{Store, Stored};
use super::wire::{Answer, Endpoint, IncomingRequest};
use crate::oci::Scheme;

/// The hosts of a scenario.
pub(crate) struct World {
    /// In the order of the scenario's file.
    pub hosts: Vec<Host>,
}

/// A host that can be asked.
pub(crate) struct Host {
    setup: HostSetup,
    dialect: &'static dyn Dialect,
    store: Store,
    pulls_left: AtomicU64,
    pulls_by_account: Mutex<BTreeMap<String, u64>>,
}

impl World {
    /// The host of this name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.setup.name == name)
    }

    /// What a host replies to a request.
    pub fn reply(&self, host: &Host, request: &IncomingRequest) -> Fate {
        let received = received(&host.setup.faults, request);
        let visit = Visit { request: &received, host, world: self };
        let mut answer = host.dialect.answer(&visit);
        if host.setup.clock_ahead != 0 {
            let time = OffsetDateTime::from_unix_timestamp(host.now()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
            answer.set("Date", for_headers(time));
        }
        spoil(&host.setup.faults, request, answer, &|| address_in_storage(&visit))
    }
}

/// Where the manifest or blob that is asked for can be fetched from the storage of its registry.
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
    /// A host that answers in this dialect and stores this.
    pub(super) fn new(setup: &HostSetup, dialect: &'static dyn Dialect, store: Store) -> Self {
        let pulls_left = AtomicU64::new(setup.pulls_left.unwrap_or(u64::MAX));
        let pulls_by_account = Mutex::new(setup.pulls_made.clone());
        Self { setup: setup.clone(), dialect, store, pulls_left, pulls_by_account }
    }

    /// Its name as a URL has it: with a port where that is not the usual one.
    pub fn name(&self) -> &str {
        &self.setup.name
    }

    /// Its name without a port.
    pub fn bare_name(&self) -> &str {
        self.split_name().0
    }

    /// The port that clients ask.
    pub fn port(&self) -> u16 {
        self.split_name().1
    }

    fn split_name(&self) -> (&str, u16) {
        let name = self.setup.name.as_str();
        let split = name.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        split.unwrap_or((name, self.scheme().default_port()))
    }

    /// How clients ask it.
    pub fn scheme(&self) -> Scheme {
        self.setup.scheme.into()
    }

    /// What its port speaks.
    pub(super) fn speaks(&self) -> Speech {
        self.setup.speaks.unwrap_or_else(|| self.scheme().into())
    }

    /// Whether it wants a certificate of its clients.
    pub(super) fn client_certificate(&self) -> super::scenario::ClientCertificate {
        self.setup.client_certificate
    }

    /// The alert with which its handshakes end: `handshake_failure`, unless its setup names another.
    pub(super) fn alert(&self) -> u8 {
        self.setup.alert.unwrap_or(40)
    }

    /// What is wrong with its certificate.
    pub(super) fn certificate(&self) -> super::scenario::Certificate {
        self.setup.certificate
    }

    /// `https://name`, to put a path behind.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme().as_str(), self.setup.name)
    }

    /// What it stores.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How it answers.
    pub(super) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// How it knows who asks, where its dialect leaves that open.
    pub fn access(&self) -> Access {
        self.setup.access
    }

    /// The address of its token service, where its dialect leaves that open.
    pub fn realm(&self) -> Option<&str> {
        self.setup.realm.as_deref()
    }

    /// What it calls itself towards its token service, where its dialect leaves that open.
    pub fn service(&self) -> Option<&str> {
        self.setup.service.as_deref()
    }

    /// Its accounts and their passwords.
    pub fn accounts(&self) -> &BTreeMap<String, String> {
        &self.setup.accounts
    }

    /// Whether an account may read a repository, as far as it depends on the account.
    pub fn account_may_read(&self, account: &str, repository: &str) -> bool {
        self.setup.rights.get(account).is_none_or(|names| names.iter().any(|name| name == repository))
    }

    /// For how many seconds its tokens are good.
    pub fn token_lifetime(&self) -> Option<i64> {
        self.setup.token_lifetime
    }

    /// What its clock says, in seconds since 1970.
    pub fn now(&self) -> i64 {
        now() + self.setup.clock_ahead
    }

    /// Whether its name has an IPv6 address at which nothing listens.
    pub fn has_broken_ipv6(&self) -> bool {
        self.setup.broken_ipv6
    }

    /// The host that it stands for or sends on to.
    pub fn of(&self) -> Option<&str> {
        self.setup.of.as_deref()
    }

    /// The rule by which it keeps images back.
    pub fn policy(&self) -> Option<Policy> {
        self.setup.policy
    }

    /// Whether everybody may pull from a repository of this name, and there is one.
    pub fn is_public(&self, repository: &str) -> bool {
        self.store.repository(repository).is_some() && !self.setup.private.iter().any(|name| name == repository)
    }

    /// How many pulls are left, where they are counted.
    pub fn pulls_left(&self) -> Option<u64> {
        let left = self.pulls_left.load(Ordering::Relaxed);
        (left != u64::MAX).then_some(left)
    }

    /// How many pulls an account has made, where those of accounts are counted apart.
    pub fn pulls_by(&self, account: &str) -> u64 {
        let pulls = self.pulls_by_account.lock().unwrap_or_else(PoisonError::into_inner);
        pulls.get(account).copied().unwrap_or_default()
    }

    /// Counts a pull of an account. `false` where it has made as many as it may.
    pub fn take_pull_by(&self, account: &str, allowed: u64) -> bool {
        let mut pulls = self.pulls_by_account.lock().unwrap_or_else(PoisonError::into_inner);
        let made = pulls.entry(account.to_owned()).or_default();
        let may = *made < allowed;
        *made += u64::from(may);
        may
    }

    /// Takes one of the pulls that are left. `false` where none was.
    pub fn take_pull(&self) -> bool {
        let taken = self.pulls_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            0 => None,
            u64::MAX => Some(u64::MAX),
            left => Some(left - 1),
        });
        taken.is_ok()
    }
}

/// The manner of a registry, or of something else that answers.
pub(crate) trait Dialect: Send + Sync {
    /// Answers a request.
    fn answer(&self, visit: &Visit<'_>) -> Answer;

    /// What its port says to somebody who speaks plain HTTP where TLS is spoken, before it hangs up. The default is
    /// what Go's HTTP server says, in which most registries are written.
    fn answer_to_plain_http(&self) -> &'static [u8] {
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    }

    /// What its port says to somebody who speaks TLS where plain HTTP is spoken, before it hangs up. The default is
    /// what Go's HTTP server says to everything that it cannot read (`net/http/server.go`).
    fn answer_to_tls(&self) -> &'static [u8] {
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
    }

    /// The address at which something can be fetched from this host for a while. Only object storage has such, and
    /// registries send their clients there; see [`Visit::address_in_storage`].
    fn signed_address(&self, _host: &Host, _wanted: &Wanted<'_>) -> Option<String> {
        None
    }
}

/// What an address in a storage is to be good for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// `GET` or `HEAD`: most stores sign for one of them.
    pub method: &'a str,
    /// The digest of what is wanted.
    pub digest: &'a str,
    /// The media type that it is to be served as, where that is not left to the store.
    pub media_type: Option<&'a str>,
    /// When that is, by the clock of the registry, which is the one that signs: in seconds since 1970.
    pub at: i64,
}

/// A request at a host.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    /// What is asked.
    pub request: &'a IncomingRequest,
    /// Who is asked.
    pub host: &'a Host,
    /// All hosts that there are.
    pub world: &'a World,
}

impl<'a> Visit<'a> {
    /// What the path is about.
    pub fn endpoint(&self) -> Endpoint<'a> {
        self.request.endpoint()
    }

    /// The document of this tag or digest, and its digest.
    pub fn document(&self, repository: &str, reference: &'a str) -> Option<(&'a str, &'a Stored)> {
        self.host.store().repository(repository)?.document(reference)
    }

    /// The blob of this digest.
    pub fn blob(&self, repository: &str, digest: &str) -> Option<&'a Bytes> {
        self.host.store().repository(repository)?.blobs.get(digest)
    }

    /// The host that the asked one stands for or sends on to.
    pub fn other_host(&self) -> Option<&'a Host> {
        self.world.host(self.host.of()?)
    }

    /// An address in the storage that the host is [`of`](Host::of), as it signs them. `None` where that is no storage.
    pub fn address_in_storage(&self, wanted: &Wanted<'_>) -> Option<String> {
        let storage = self.other_host()?;
        storage.dialect().signed_address(storage, wanted)
    }
}
