//! Which scenarios there are, and how one is found without reading the others.
//!
//! A run in the lab needs one scenario. The build writes down what finding it takes (`build.rs`), and a file is read
//! when its scenario is wanted for the first time.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::{NoSuchScenario, Scenario, command, typed_password};
use crate::oci::Reference;

/// A file of `scenarios/`, with what finding and listing it takes.
struct Entry {
    /// `registry` in the file.
    registry: &'static str,
    /// Its name, without the ending.
    name: &'static str,
    /// `title` in the file.
    title: &'static str,
    /// `reference` in the file, in which a digest may be left to be filled in (`super::read`).
    reference: &'static str,
    /// `options` in the file.
    options: &'static [&'static str],
    /// `password` in the file.
    password: Option<&'static str>,
    /// The hosts in the file.
    hosts: &'static [EntryHost],
    /// `reference` written in full, as soon as it is asked for.
    canonical: OnceLock<Option<String>>,
    /// What is in the file.
    scenario: LazyLock<Scenario, fn() -> Scenario>,
}

/// A host in a file.
struct EntryHost {
    name: &'static str,
    /// The repositories that it stores.
    repositories: &'static [&'static str],
    /// Its accounts: names and passwords.
    accounts: &'static [(&'static str, &'static str)],
}

/// A scenario as a list shows it. Its file is not read for that, unless a digest in its reference has to be made.
#[derive(Clone, Copy)]
pub struct Summary(&'static Entry);

impl Summary {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it shows, in one line.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// The registry, as people call it.
    pub fn registry(self) -> &'static str {
        self.0.registry
    }

    /// The command that shows it, as [`Scenario::command`].
    pub fn command(self) -> String {
        let Entry { name, options, password, hosts, .. } = self.0;
        let accounts = || hosts.iter().flat_map(|host| host.accounts);
        let of_account = |wanted: &str| accounts().find(|(name, _)| *name == wanted).map(|(_, password)| *password);
        let password = typed_password(options, *password, of_account);
        let by_reference = self.0.canonical().is_some_and(|canonical| is_found_by(canonical, name));
        command("probe", (!by_reference).then_some(*name), options, self.0.filled(), password)
    }

    /// All of it.
    pub fn scenario(self) -> &'static Scenario {
        &self.0.scenario
    }
}

/// Reads a file of `scenarios/`.
fn read(name: &'static str, text: &'static str) -> Scenario {
    let mut scenario = super::read(text)
        .unwrap_or_else(|error| panic!("{name}, which is part of the program and read by a test: {error}"));
    name.clone_into(&mut scenario.name);
    scenario
}

// `ENTRIES`, in the order of their registries and names.
include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

impl Entry {
    /// Whether it is about an image. A name is in every text that it can be parsed from, so most files are ruled out
    /// without a digest that would have to be made first.
    fn is_about(&self, reference: &Reference) -> bool {
        let name = reference.repository().rsplit('/').next().unwrap_or_default();
        self.reference.contains(name) && self.canonical().is_some_and(|own| own == reference.to_string())
    }

    /// Its reference with its digest filled in.
    fn filled(&self) -> &str {
        if self.reference.contains('{') { &self.scenario.reference } else { self.reference }
    }

    /// Its reference, written in full.
    fn canonical(&self) -> Option<&str> {
        let parsed = || Reference::parse(self.filled()).ok().map(|own| own.to_string());
        self.canonical.get_or_init(parsed).as_deref()
    }

    /// Whether the image that it is about is at this registry.
    fn is_at(&self, registry: &str) -> bool {
        let name = self.reference.split(['@', '{']).next().unwrap_or_default().trim_end_matches(':');
        Reference::parse(name).is_ok_and(|own| own.registry().to_string() == registry)
    }

    /// Whether it has a host that stores images under the name of this one.
    fn stores(&self, reference: &Reference) -> bool {
        let registry = reference.registry().to_string();
        let stores = |host: &&EntryHost| host.repositories.contains(&reference.repository());
        let mut hosts = self.hosts.iter().filter(stores);
        hosts.any(|host| host.name == registry || self.is_at(&registry))
    }
}

/// All scenarios, in the order of their registries and names. Reads every file.
pub fn scenarios() -> impl ExactSizeIterator<Item = &'static Scenario> + Clone {
    ENTRIES.iter().map(|entry| &*entry.scenario)
}

/// All scenarios as a list shows them, in the same order.
pub fn summaries() -> impl ExactSizeIterator<Item = Summary> + Clone {
    ENTRIES.iter().map(Summary)
}

/// Whether an image, written in full, leads to the scenario of this name: to the first that is about it
/// ([`scenario_for`]).
pub(super) fn is_found_by(canonical: &str, name: &str) -> bool {
    static FIRST: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let about = ENTRIES.iter().rev().filter_map(|entry| Some((entry.canonical()?, entry.name)));
        about.collect()
    });
    FIRST.get(canonical) == Some(&name)
}

/// The names of all scenarios, in the same order. Reads no file.
pub fn scenario_names() -> impl ExactSizeIterator<Item = &'static str> + Clone {
    ENTRIES.iter().map(|entry| entry.name)
}

/// How alike two names must be for the one to be offered for the other.
const ALIKE: f64 = 0.75;

/// The scenario of this name.
///
/// # Errors
/// Where there is none; the nearest names are in the error.
pub fn scenario(name: &str) -> Result<&'static Scenario, NoSuchScenario> {
    if let Some(found) = ENTRIES.iter().find(|entry| entry.name == name) {
        return Ok(&found.scenario);
    }
    let alike = |candidate: &&'static str| strsim::jaro_winkler(candidate, name);
    let mut nearest: Vec<_> = scenario_names().filter(|candidate| alike(candidate) > ALIKE).collect();
    nearest.sort_by(|one, other| alike(other).total_cmp(&alike(one)));
    nearest.truncate(3);
    Err(NoSuchScenario { name: name.to_owned(), nearest })
}

/// The scenario that an image is in: the one that is about it, or else the first whose registry stores it, or else the
/// first with that registry.
pub fn scenario_for(reference: &Reference) -> Option<&'static Scenario> {
    let registry = reference.registry().to_string();
    let first = |is_it: &dyn Fn(&Entry) -> bool| ENTRIES.iter().find(|entry| is_it(entry));
    let found = first(&|entry| entry.is_about(reference))
        .or_else(|| first(&|entry| entry.stores(reference)))
        .or_else(|| first(&|entry| entry.is_at(&registry)));
    found.map(|entry| &*entry.scenario)
}
