//! Matches the key of a credential entry with a registry, by the rules of the client that reads the file.
//!
//! - Docker (docker/cli, `configfile` and `credentials`): the key is the host with its port, exactly; for Docker Hub it is
//!   `https://index.docker.io/v1/` and nothing else. Failing that, keys are stripped of their scheme and of everything
//!   after the host.
//! - Podman and its relatives (containers-auth.json(5)): `HOST/REPOSITORY` before `HOST/NAMESPACE` before `HOST`; Docker
//!   Hub is `docker.io`, `index.docker.io` or `registry-1.docker.io`.
//! - The kubelet (`credentialprovider`): `/v1/` and `/v2/` mean the host, any other path is a prefix of the repository;
//!   Docker Hub is `index.docker.io` or `docker.io`.
//!
//! Prefixes end at a path component: `r.test/team` does not match `r.test/team-x` (kubernetes#102472). Hosts are compared
//! without regard to case and a trailing dot, ports exactly.

use crate::evidence::{NearMiss, Reader};
use crate::oci::Reference;

/// The key of Docker Hub in files that Docker writes.
pub(super) const HUB_KEY: &str = "https://index.docker.io/v1/";

/// The match of a key with a registry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It matches the registry. Of several, the highest rank counts.
    Fits(usize),
    /// It is similar to a match.
    Near(NearMiss),
    /// It belongs to another registry.
    Other,
}

/// The match of a key in `auths` with the registry of a reference.
pub(super) fn fit(key: &str, reader: Reader, reference: &Reference) -> Fit {
    let registry = reference.registry();
    let asked = Parts { scheme: false, host: registry.to_string().to_ascii_lowercase(), path: String::new() };
    let plain: String = key.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let parts = Parts::of(&plain);
    let fits = if registry.is_docker_hub() {
        fit_of_hub(key, &parts, reader, reference)
    } else if parts.host == asked.host {
        let exact = key.trim_end_matches('.').eq_ignore_ascii_case(&asked.host);
        fit_of_path(&parts, reader, reference, if exact { 9 } else { 5 })
    } else {
        related(&parts.host, &asked.host)
    };
    match fits {
        Fit::Fits(_) if plain != key => Fit::Near(NearMiss::Blank),
        fits => fits,
    }
}

/// The match of a key in `credHelpers`, which has to be the exact name.
pub(super) fn fit_of_helper(key: &str, reader: Reader, reference: &Reference) -> Fit {
    let name = server_name(reader, reference);
    match fit(key, reader, reference) {
        _ if key == name => Fit::Fits(1),
        Fit::Fits(_) => Fit::Near(NearMiss::NotPlain(name)),
        fit => fit,
    }
}

/// The server name under which a helper knows a registry.
pub(super) fn server_name(reader: Reader, reference: &Reference) -> String {
    let registry = reference.registry();
    if registry.is_docker_hub() && reader == Reader::Docker { HUB_KEY.to_owned() } else { registry.to_string() }
}

fn fit_of_hub(key: &str, parts: &Parts, reader: Reader, reference: &Reference) -> Fit {
    const NAMES: [&str; 5] =
        ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"];
    let Some(name) = NAMES.iter().position(|&name| name == parts.host) else { return Fit::Other };
    match reader {
        Reader::Docker if key == HUB_KEY => Fit::Fits(9),
        Reader::Docker => Fit::Near(NearMiss::HubAlias(HUB_KEY.into())),
        Reader::Containers if name < 3 => fit_of_path(parts, reader, reference, 9 - name),
        Reader::Containers => Fit::Near(NearMiss::HubAlias("docker.io".into())),
        Reader::Kubelet if name < 2 => fit_of_path(parts, reader, reference, 9 - name),
        Reader::Kubelet => Fit::Near(NearMiss::HubAlias(HUB_KEY.into())),
    }
}

