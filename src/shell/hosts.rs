//! Registries that somebody is likely to name: those that files with credentials have entries for. Only the names are
//! taken; what stands beside them is not looked at.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

use crate::oci::Host;

/// The most that is read of a file, in bytes.
const LIMIT: u64 = 1 << 20;

/// The hosts, each once, sorted.
pub(super) fn hosts() -> Vec<String> {
    let mut hosts: Vec<_> = files().iter().filter_map(read).flat_map(|file| named(&file)).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// Where Docker and Podman keep credentials (containers-auth.json(5), `docker login`).
fn files() -> Vec<PathBuf> {
    let folder = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = std::env::home_dir();
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    [
        folder("REGISTRY_AUTH_FILE"),
        folder("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
        folder("XDG_CONFIG_HOME")
            .map(|folder| folder.join("containers/auth.json"))
            .or(below_home(".config/containers/auth.json")),
        folder("DOCKER_CONFIG").map(|folder| folder.join("config.json")).or(below_home(".docker/config.json")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn read(path: &PathBuf) -> Option<Value> {
    let mut text = Vec::new();
    // A pipe in the place of a file would keep the shell waiting.
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|data| data.is_file()))?;
    file.take(LIMIT).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The hosts in one file. Keys may be addresses (`https://index.docker.io/v1/`) or have a repository behind them.
fn named(file: &Value) -> Vec<String> {
    let keys = ["auths", "credHelpers"].iter().filter_map(|part| file.get(part)?.as_object());
    let keys = keys.flat_map(|part| part.keys());
    let host = |key: &String| {
        let bare = key.split_once("://").map_or(key.as_str(), |(_, bare)| bare);
        let host = bare.split('/').next()?;
        // Docker Hub's entry has its old name.
        let host = if host == "index.docker.io" { "docker.io" } else { host };
        host.parse::<Host>().ok().map(|host| host.to_string())
    };
    keys.filter_map(host).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_names_are_taken_and_nothing_else() {
        let file = json!({
            "auths": {
                "https://index.docker.io/v1/": { "auth": "CANARY" },
                "quay.io/team": { "auth": "CANARY" },
                "r.test:5000": {},
                "not a host\u{1b}[2J": {},
            },
            "credHelpers": { "gcr.io": "gcloud" },
            "credsStore": "desktop",
        });
        assert_eq!(named(&file), ["docker.io", "quay.io", "r.test:5000", "gcr.io"]);
        assert_eq!(named(&json!([1])), Vec::<String>::new());
        assert_eq!(named(&json!({"auths": ["x"]})), Vec::<String>::new());
    }
}
