//! All hosts of a scenario, ready to answer. No sockets here: a request goes in, a reply comes out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use super::access::{for_headers, now};
use super::content;
use super::dialect::{self, Dialect, Visit, Wanted};
use super::fault::{Fate, received, spoil};
use super::scenario::{Access, HostSetup, Policy, Scenario, Speech};
use super::store::Store;
use super::wire::{Endpoint, IncomingRequest};
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
    /// Makes everything that a scenario names. A test makes each of them, so that none names what there is not.
    pub fn of(scenario: &Scenario) -> Self {
        Self { hosts: scenario.hosts.iter().map(Host::new).collect() }
    }

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
    fn new(setup: &HostSetup) -> Self {
        let mut store = Store::default();
        for (name, tags) in &setup.repositories {
            let repository = store.repositories.entry(name.clone()).or_default();
            for (tags, content) in tags {
                let document = content::named(content).unwrap_or_else(|| panic!("a test makes all: {content}"));
                for tag in every_tag(tags) {
                    repository.add(&tag, document.clone());
                }
            }
        }
        for (name, tag) in setup.deleted.iter().filter_map(|deleted| deleted.rsplit_once(':')) {
            if let Some(repository) = store.repositories.get_mut(name) {
                repository.delete(tag);
            }
        }
        for guest in &setup.guests {
            guest.settle(store.repositories.entry(guest.repository().to_owned()).or_default());
        }
        let dialect = dialect::named(&setup.dialect).unwrap_or_else(|| panic!("a test makes all: {}", setup.dialect));
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

/// The tags that a pattern stands for: `1.{0..3}` for `1.0` to `1.3`, anything else for itself.
fn every_tag(pattern: &str) -> Vec<String> {
    let range = pattern.split_once('{').and_then(|(before, rest)| {
        let (range, after) = rest.split_once('}')?;
        let (first, last) = range.split_once("..")?;
        Some((before, first.parse::<u32>().ok()?..=last.parse().ok()?, after))
    });
    match range {
        Some((before, numbers, after)) => numbers.map(|number| format!("{before}{number}{after}")).collect(),
        None => vec![pattern.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::lab::scenario::scenarios;

    static WORLDS: LazyLock<Vec<(&Scenario, World)>> =
        LazyLock::new(|| scenarios().map(|scenario| (scenario, World::of(scenario))).collect());

    /// Paths as clients send them, as nobody does, and with real names and digests in the wrong places.
    fn a_path() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            Just("v2".to_owned()),
            Just("manifests".to_owned()),
            Just("blobs".to_owned()),
            Just("tags/list".to_owned()),
            Just("referrers".to_owned()),
            Just("token".to_owned()),
            Just("demo/app".to_owned()),
            Just("1.0".to_owned()),
            Just(format!("sha256:{}", "0".repeat(64))),
            "[!-~]{0,20}",
        ];
        prop::collection::vec(word, 0..6).prop_map(|words| format!("/{}", words.join("/")))
    }

    #[test]
    fn a_deleted_document_leaves_its_tag_behind() {
        let scenario = crate::lab::scenario::scenario("tag-listed-but-gone").unwrap();
        let world = World::of(scenario);
        let repository = world.hosts[0].store().repository("deleted/greeting").unwrap();
        assert!(repository.tags.contains_key("1.1"));
        assert!(repository.document("1.1").is_none() && repository.document("1.0").is_some());
    }

    #[test]
    fn a_pattern_stands_for_many_tags() {
        assert_eq!(every_tag("v1.{9..11}-alpine"), ["v1.9-alpine", "v1.10-alpine", "v1.11-alpine"]);
        for itself in ["latest", "{config:1.0}", "1.{a..b}", "{3..}"] {
            assert_eq!(every_tag(itself), [itself]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        /// Every host of every scenario has an answer that can be sent, whatever it is asked.
        #[test]
        fn no_request_is_too_odd_for_an_answer(
            method in prop_oneof![Just("GET"), Just("HEAD"), Just("POST"), Just("OPTIONS"), Just("ODD")],
            path in a_path(),
            query in "([a-zA-Z-]{0,16}=[!-~]{0,40}&?){0,3}",
            headers in prop::collection::vec(
                (prop::sample::select(vec!["accept", "authorization", "range", "if-none-match"]), "[ -~]{0,60}"),
                0..4,
            ),
        ) {
            let mut request = IncomingRequest {
                method: method.parse().unwrap(),
                path,
                query,
                headers: http::HeaderMap::new(),
            };
            for (name, value) in headers {
                request.headers.append(name, value.parse().unwrap());
            }
            for (scenario, world) in WORLDS.iter() {
                for host in &world.hosts {
                    if let Fate::Answer(answer) = world.reply(host, &request) {
                        prop_assert!((200..600).contains(&answer.status), "{}: {answer:?}", scenario.name);
                        for (name, value) in &answer.headers {
                            let sent = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
                                && http::HeaderValue::from_str(value).is_ok();
                            prop_assert!(sent, "{}: {name}: {value:?}", scenario.name);
                        }
                    }
                }
            }
        }
    }
}
