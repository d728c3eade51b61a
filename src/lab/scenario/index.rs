//! Which scenarios there are, and how one is found without reading the others.
//!
//! A run in the lab needs one scenario. The build writes down what finding it takes (`build.rs`), and a file is read
//! when its scenario is wanted for the first time.

use std::sync::{LazyLock, OnceLock};

use super::{NoSuchScenario, Scenario};
use crate::oci::Reference;

/// A file of `scenarios/`, with what finding it takes.
struct Entry {
    /// Its name, without the ending.
    name: &'static str,
    /// `reference` in the file, in which a digest may be left to be filled in (`super::read`).
    reference: &'static str,
    /// The hosts in the file, each with the repositories that it stores.
    hosts: &'static [(&'static str, &'static [&'static str])],
    /// `reference` written in full, as soon as it is asked for.
    canonical: OnceLock<Option<String>>,
    /// What is in the file.
    scenario: LazyLock<Scenario, fn() -> Scenario>,
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

    /// Its reference, written in full.
    fn canonical(&self) -> Option<&str> {
        let written = || if self.reference.contains('{') { &self.scenario.reference } else { self.reference };
        let parsed = || Reference::parse(written()).ok().map(|own| own.to_string());
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
        let stored = |repositories: &[&str]| repositories.contains(&reference.repository());
        let mut hosts = self.hosts.iter().filter(|(_, repositories)| stored(repositories));
        hosts.any(|(host, _)| *host == registry || self.is_at(&registry))
    }
}

/// All scenarios, in the order of their registries and names. Reads every file.
pub fn scenarios() -> impl ExactSizeIterator<Item = &'static Scenario> + Clone {
    ENTRIES.iter().map(|entry| &*entry.scenario)
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
