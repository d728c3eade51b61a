//! Known registries by host name: their endpoint, their token service, the requests that count as a pull.

use std::sync::LazyLock;

use serde::Deserialize;

/// The known facts about a registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownRegistry {
    /// The name of the registry.
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
    /// The date of the last check of the entry, `YYYY-MM-DD`.
    pub checked: String,
    /// The source of the facts.
    pub source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Pulls {
    Get,
}

impl KnownRegistry {
    /// The host that answers for the registry, if it is not the one in the reference.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Returns whether it requires a token from all clients.
    pub fn challenges(&self) -> bool {
        self.challenges
    }

    /// Returns whether a GET of a manifest counts as a pull, and a HEAD does not.
    pub fn counts_gets_as_pulls(&self) -> bool {
        self.pulls == Some(Pulls::Get)
    }

    /// Returns whether missing and inaccessible repositories get the same answer.
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

/// The known facts about the registry of a host name.
pub fn known_registry(host: &str) -> Option<&'static KnownRegistry> {
    REGISTRIES.iter().find(|registry| registry.hosts.iter().any(|other| other == host))
}

/// Every pair of a registry's host and a host of its own token service, which may receive credentials although it is
/// another host. A realm is trusted only for its registry.
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
    fn every_entry_is_valid_and_dated() {
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
    fn realm_is_trusted_for_its_registry_alone() {
        let pairs: Vec<_> = realm_pairs().collect();
        assert!(pairs.contains(&("registry-1.docker.io", "auth.docker.io")));
        assert!(!pairs.contains(&("quay.io", "auth.docker.io")));
    }
}