/// The match of a key whose host is right, by the path after it.
fn fit_of_path(parts: &Parts, reader: Reader, reference: &Reference, exact: usize) -> Fit {
    let is_api = matches!(parts.path.as_str(), "" | "v1" | "v2");
    if is_api || (parts.scheme && reader != Reader::Kubelet) {
        return Fit::Fits(exact);
    }
    let mut asked = reference.repository().split('/');
    let components: Vec<_> = parts.path.split('/').collect();
    let is_prefix = components.iter().all(|component| asked.next() == Some(component));
    match reader {
        _ if !is_prefix => Fit::Near(NearMiss::Repository),
        // Docker knows no repositories in keys. It matches this one because it strips the path.
        Reader::Docker => Fit::Fits(4),
        Reader::Containers | Reader::Kubelet => Fit::Fits(10 + components.len()),
    }
}

/// A near miss, if another host looks as if this one was meant.
fn related(other: &str, asked: &str) -> Fit {
    /// Services with a host for each account or region.
    const SERVICES: [&str; 3] = [".amazonaws.com", "-docker.pkg.dev", ".gcr.io"];
    let (other_name, asked_name) = (without_port(other), without_port(asked));
    let is_below = |name: &str, domain: &str| {
        domain.contains('.') && name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
    };
    let of_service = |name: &str, service: &str| {
        (name.ends_with(service) || service.strip_prefix('.').is_some_and(|top| top == name))
            && (service != ".amazonaws.com" || name.contains(".dkr.ecr."))
    };
    if other_name == asked_name {
        Fit::Near(NearMiss::Port)
    } else if SERVICES.iter().any(|service| of_service(other_name, service) && of_service(asked_name, service)) {
        Fit::Near(NearMiss::SameService)
    } else if is_below(other_name, asked_name) || is_below(asked_name, other_name) {
        Fit::Near(NearMiss::Domain)
    } else {
        Fit::Other
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The parts of a key.
struct Parts {
    scheme: bool,
    /// Host and port in lower case, without a trailing dot.
    host: String,
    /// The path after the host, without slashes at its ends.
    path: String,
}

impl Parts {
    fn of(key: &str) -> Self {
        let (scheme, rest) = match key.split_once("://") {
            Some((scheme, rest)) if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
                (true, rest)
            }
            _ => (false, key),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.to_ascii_lowercase();
        let name = without_port(&host);
        let host = format!("{}{}", name.trim_end_matches('.'), &host[name.len()..]);
        Self { scheme, host, path: path.trim_matches('/').to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reader::{Containers, Docker, Kubelet};

    fn of(key: &str, reader: Reader, reference: &str) -> Fit {
        fit(key, reader, &Reference::parse(reference).unwrap())
    }

    fn near(key: &str, reader: Reader, reference: &str) -> NearMiss {
        match of(key, reader, reference) {
            Fit::Near(miss) => miss,
            other => panic!("{key} for {reference}: {other:?}"),
        }
    }

    fn rank(key: &str, reader: Reader, reference: &str) -> usize {
        match of(key, reader, reference) {
            Fit::Fits(rank) => rank,
            other => panic!("{key} for {reference}: {other:?}"),
        }
    }

    /// Case F02: exact, except for the case of the host and a trailing dot.
    #[test]
    fn a_host_is_a_host_with_its_port() {
        for reader in [Docker, Containers, Kubelet] {
            for key in ["r.test", "R.TEST", "r.test.", "https://r.test", "http://r.test/v2/", "r.test/v1/", "r.test/"] {
                rank(key, reader, "r.test/a");
            }
            assert_eq!(near("r.test", reader, "r.test:5000/a"), NearMiss::Port);
            assert_eq!(near("r.test:5000", reader, "r.test/a"), NearMiss::Port);
            assert_eq!(near("r.test:443", reader, "r.test/a"), NearMiss::Port);
            for key in ["r.test.evil.test", "evil-r.test", "other.test", "", "https://", "[", ":5000", "[::1]"] {
                assert_eq!(of(key, reader, "r.test/a"), Fit::Other, "{key}");
            }
            rank("[::1]:5000", reader, "[::1]:5000/a");
            assert!(rank("r.test", reader, "r.test/a") > rank("https://r.test/v2/", reader, "r.test/a"));
        }
    }

    /// Case F01: one registry with several names, and clients that disagree about them.
    #[test]
    fn docker_hub_has_one_key_for_docker_and_three_for_podman() {
        rank("https://index.docker.io/v1/", Docker, "alpine");
        for key in ["docker.io", "index.docker.io", "https://index.docker.io/v1", "registry-1.docker.io"] {
            assert_eq!(near(key, Docker, "alpine"), NearMiss::HubAlias(HUB_KEY.into()), "{key}");
        }
        let order = ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"];
        let ranks = order.map(|key| rank(key, Containers, "alpine"));
        assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
        assert_eq!(near("hub.docker.com", Containers, "alpine"), NearMiss::HubAlias("docker.io".into()));
        rank("https://index.docker.io/v1/", Kubelet, "alpine");
        assert_eq!(near("registry-1.docker.io", Kubelet, "alpine"), NearMiss::HubAlias(HUB_KEY.into()));
    }

    /// Case F03: the longest prefix that ends at a component (containers-auth.json(5)).
    #[test]
    fn a_repository_in_a_key_is_a_prefix_in_components() {
        for reader in [Containers, Kubelet] {
            let ranks = ["r.test/team/a", "r.test/team", "r.test"].map(|key| rank(key, reader, "r.test/team/a:1"));
            assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
            for key in ["r.test/team", "r.test/team-x"] {
                assert_eq!(near(key, reader, "r.test/team-xyz/a"), NearMiss::Repository, "{key}");
            }
        }
        assert!(rank("r.test/team", Docker, "r.test/team/a") < rank("r.test", Docker, "r.test/team/a"));
        rank("docker.io/library", Containers, "alpine");
        rank("docker.io/library", Kubelet, "alpine");
    }

    /// Case F04.
    #[test]
    fn what_looks_like_a_key_is_named() {
        assert_eq!(near(" r.test", Docker, "r.test/a"), NearMiss::Blank);
        assert_eq!(near("r.test\u{0}", Docker, "r.test/a"), NearMiss::Blank);
        assert_eq!(near("r.test\u{1b}", Docker, "r.test/a"), NearMiss::Blank);
        assert_eq!(near("gitlab.com", Docker, "registry.gitlab.com/a/b"), NearMiss::Domain);
        assert_eq!(near("eu.gcr.io", Docker, "gcr.io/a/b"), NearMiss::SameService);
        assert_eq!(near("us-docker.pkg.dev", Docker, "europe-docker.pkg.dev/a/b/c"), NearMiss::SameService);
        let ecr = |region: &str| format!("1234.dkr.ecr.{region}.amazonaws.com");
        let asked = format!("{}/a", ecr("eu-west-1"));
        assert_eq!(near(&ecr("us-east-1"), Docker, &asked), NearMiss::SameService);
        assert_eq!(of("com", Docker, "r.com/a"), Fit::Other);
    }

    #[test]
    fn helper_is_found_by_the_plain_name_only() {
        let of = |key: &str, reader, reference: &str| fit_of_helper(key, reader, &Reference::parse(reference).unwrap());
        assert_eq!(of("gcr.io", Docker, "gcr.io/a/b"), Fit::Fits(1));
        assert_eq!(of("https://gcr.io", Docker, "gcr.io/a/b"), Fit::Near(NearMiss::NotPlain("gcr.io".to_owned())));
        assert_eq!(of(HUB_KEY, Docker, "alpine"), Fit::Fits(1));
        assert_eq!(of("docker.io", Docker, "alpine"), Fit::Near(NearMiss::HubAlias(HUB_KEY.into())));
        assert_eq!(of("docker.io", Containers, "alpine"), Fit::Fits(1));
        assert_eq!(of("quay.io", Docker, "gcr.io/a/b"), Fit::Other);
    }

    proptest::proptest! {
        #[test]
        fn matching_never_panics(key in "\\PC{0,40}|(https?://)?[a-z.:\\[\\]0-9]{0,20}(/[a-z/]{0,10})?") {
            for reader in [Docker, Containers, Kubelet] {
                let _ = of(&key, reader, "r.test:5000/team/a");
                let _ = of(&key, reader, "alpine");
            }
        }
    }
}
