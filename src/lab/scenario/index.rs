//! The index of scenarios, which finds one without parsing the others.
//!
//! A run in the lab needs one scenario. The build extracts the keys for the lookup (`build.rs`), and a file is parsed
//! when its scenario is first used.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::{NoSuchScenario, Scenario, command, input_password};
use crate::oci::Reference;

/// A file of `scenarios/`, with the keys for the lookup and the fields for a list.
struct Entry {
    /// `registry` in the file.
    registry: &'static str,
    /// The name, without the extension.
    name: &'static str,
    /// `title` in the file.
    title: &'static str,
    /// `reference` in the file, possibly with a placeholder for a digest (`super::read`).
    reference: &'static str,
    /// `options` in the file.
    options: &'static [&'static str],
    /// `password` in the file.
    password: Option<&'static str>,
    /// The hosts in the file.
    hosts: &'static [EntryHost],
    /// The normalized `reference`, computed on first use.
    canonical: OnceLock<Option<String>>,
    /// The parsed file.
    scenario: LazyLock<Scenario, fn() -> Scenario>,
}

/// A host in a file.
struct EntryHost {
    name: &'static str,
    /// Its repositories.
    repositories: &'static [&'static str],
    /// Its accounts: names and passwords.
    accounts: &'static [(&'static str, &'static str)],
}

/// The summary of a scenario for a list. Its file is not parsed for it, unless its reference has a placeholder for a digest.
#[derive(Clone, Copy)]
pub struct Summary(&'static Entry);

impl Summary {
    /// The name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The title, one line.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// The registry, as people call it.
    pub fn registry(self) -> &'static str {
        self.0.registry
    }

    /// The shell command that shows the scenario, as [`Scenario::command`].
    pub fn command(self) -> String {
        let Entry { name, options, password, hosts, .. } = self.0;
        let accounts = || hosts.iter().flat_map(|host| host.accounts);
        let of_account = |wanted: &str| accounts().find(|(name, _)| *name == wanted).map(|(_, password)| *password);
        let password = input_password(options, *password, of_account);
        let by_reference = self.0.canonical().is_some_and(|canonical| is_found_by(canonical, name));
        command("probe", (!by_reference).then_some(*name), options, self.0.filled(), password)
    }

    /// The scenario, for which its file is parsed.
    pub fn scenario(self) -> &'static Scenario {
        &self.0.scenario
    }
}

/// Parses a file of `scenarios/`.
fn read(name: &'static str, text: &'static str) -> Scenario {
    let mut scenario = super::read(text)
        .unwrap_or_else(|error| panic!("{name}, which is part of the program and read by a test: {error}"));
    name.clone_into(&mut scenario.name);
    scenario
}

// `ENTRIES`, sorted by registry and name.
include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

impl Entry {
    /// Returns whether the scenario is about an image. It compares the repository name first, which rules out most
    /// files without computing a digest.
    fn is_about(&self, reference: &Reference) -> bool {
        let name = reference.repository().rsplit('/').next().unwrap_or_default();
        self.reference.contains(name) && self.canonical().is_some_and(|own| own == reference.to_string())
    }

    /// The reference with its digest.
    fn filled(&self) -> &str {
        if self.reference.contains('{') { &self.scenario.reference } else { self.reference }
    }

    /// The normalized reference.
    fn canonical(&self) -> Option<&str> {
        let parsed = || Reference::parse(self.filled()).ok().map(|own| own.to_string());
        self.canonical.get_or_init(parsed).as_deref()
    }

    /// Returns whether the scenario's image is in this registry.
    fn is_at(&self, registry: &str) -> bool {
        let name = self.reference.split(['@', '{']).next().unwrap_or_default().trim_end_matches(':');
        Reference::parse(name).is_ok_and(|own| own.registry().to_string() == registry)
    }

    /// Returns whether one of the hosts has the repository of this image.
    fn stores(&self, reference: &Reference) -> bool {
        let registry = reference.registry().to_string();
        let stores = |host: &&EntryHost| host.repositories.contains(&reference.repository());
        let mut hosts = self.hosts.iter().filter(stores);
        hosts.any(|host| host.name == registry || self.is_at(&registry))
    }
}

/// All scenarios, sorted by registry and name. Parses every file.
pub fn scenarios() -> impl ExactSizeIterator<Item = &'static Scenario> + Clone {
    ENTRIES.iter().map(|entry| &*entry.scenario)
}

/// The summaries of all scenarios, in the order of [`scenarios`].
pub fn summaries() -> impl ExactSizeIterator<Item = Summary> + Clone {
    ENTRIES.iter().map(Summary)
}

/// Returns whether this normalized reference selects the scenario of this name: the first one with it ([`scenario_for`]).
pub(super) fn is_found_by(canonical: &str, name: &str) -> bool {
    static FIRST: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let about = ENTRIES.iter().rev().filter_map(|entry| Some((entry.canonical()?, entry.name)));
        about.collect()
    });
    FIRST.get(canonical) == Some(&name)
}

/// The names of all scenarios, in the order of [`scenarios`]. Parses no file.
pub fn scenario_names() -> impl ExactSizeIterator<Item = &'static str> + Clone {
    ENTRIES.iter().map(|entry| entry.name)
}

/// The similarity from which a name is suggested for another.
const ALIKE: f64 = 0.75;

/// Returns the scenario with this name.
///
/// # Errors
/// If there is none; the error has the nearest names.
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

/// Returns the scenario for an image: the one that is about it, or else the first whose registry stores it, or else the
/// first with that registry.
pub fn scenario_for(reference: &Reference) -> Option<&'static Scenario> {
    let registry = reference.registry().to_string();
    let first = |is_it: &dyn Fn(&Entry) -> bool| ENTRIES.iter().find(|entry| is_it(entry));
    let found = first(&|entry| entry.is_about(reference))
        .or_else(|| first(&|entry| entry.stores(reference)))
        .or_else(|| first(&|entry| entry.is_at(&registry)));
    found.map(|entry| &*entry.scenario)
}
