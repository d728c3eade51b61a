//! Registries that the user likely works with: those with an entry in a credentials file. Only the names are read.

use crate::auth::credentials::Sources;
use crate::oci::Host;

/// The hosts, sorted, without duplicates.
pub(crate) fn hosts() -> Vec<String> {
    let mut hosts: Vec<_> = Sources::of_this_process(None, None).keys().iter().filter_map(|key| host(key)).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The host in a key, which may be a URL (`https://index.docker.io/v1/`) or end in a repository.
fn host(key: &str) -> Option<String> {
    let bare = key.split_once("://").map_or(key, |(_, bare)| bare);
    let host = bare.split('/').next()?;
    // The entry of Docker Hub has its old name.
    let host = if host == "index.docker.io" { "docker.io" } else { host };
    host.parse::<Host>().ok().map(|host| host.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_a_key_is_the_host_of_a_reference() {
        for (key, expected) in [
            ("https://index.docker.io/v1/", Some("docker.io")),
            ("quay.io/team", Some("quay.io")),
            ("r.test:5000", Some("r.test:5000")),
            ("not a host\u{1b}[2J", None),
            ("", None),
        ] {
            assert_eq!(host(key).as_deref(), expected, "{key}");
        }
    }
}
