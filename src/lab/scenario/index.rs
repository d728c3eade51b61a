//! The index of scenarios, which finds one without parsing the others.
//!
//! A run in the lab needs one scenario. The build extracts the keys for the lookup (`build.rs`), and a file is parsed
//! when its scenario is first used.

use std::sync::{LazyLock, OnceLock};

use super::{NoSuchScenario, Scenario};
use crate::oci::Reference;

/// A file of `scenarios/`, with the keys for the lookup.
struct Entry {
    /// The name, without the extension.
    name: &'static str,
    /// `reference` in the file, possibly with a placeholder for a digest (`super::read`).
    reference: &'static str,
    /// The hosts in the file, each with its repositories.
    hosts: &'static [(&'static str, &'static [&'static str])],
    /// The normalized `reference`, computed on first use.
    canonical: OnceLock<Option<String>>,
    /// The parsed file.
    scenario: LazyLock<Scenario, fn() -> Scenario>,
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

    /// The normalized reference.
    fn canonical(&self) -> Option<&str> {
        let written = || if self.reference.contains('{') { &self.scenario.reference } else { self.reference };
        let parsed = || Reference::parse(written()).ok().map(|own| own.to_string());
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
        let stored = |repositories: &[&str]| repositories.contains(&reference.repository());
        let mut hosts = self.hosts.iter().filter(|(_, repositories)| stored(repositories));
        hosts.any(|(host, _)| *host == registry || self.is_at(&registry))
    }
}

/// All scenarios, sorted by registry and name. Parses every file.
pub fn scenarios() -> impl ExactSizeIterator<Item = &'static Scenario> + Clone {
    ENTRIES.iter().map(|entry| &*entry.scenario)
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
