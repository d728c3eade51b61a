//! Registries that are known by name: where they answer, whose token service they use, what counts as a pull.

use std::sync::LazyLock;

use serde::Deserialize;

/// What is known about one registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownRegistry {
    /// What people call it.
    pub name: String,
    hosts: Vec<String>,
    endpoint: Option<String>,
    #[serde(default)]
    realms: Vec<String>,
    #[serde(default)]
    challenges: bool,
    pulls: Option<Pulls>,
    #[serde(default)]
    masks: bool,
    /// When the entry was last checked, `YYYY-MM-DD`.
    pub checked: String,
    /// Where the facts are from.
    pub source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Pulls {
    Get,
}

impl KnownRegistry {
    /// The host that answers for the registry, where it is not the one in the reference.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Whether it asks everybody for a token first.
    pub fn challenges(&self) -> bool {
        self.challenges
    }

    /// Whether a GET of a manifest is counted as a pull, and a HEAD is not.
    pub fn counts_gets_as_pulls(&self) -> bool {
        self.pulls == Some(Pulls::Get)
    }

    /// Whether what does not exist and what may not be seen get the same answer.
    pub fn masks_existence(&self) -> bool {
        self.masks
    }
}

#[derive(Deserialize)]
struct File {
    registry: Vec<KnownRegistry>,
}

static REGISTRIES: LazyLock<Vec<KnownRegistry>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("registries.toml")).expect("the file is part of the program, and a test reads it");
    file.registry
});

/// What is known about the registry of this host name.
pub fn known_registry(host: &str) -> Option<&'static KnownRegistry> {
    REGISTRIES.iter().find(|registry| registry.hosts.iter().any(|other| other == host))
}

/// Every pair of a registry's host and a host of its own token service: who may receive credentials that are not its
/// own. A realm is trusted for its registry alone.
pub fn realm_pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    REGISTRIES.iter().flat_map(|registry| {
        let realms = registry.realms.iter();
        realms.flat_map(|realm| registry.hosts.iter().map(|host| (host.as_str(), realm.as_str())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read_and_every_entry_is_dated() {
        assert!(REGISTRIES.len() > 4);
        for registry in REGISTRIES.iter() {
            assert!(!registry.source.is_empty() && registry.checked.len() == 10, "{}", registry.name);
            assert!(registry.hosts.iter().all(|host| host == &host.to_ascii_lowercase()));
        }
    }

    #[test]
    fn docker_hub_answers_elsewhere_and_counts_gets() {
        let hub = known_registry("docker.io").unwrap();
        assert_eq!(hub.endpoint(), Some("registry-1.docker.io"));
        assert!(hub.counts_gets_as_pulls() && hub.challenges() && hub.masks_existence());
        assert!(known_registry("docker.io.evil.test").is_none());
    }

    #[test]
    fn a_realm_belongs_to_its_registry_alone() {
        let pairs: Vec<_> = realm_pairs().collect();
        assert!(pairs.contains(&("registry-1.docker.io", "auth.docker.io")));
        assert!(!pairs.contains(&("quay.io", "auth.docker.io")));
    }
}
