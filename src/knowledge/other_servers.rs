//! Servers that have images and are not registries of the distribution specification.

use std::sync::LazyLock;

use serde::Deserialize;

/// The known facts about one of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherServer {
    /// The name of the server.
    pub name: String,
    hosts: Vec<String>,
    /// The API that it has instead of `/v2/`, in words.
    pub api: String,
    /// The prefix of an address for the tools that read it: `shub://`.
    pub prefix: String,
    /// The date of the last check of the entry, `YYYY-MM-DD`.
    #[allow(dead_code, reason = "every entry must have it; tests and people read it")]
    checked: String,
    /// The source of the facts.
    #[allow(dead_code, reason = "every entry must have it; tests and people read it")]
    source: String,
}

#[derive(Deserialize)]
struct File {
    server: Vec<OtherServer>,
}

static SERVERS: LazyLock<Vec<OtherServer>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("other_servers.toml"))
        .expect("the file is part of the program, and a test reads it");
    file.server
});

/// The server of a host name, if it is known not to be a registry.
pub fn other_server(host: &str) -> Option<&'static OtherServer> {
    SERVERS.iter().find(|server| server.hosts.iter().any(|other| other == host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_valid_and_dated() {
        assert_eq!(other_server("singularity-hub.org").map(|server| server.prefix.as_str()), Some("shub://"));
        assert!(other_server("docker.io").is_none());
        for server in SERVERS.iter() {
            assert!(!server.source.is_empty() && server.checked.len() == 10, "{}", server.name);
        }
    }
}
