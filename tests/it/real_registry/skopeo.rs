//! A second pair of eyes: what another program is served is what `probe` says that it is served.

use std::io::ErrorKind;
use std::process::Command;

use tempfile::TempDir;

use super::REPOSITORY;
use crate::support::content::{self, RECORDED_NAMES};
use crate::support::ociscope::probe;
use crate::support::registry::{Options, Registry};
use crate::support::{digest_of, search_path};

/// The bytes of a manifest as skopeo receives them.
fn raw_manifest(reference: &str) -> Vec<u8> {
    let home = TempDir::new().expect("a home folder");
    let output = Command::new("skopeo")
        .args(["inspect", "--raw", "--tls-verify=false", &format!("docker://{reference}")])
        .env_clear()
        .envs(search_path())
        .env("HOME", home.path())
        .output()
        .unwrap_or_else(|error| match error.kind() {
            ErrorKind::NotFound => {
                panic!("this test compares with skopeo: install it, or run `tests/run`, which does it")
            }
            _ => panic!("skopeo cannot be started: {error}"),
        });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn skopeo_is_served_the_stored_document() {
    let registry = Registry::start(Options::default());
    for name in RECORDED_NAMES {
        let stored = content::recorded(name);
        registry.push(REPOSITORY, name, &stored);
        for asked in [name, &stored.digest] {
            assert_eq!(digest_of(&raw_manifest(&registry.reference(REPOSITORY, asked))), stored.digest, "{name}");
        }
    }
}

#[test]
fn probe_and_skopeo_are_served_the_same_document() {
    let registry = Registry::start(Options::default());
    for name in RECORDED_NAMES {
        registry.push(REPOSITORY, name, &content::recorded(name));
        let reference = registry.reference(REPOSITORY, name);
        let report = probe(&reference, &["--plain-http"]).report();
        let manifest = raw_manifest(&reference);
        assert_eq!(report.probe("all")["digest"], digest_of(&manifest), "{name}");
        assert_eq!(report.probe("all")["size"], manifest.len(), "{name}");
    }
}
