//! The state that successive commands share, as in a shell: every exchange under its number, and facts about
//! registries, so that the next command need not start with a handshake and a challenge.
//!
//! Single runs have no memory.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use url::Url;

use super::words::advises_login;
use super::{RegistrySettings, hosts, secrets};
use crate::auth::credentials::{FoundCredential, Sources};
use crate::diagnosis::Finding;
use crate::evidence::{CredentialUse, Exchange, ExchangeId, Outcome, Record, Redactor, Seen, TrailStep};
use crate::lab::{Lab, Scenario};
use crate::oci::Reference;
use crate::registry::{Dialogue, Earlier, Standing};
use crate::text::Secret;
use crate::transport::{Ended, Stop, Transport};

/// The maximum number of exchanges kept; the oldest are dropped first.
pub const MOST_KEPT: usize = 2000;
/// The maximum number of body bytes kept.
const MOST_BYTES: usize = 128 << 20;
/// The maximum number of registries to which connections are kept.
const MOST_REGISTRIES: usize = 8;
/// How long an answer of a helper is kept.
const FOUND_FOR: Duration = Duration::from_secs(60);
/// The maximum number of repositories per registry for which grants are kept.
const MOST_REPOSITORIES: usize = 16;

/// The state that successive commands share.
#[derive(Default)]
pub struct Memory {
    kept: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    exchanges: VecDeque<Rc<Remembered>>,
    bytes: usize,
    last: u64,
    registries: VecDeque<RegistryState>,
    lab: Option<Rc<Lab>>,
    /// A registry, and the host of a realm that did not receive its credentials because the user has not approved it.
    untrusted: Option<(String, String)>,
    /// Whether the last command's advice was to log in.
    login_advised: bool,
    /// The auxiliary requests that have no numbers yet.
    aside: Vec<(Record, Vec<(&'static str, Secret)>)>,
    /// Recent answers of helpers: running them takes time, and may require the user to unlock a keyring.
    found: VecDeque<(String, Sources, Instant, FoundCredential)>,
}

/// A remembered exchange.
#[derive(Debug)]
pub struct Remembered {
    /// Its number.
    pub id: ExchangeId,
    /// The exchange.
    pub exchange: Exchange,
    /// The reference of its run.
    pub reference: Reference,
    /// Whether it is auxiliary, sent in preparation for completion.
    pub aside: bool,
    /// The lab scenario that answered instead of the network.
    pub simulation: Option<Cow<'static, str>>,
    /// The source of the run's credentials.
    pub credential: CredentialUse,
    secrets: Rc<Vec<(&'static str, Secret)>>,
}

impl Remembered {
    /// A redactor with the secrets of its run, for all output made from it.
    pub fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::new(self.secrets.iter().map(|(what, secret)| (*what, secret)));
        let host = self.exchange.request.url.host_str().unwrap_or_default();
        redactor.spare([self.reference.input(), &self.reference.to_string(), host]);
        redactor
    }
}

/// The state of a registry that was contacted before, with these settings.
struct RegistryState {
    registry: String,
    settings: RegistrySettings,
    transport: Transport,
    lab: Option<Rc<Lab>>,
    base: Url,
    /// The grants for each repository, and without one.
    standings: VecDeque<(Option<String>, Standing)>,
}

impl Memory {
    /// The number of the last exchange; 0 if there was none.
    pub fn last_number(&self) -> u64 {
        self.kept.borrow().last
    }

    /// The exchange with a number, as long as it is kept.
    pub fn get(&self, id: ExchangeId) -> Option<Rc<Remembered>> {
        let kept = self.kept.borrow();
        let at = kept.exchanges.binary_search_by_key(&id, |one| one.id).ok()?;
        kept.exchanges.get(at).cloned()
    }

    /// All kept exchanges after the one with a number, in order.
    pub fn since(&self, before: u64) -> Vec<Rc<Remembered>> {
        let kept = self.kept.borrow();
        kept.exchanges.iter().skip_while(|one| one.id.number() <= before).cloned().collect()
    }

    /// All kept exchanges, in the order of their numbers.
    pub fn exchanges(&self) -> Vec<Rc<Remembered>> {
        self.kept.borrow().exchanges.iter().cloned().collect()
    }

    /// The non-public hosts of all kept exchanges; those of one reference first.
    pub fn hosts(&self, first: Option<&Reference>) -> Vec<String> {
        let all = self.exchanges();
        let first = first.into_iter().flat_map(|first| hosts(first, std::iter::empty()));
        let others = all.iter().flat_map(|one| hosts(&one.reference, std::iter::once(&one.exchange)));
        first.chain(others).collect()
    }

    /// The last exchange that a command has requested.
    pub fn last(&self) -> Option<Rc<Remembered>> {
        self.kept.borrow().exchanges.iter().rev().find(|remembered| !remembered.aside).cloned()
    }

    /// Every secret of the runs whose exchanges are kept, with its kind.
    pub fn secrets(&self) -> Vec<(&'static str, Secret)> {
        let kept = self.kept.borrow();
        let mut runs: Vec<&Rc<Vec<(&'static str, Secret)>>> = kept.exchanges.iter().map(|one| &one.secrets).collect();
        // The exchanges of one run are adjacent and share their secrets.
        runs.dedup_by(|one, other| Rc::ptr_eq(one, other));
        runs.into_iter().flat_map(|secrets| secrets.iter().cloned()).collect()
    }

    /// A registry and the host of its realm, if the last command did not send credentials there because the user has
    /// not approved it. Returned once.
    pub fn take_untrusted_realm(&self) -> Option<(String, String)> {
        self.kept.borrow_mut().untrusted.take()
    }

    /// Whether the last command advised a login. Returned once.
    pub fn take_login_advice(&self) -> bool {
        std::mem::take(&mut self.kept.borrow_mut().login_advised)
    }

    /// The credential for a registry, if a helper has returned it recently.
    pub(super) fn found(&self, reference: &Reference, sources: &Sources) -> Option<FoundCredential> {
        let kept = self.kept.borrow();
        let mut fresh = kept.found.iter().filter(|(_, _, since, _)| since.elapsed() < FOUND_FOR);
        let key = repository_of(reference);
        fresh.find(|(name, from, ..)| *name == key && from == sources).map(|(.., found)| found.clone())
    }

    /// Keeps the answer of a helper. Files are read again each time, because another program may log in meanwhile.
    pub(super) fn keep_found(&self, reference: &Reference, sources: &Sources, found: &FoundCredential) {
        let has_answered = |step: &TrailStep| match &step.seen {
            Seen::Helper { outcome, .. } => !outcome.is_failure(),
            _ => false,
        };
        if found.trail.steps.iter().any(has_answered) {
            let mut kept = self.kept.borrow_mut();
            let key = repository_of(reference);
            kept.found.retain(|(name, ..)| *name != key);
            kept.found.push_back((key, sources.clone(), Instant::now(), found.clone()));
            let surplus = kept.found.len().saturating_sub(MOST_REPOSITORIES);
            kept.found.drain(..surplus);
        }
    }

    /// Numbers the exchanges of auxiliary requests. Not while a command runs, since it counts on its own.
    pub fn settle(&self) {
        let aside = std::mem::take(&mut self.kept.borrow_mut().aside);
        aside.into_iter().for_each(|(record, secrets)| self.enter(record, secrets, true));
    }

    /// Keeps the exchanges of a finished dialogue.
    pub(super) fn keep(&self, dialogue: &mut Dialogue, settings: &RegistrySettings, aside: bool) {
        let secrets = secrets(settings, dialogue);
        let record = dialogue.take_record();
        if aside {
            self.kept.borrow_mut().aside.push((record, secrets));
        } else {
            self.enter(record, secrets, false);
        }
    }

    fn enter(&self, record: Record, secrets: Vec<(&'static str, Secret)>, aside: bool) {
        let mut kept = self.kept.borrow_mut();
        let Record { reference, simulation, authentication, journal, .. } = record;
        let (credential, secrets) = (authentication.credential, Rc::new(secrets));
        for exchange in journal.into_new() {
            kept.last += 1;
            kept.bytes += size(&exchange);
            let (id, reference, secrets) = (ExchangeId::new(kept.last), reference.clone(), Rc::clone(&secrets));
            let simulation = simulation.clone();
            let remembered = Remembered { id, exchange, reference, aside, simulation, credential, secrets };
            kept.exchanges.push_back(Rc::new(remembered));
        }
        while kept.exchanges.len() > MOST_KEPT || (kept.bytes > MOST_BYTES && kept.exchanges.len() > 1) {
            let Some(oldest) = kept.exchanges.pop_front() else { break };
            kept.bytes -= size(&oldest.exchange);
        }
    }

    /// The lab of a scenario, if it is still running.
    pub(super) fn lab(&self, scenario: &Scenario) -> Option<Rc<Lab>> {
        let kept = self.kept.borrow();
        kept.lab.as_ref().filter(|lab| lab.scenario() == scenario).cloned()
    }

    /// The scenario that was used last.
    pub(super) fn scenario(&self) -> Option<&'static Scenario> {
        self.kept.borrow().lab.as_ref().map(|lab| lab.scenario())
    }

    pub(super) fn keep_lab(&self, lab: &Rc<Lab>) {
        self.kept.borrow_mut().lab = Some(Rc::clone(lab));
    }

    /// The state of the registry of a dialogue.
    pub(super) fn known(
        &self,
        dialogue: &Dialogue,
        settings: &RegistrySettings,
        lab: Option<&Rc<Lab>>,
        (stop, ended): (&watch::Receiver<Option<Stop>>, &Ended),
    ) -> Option<Earlier> {
        let mut kept = self.kept.borrow_mut();
        let place = kept.place(&dialogue.record().reference, settings, lab)?;
        let registry_state = kept.registries.remove(place)?;
        let repository = dialogue.repository();
        let standing = registry_state.standings.iter().find(|(name, _)| name.as_deref() == repository);
        let known = Earlier {
            transport: registry_state.transport.renewed(stop.clone(), ended.clone()),
            base: registry_state.base.clone(),
            standing: standing.map(|(_, standing)| standing.clone()),
        };
        // The most recently used registry is dropped last.
        kept.registries.push_back(registry_state);
        Some(known)
    }

    /// Notes whether the findings of a command advise a login.
    pub(super) fn note_login_advice(&self, findings: &[Finding]) {
        if advises_login(findings) {
            self.kept.borrow_mut().login_advised = true;
        }
    }

    /// Notes whether a run did not send credentials to an untrusted realm.
    pub(super) fn note_untrusted_realm(&self, dialogue: &Dialogue) {
        if let Outcome::RealmNotTrusted(realm) = &dialogue.record().authentication.outcome {
            let pair = (dialogue.record().reference.registry().to_string(), realm.as_str().to_owned());
            self.kept.borrow_mut().untrusted = Some(pair);
        }
    }

    /// Keeps the facts about a registry that a run has found, unless there was no answer: then nothing is known yet,
    /// not even the scheme.
    pub(super) fn learn(
        &self,
        dialogue: &Dialogue,
        settings: &RegistrySettings,
        lab: Option<&Rc<Lab>>,
        stop: &watch::Receiver<Option<Stop>>,
    ) {
        // A recording says nothing about the current state of a registry.
        let Some(transport) = dialogue.transport() else { return };
        let journal = &dialogue.record().journal;
        if journal.iter().all(|(_, exchange)| exchange.response.is_none()) {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        let known =
            kept.place(&dialogue.record().reference, settings, lab).and_then(|place| kept.registries.remove(place));
        let mut registry_state = known.unwrap_or_else(|| RegistryState {
            registry: registry(&dialogue.record().reference),
            settings: settings.of_the_connection(),
            transport: transport.renewed(stop.clone(), Ended::default()),
            lab: lab.cloned(),
            base: dialogue.base().clone(),
            standings: VecDeque::new(),
        });
        registry_state.base = dialogue.base().clone();
        let repository = dialogue.repository().map(str::to_owned);
        registry_state.standings.retain(|(name, _)| *name != repository);
        let authentication = &dialogue.record().authentication;
        if let Some(grant) = dialogue.grant().filter(|_| authentication.outcome != Outcome::Rejected) {
            let ids = [authentication.challenged_by, authentication.token];
            let story = ids.into_iter().flatten().map(|id| (id, journal.get(id).clone())).collect();
            let standing = Standing { grant: grant.clone(), authentication: authentication.clone(), story };
            registry_state.standings.push_back((repository, standing));
        }
        if registry_state.standings.len() > MOST_REPOSITORIES {
            registry_state.standings.pop_front();
        }
        kept.registries.push_back(registry_state);
        if kept.registries.len() > MOST_REGISTRIES {
            kept.registries.pop_front();
        }
    }
}

impl Kept {
    fn place(&self, reference: &Reference, settings: &RegistrySettings, lab: Option<&Rc<Lab>>) -> Option<usize> {
        let (registry, settings) = (registry(reference), settings.of_the_connection());
        let same_lab = |known: Option<&Rc<Lab>>| match (known, lab) {
            (None, None) => true,
            (Some(known), Some(lab)) => Rc::ptr_eq(known, lab),
            _ => false,
        };
        self.registries
            .iter()
            .position(|known| known.registry == registry && known.settings == settings && same_lab(known.lab.as_ref()))
    }
}

/// A registry as it was written, including the scheme if there was one.
fn registry(reference: &Reference) -> String {
    let scheme = reference.scheme().map(|scheme| scheme.as_str()).unwrap_or_default();
    format!("{scheme} {}", reference.registry())
}

fn repository_of(reference: &Reference) -> String {
    format!("{}/{}", reference.registry(), reference.repository())
}

fn size(exchange: &Exchange) -> usize {
    exchange.response.as_ref().map_or(0, |response| response.body.bytes.len())
}

#[cfg(all(test, feature = "lab"))]
mod tests;
