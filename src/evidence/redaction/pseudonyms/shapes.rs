//! Recognizes words by shape: names of hosts, accounts and machines.

use crate::knowledge::is_everybodys;

/// Public hosts of documentation and of storage, which occur in our own texts.
const FAMOUS: [&str; 34] = [
    "access.redhat.com",
    "aka.ms",
    "amazonaws.com",
    "cdn02.quay.io",
    "cloud.google.com",
    "developers.cloudflare.com",
    "distribution.github.io",
    "docker.com",
    "docs.aws.amazon.com",
    "docs.docker.com",
    "docs.gitea.com",
    "docs.github.com",
    "docs.gitlab.com",
    "errors.edgesuite.net",
    "gallery.ecr.aws",
    "gitea.com",
    "github.com",
    "gitlab.com",
    "go.dev",
    "googleapis.com",
    "hub.docker.com",
    "in-toto.io",
    "kubernetes.io",
    "learn.microsoft.com",
    "mobyproject.org",
    "nginx.org",
    "opencontainers.org",
    "pkg-containers.githubusercontent.com",
    "production.cloudflare.docker.com",
    "production.cloudfront.docker.com",
    "slsa.dev",
    "spdx.dev",
    "storage.googleapis.com",
    "www.w3.org",
];

/// Endings of host names. Those that are more often a file extension (`sh`, `rs`, `py`, `md`) are not among them: such
/// a host is recognized by its position.
const ENDINGS: &str = "com net org edu gov mil int io dev app cloud ai co info biz tech online site page eu de uk fr nl ch at \
    it es se no fi dk cz ru ua jp cn kr tw hk sg au nz ca us br mx ar cl za ie be pt gr tr il hu ro bg lt lv ee lu li \
    test example invalid corp lan local internal intranet home private localdomain svc arpa";

/// The beginnings of reverse domain names, such as the keys of annotations: `org.opencontainers.image.title`.
const REVERSED: [&str; 9] = ["com", "org", "net", "io", "edu", "gov", "dev", "sh", "vnd"];

/// Whether a word, in lower case, is the name of a non-public host. `is_placed` means that its position is one where
/// only hosts occur: after the slashes of an address, or before a port.
pub(super) fn is_private_host(name: &str, is_placed: bool) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && label.len() <= 63 && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else { return false };
    let is_name = labels.iter().all(is_label) && !last.bytes().all(|byte| byte.is_ascii_digit());
    if !is_name || is_everybodys(name) || FAMOUS.contains(&name) || is_pseudonym(name) {
        return false;
    }
    let is_known_ending = ENDINGS.split_whitespace().any(|ending| ending == *last);
    let is_written_from_its_end = REVERSED.contains(first);
    is_placed || (labels.len() > 1 && is_known_ending && !is_written_from_its_end) || is_made_of_an_address(name)
}

/// Whether a word is already a pseudonym.
fn is_pseudonym(name: &str) -> bool {
    let letters = name.trim_end_matches(|character: char| character.is_ascii_digit());
    letters.len() < name.len() && ["host", "user", "name", "ipv4-", "ipv6-", "account"].contains(&letters)
}

/// `ip-10-20-30-40`, `ec2-3-120-1-2.compute.example`: a word and then four numbers of an address.
fn is_made_of_an_address(name: &str) -> bool {
    let label = name.split('.').next().unwrap_or_default();
    let parts: Vec<&str> = label.split('-').collect();
    let is_word = |part: &&str| part.starts_with(|c: char| c.is_ascii_alphabetic());
    let quad = |parts: &[&str]| parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
    parts.len() >= 5 && parts.first().is_some_and(is_word) && parts[1..].windows(4).any(quad)
}

/// `0f8fad5b-d9cb-469f-a165-70867728950e`.
pub(super) fn is_guid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// `00:1b:44:11:3a:b7`, also with hyphens.
pub(super) fn is_hardware_address(word: &str) -> bool {
    [':', '-'].iter().any(|between| {
        let pairs: Vec<&str> = word.split(*between).collect();
        pairs.len() == 6
            && pairs.iter().all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

/// An account of AWS: twelve digits.
pub(super) fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_known_by_its_shape() {
        for name in [
            "cache.acme.com",
            "db1.prod.acme.co.uk",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "acme.jfrog.io",
            "ip-10-20-30-40",
            "ec2-3-120-1-2.compute.acme.net",
            "build-7.acme.test",
            "xn--bcher-kva.example",
        ] {
            assert!(is_private_host(name, false), "{name}");
        }
        for name in ["registry", "setup.sh", "a.py", "build7"] {
            assert!(is_private_host(name, true) && !is_private_host(name, false), "{name}");
        }
    }

    #[test]
    fn other_words_with_dots_are_no_hosts() {
        for name in [
            "org.opencontainers.image.source",
            "org.opencontainers.image.base.name",
            "com.example.app",
            "io.containerd.image.dev",
            "vnd.oci.image.index.v1",
            "1.2.3",
            "v1.2.3-rc.1",
            "24.04",
            "layer.tar.gz",
            "index.json",
            "main.rs",
            "install.sh",
            "x509.certificate",
            "ghcr.io",
            "docs.docker.com",
            "registry-1.docker.io",
            "a..com",
            "-a.com",
            "host1",
            "2026-11-30-12",
            "v1-2-3-4",
        ] {
            assert!(!is_private_host(name, false), "{name}");
        }
    }

    #[test]
    fn numbers_of_accounts_and_machines_are_known_by_their_shape() {
        assert!(is_guid("0f8fad5b-d9cb-469f-a165-70867728950E") && !is_guid("0f8fad5b-d9cb-469f-a165-7086772895"));
        assert!(is_hardware_address("00:1B:44:11:3a:b7") && is_hardware_address("00-1b-44-11-3a-b7"));
        assert!(!is_hardware_address("12:30:45") && !is_hardware_address("00:1b:44:11:3a:b7:00"));
        assert!(is_account("123456789012") && !is_account("1234567890123") && !is_account("20261130T000"));
    }
}
