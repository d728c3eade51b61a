//! The logins given in a session. Each belongs to one registry and is sent to no other.

use crate::auth::Credentials;
use crate::oci::Host;
use crate::text::Secret;

/// The logins given by the user, each for one registry. All names of Docker Hub are one registry; other registries are
/// the same if host and port are equal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logins {
    given: Vec<(Host, Credentials)>,
    /// A login that was given before any registry was named. It belongs to the first one that is.
    waiting: Option<Credentials>,
}

impl Logins {
    /// Keeps a login for a registry, replacing an earlier one.
    pub fn keep(&mut self, registry: &Host, credentials: Credentials) {
        self.forget(registry);
        self.given.push((registry.canonical(), credentials));
    }

    /// Keeps a login for the first registry that is named. Until then it is sent nowhere.
    pub fn keep_for_first(&mut self, credentials: Credentials) {
        self.waiting = Some(credentials);
    }

    /// Binds the login without a registry to this one. Returns whether there was one.
    pub fn bind(&mut self, registry: &Host) -> bool {
        match self.waiting.take() {
            Some(credentials) => {
                self.keep(registry, credentials);
                true
            }
            None => false,
        }
    }

    /// Forgets the login for a registry. Returns whether there was one.
    pub fn forget(&mut self, registry: &Host) -> bool {
        let (registry, before) = (registry.canonical(), self.given.len());
        self.given.retain(|(host, _)| *host != registry);
        self.given.len() < before
    }

    /// The login for a registry.
    pub fn get(&self, registry: &Host) -> Option<&Credentials> {
        let registry = registry.canonical();
        self.given.iter().find(|(host, _)| *host == registry).map(|(_, credentials)| credentials)
    }

    /// The login that is not bound to a registry yet.
    pub fn waiting(&self) -> Option<&Credentials> {
        self.waiting.as_ref()
    }

    /// The registries that have a login, in the order in which those were given.
    pub fn registries(&self) -> impl Iterator<Item = &Host> {
        self.given.iter().map(|(host, _)| host)
    }

    /// Whether there are no logins.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.waiting.is_none()
    }

    /// Every user name.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.all().filter_map(|credentials| match credentials {
            Credentials::Password { username, .. } => Some(username.reveal()),
            _ => None,
        })
    }

    /// Every secret with its kind, to be kept out of every output.
    pub fn secrets(&self) -> Vec<(&'static str, Secret)> {
        self.all().flat_map(Credentials::secrets).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Credentials> {
        self.given.iter().map(|(_, credentials)| credentials).chain(&self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        text.parse().unwrap()
    }

    fn login(username: &str) -> Credentials {
        Credentials::Password { username: Secret::new(username), password: Secret::new("a password") }
    }

    fn users(logins: &Logins, registry: &str) -> bool {
        logins.get(&host(registry)).is_some()
    }

    #[test]
    fn login_is_for_one_host_and_port() {
        let mut logins = Logins::default();
        logins.keep(&host("R.example.com:5000"), login("alice"));
        assert!(users(&logins, "r.example.com:5000"));
        for other in
            ["r.example.com", "r.example.com:5001", "sub.r.example.com:5000", "r.example.co:5000", "[::1]:5000"]
        {
            assert!(!users(&logins, other), "{other}");
        }
    }

    #[test]
    fn docker_hub_is_one_registry_under_all_its_names() {
        for given in ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"] {
            let mut logins = Logins::default();
            logins.keep(&host(given), login("alice"));
            for asked in ["docker.io", "index.docker.io", "Registry-1.Docker.io"] {
                assert!(users(&logins, asked), "{given}, {asked}");
            }
            assert!(!users(&logins, "docker.io:5000") && !users(&logins, "auth.docker.io"), "{given}");
            assert!(logins.forget(&host("index.docker.io")) && !logins.forget(&host("docker.io")), "{given}");
        }
    }

    #[test]
    fn second_login_replaces_the_first() {
        let mut logins = Logins::default();
        logins.keep(&host("a.example"), login("alice"));
        logins.keep(&host("b.example"), login("bob"));
        logins.keep(&host("a.example"), login("carol"));
        assert_eq!(logins.get(&host("a.example")), Some(&login("carol")));
        assert_eq!(logins.registries().collect::<Vec<_>>(), [&host("b.example"), &host("a.example")]);
        assert_eq!(logins.users().collect::<Vec<_>>(), ["bob", "carol"]);
    }

    #[test]
    fn login_without_a_registry_belongs_to_the_first_that_is_named() {
        let mut logins = Logins::default();
        logins.keep_for_first(login("alice"));
        assert!(!users(&logins, "a.example") && !logins.secrets().is_empty());
        assert!(logins.bind(&host("a.example")) && !logins.bind(&host("b.example")));
        assert!(users(&logins, "a.example") && !users(&logins, "b.example"));
    }
}
