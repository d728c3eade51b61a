//! Recordings of runs against real registries that ask for a password: none of its forms is in the file.

use tempfile::TempDir;

use super::REPOSITORY;
use crate::support::basic_authorization;
use crate::support::content::docker_image;
use crate::support::hostile::encodings;
use crate::support::ociscope::ociscope;
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::token_server::{TokenOptions, TokenServer};

/// Records a diagnosis with the password, and searches the file for these secrets in every encoding.
fn assert_not_recorded(options: &[&str], reference: &str, status: i32, secrets: impl FnOnce() -> Vec<String>) {
    let folder = TempDir::new().expect("a folder");
    for name in ["run.json", "run.har"] {
        let file = folder.path().join(name);
        let record = ["--username", USER, "--password-stdin", "--record", file.to_str().expect("UTF-8")];
        let arguments = [&["diagnose"], options, &record, &[reference]].concat();
        let run = ociscope(&arguments).input(&format!("{PASSWORD}\n")).run();
        assert_eq!(run.status, status, "{run:?}");
    }
    let basic = basic_authorization(USER, PASSWORD);
    let mut secrets = secrets();
    secrets.extend([PASSWORD, basic.trim_start_matches("Basic ")].map(str::to_owned));
    for name in ["run.json", "run.har"] {
        let recorded = std::fs::read_to_string(folder.path().join(name)).expect("a recording");
        assert!(recorded.contains("authorization"), "{recorded}");
        for form in secrets.iter().flat_map(|secret| encodings::of(secret)) {
            assert!(!recorded.contains(&form), "{form:?} in {name}");
        }
    }
}

#[test]
fn password_is_not_recorded() {
    let registry = Registry::start(Options { access: Access::Password, ..Options::default() });
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    assert_not_recorded(&["--plain-http"], &registry.reference(REPOSITORY, "stable"), 0, Vec::new);
}

#[test]
fn token_is_not_recorded() {
    let tokens = TokenServer::start(TokenOptions { anonymous: None, account: (USER, PASSWORD), field: "token" });
    let mut registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    registry.authorization = Some(tokens.authorization(REPOSITORY, &["pull", "push"]));
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let issued = || {
        let issued = tokens.tokens();
        assert!(!issued.is_empty());
        let signature = |token: &String| token.rsplit_once('.').expect("three parts").1.to_owned();
        issued.iter().map(signature).chain(issued.iter().cloned()).collect()
    };
    let trusted = tokens.access().realm;
    let host = trusted.split('/').nth(2).expect("a host").to_owned();
    let options = ["--plain-http", "--trust-realm", &host];
    assert_not_recorded(&options, &registry.reference(REPOSITORY, "stable"), 0, issued);
}

/// Docker Hub's dialect, whose token service rejects the password that it receives.
#[test]
fn login_of_docker_hub_is_not_recorded() {
    assert_not_recorded(&["--lab=docker-hub-2025-healthy"], "docker.io/library/greeting:3.22", 12, Vec::new);
}
