//! Host names of public registries, in addition to those with further facts.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{known_registry, realm_pairs};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    suffixes: Vec<String>,
    /// A further part of a name that ends with a suffix.
    infix: Option<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    checked: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people, and by a test"))]
    source: String,
}

#[derive(Deserialize)]
struct File {
    service: Vec<Service>,
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("public_hosts.toml"))
        .expect("the file is part of the program, and a test reads it");
    file.service
});

/// Returns whether a host name is that of a public registry, which always speaks TLS and has a certificate of a public
/// authority, whatever address its name resolves to here.
pub fn is_public_registry(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let has = |service: &Service| {
        let infix = service.infix.as_deref().unwrap_or_default();
        let of_a_customer =
            service.suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()) && host.contains(infix));
        of_a_customer || service.hosts.contains(&host)
    };
    known_registry(&host).is_some() || SERVICES.iter().any(has)
}

/// Returns whether a host name is shared by all clients, so that it reveals nothing about a client: a registry or its
/// token service without a part for each customer, or a reserved name (RFC 2606, RFC 6761).
pub fn is_everybodys(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_example = ["example.com", "example.org", "example.net", "localhost"].contains(&host.as_str());
    is_example
        || known_registry(&host).is_some()
        || realm_pairs().any(|(_, realm)| realm == host)
        || SERVICES.iter().any(|service| service.hosts.contains(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_valid_and_dated() {
        assert!(SERVICES.iter().all(|service| service.checked.len() == 10 && !service.source.is_empty()));
    }

    #[test]
    fn host_name_with_a_customer_part_is_not_shared() {
        for host in ["ghcr.io", "docker.io", "auth.docker.io", "registry-1.docker.io", "localhost", "gcr.io"] {
            assert!(is_everybodys(host), "{host}");
        }
        for host in ["acme.azurecr.io", "1.dkr.ecr.eu-west-1.amazonaws.com", "acme.jfrog.io", "r.acme.example"] {
            assert!(!is_everybodys(host), "{host}");
        }
    }

    #[test]
    fn host_name_is_public_as_a_whole_or_by_its_suffix() {
        for host in ["gcr.io", "eu.gcr.io", "us-docker.pkg.dev", "acme.azurecr.io", "quay.io", "ghcr.io"] {
            assert!(is_public_registry(host), "{host}");
        }
        assert!(is_public_registry("1.dkr.ecr.eu-west-1.amazonaws.com"));
        for host in ["internal-a.eu-west-1.elb.amazonaws.com", "gcr.io.lan", "notgcr.io", "registry.example.com"] {
            assert!(!is_public_registry(host), "{host}");
        }
    }
}
