//! The directories in which container engines look for certificates of a registry (containers-certs.d(5), and those of
//! Docker and containerd): which of them exist, and the names of their files. No file is read.

use std::path::{Path, PathBuf};

use crate::evidence::{Exchange, FailureKind, Journal};
use crate::oci::Host;
use crate::text::Untrusted;

/// The maximum number of files listed per directory.
const FILES: usize = 8;

/// The existing directories for a registry, as text: `~/.config/containers/certs.d/r.test (ca.crt, client.cert)`. They
/// are looked for only if TLS is at issue.
pub(super) fn certs_folders(registry: &Host, journal: &Journal) -> Vec<String> {
    if !journal.iter().any(|(_, exchange)| is_about_tls(exchange)) {
        return Vec::new();
    }
    found(registry, Path::new("/"), std::env::home_dir().filter(|home| home.is_absolute()).as_deref())
}

fn is_about_tls(exchange: &Exchange) -> bool {
    let kind = exchange.failure.as_ref().map(|failure| &failure.kind);
    exchange.connection.certificate_request.is_some()
        || matches!(kind, Some(FailureKind::Tls(_) | FailureKind::Certificate(_)))
}

fn found(registry: &Host, root: &Path, home: Option<&Path>) -> Vec<String> {
    let name = registry.to_string();
    let system = |folder: &str| (root.join(folder), format!("/{folder}"));
    let mut folders = vec![system("etc/docker/certs.d"), system("etc/containers/certs.d")];
    folders.extend(home.map(|home| {
        let folder = ".config/containers/certs.d";
        (home.join(folder), format!("~/{folder}"))
    }));
    folders.push(system("etc/containerd/certs.d"));
    let found = folders.into_iter().filter_map(|(folder, shown)| {
        let files = file_names(&folder.join(&name))?;
        let files = if files.is_empty() { "empty".to_owned() } else { files.join(", ") };
        Some(format!("{shown}/{name} ({files})"))
    });
    found.collect()
}

/// The names of the files of a directory; `None` if it cannot be listed.
fn file_names(folder: &PathBuf) -> Option<Vec<String>> {
    // Directories of certificates are short; of a long one, only the first files are named.
    let entries = std::fs::read_dir(folder).ok()?.take(1000).filter_map(Result::ok);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let more = names.len().saturating_sub(FILES);
    let mut shown: Vec<_> = names.into_iter().take(FILES).map(|name| Untrusted::new(name).cut_within(60)).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, file: &str) {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
    }

    #[test]
    fn folders_for_the_host_and_port_are_named_with_their_files() {
        let (root, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(root.path(), "etc/docker/certs.d/r.test:5000/client.key");
        put(root.path(), "etc/docker/certs.d/r.test:5000/client.cert");
        put(root.path(), "etc/containers/certs.d/r.test/ca.crt");
        put(root.path(), "etc/containerd/certs.d/r.test:5000/hosts.toml");
        put(home.path(), ".config/containers/certs.d/r.test:5000/a\u{202e}b");
        std::fs::create_dir_all(root.path().join("etc/containers/certs.d/r.test:5000")).unwrap();
        let found = found(&"r.test:5000".parse().unwrap(), root.path(), Some(home.path()));
        assert_eq!(
            found,
            [
                "/etc/docker/certs.d/r.test:5000 (client.cert, client.key)",
                "/etc/containers/certs.d/r.test:5000 (empty)",
                "~/.config/containers/certs.d/r.test:5000 (a\\u{202e}b)",
                "/etc/containerd/certs.d/r.test:5000 (hosts.toml)",
            ]
        );
    }

    #[test]
    fn folder_without_end_is_cut() {
        let root = tempfile::tempdir().unwrap();
        (0..20).for_each(|number| put(root.path(), &format!("etc/docker/certs.d/r.test/{number:02}.crt")));
        let found = found(&"r.test".parse().unwrap(), root.path(), None);
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("06.crt, 07.crt, 12 more)"), "{found:?}");
    }
}
