//! Reports of every kind, to be compared with their schema.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::Value;

use super::REPOSITORY;
use crate::support::content::docker_image;
use crate::support::ociscope::{Run, ociscope, probe};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::token_server::{TokenOptions, TokenServer};

/// An image behind a token server on another origin.
pub fn probe_with_token() -> Run {
    let tokens =
        TokenServer::start(TokenOptions { anonymous: Some(&[REPOSITORY]), account: (USER, PASSWORD), field: "token" });
    let mut registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    registry.authorization = Some(tokens.authorization(REPOSITORY, &["pull", "push"]));
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"])
}

/// A tag that is not there.
pub fn probe_of_unknown_tag() -> Run {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    probe(&registry.reference(REPOSITORY, "nope"), &["--plain-http"])
}

/// A registry that wants a password, and is given none.
pub fn probe_without_password() -> Run {
    let registry = Registry::start(Options { access: Access::Password, ..Options::default() });
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"])
}

/// A port where nothing listens, so that every request fails.
pub fn probe_of_closed_port() -> Run {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    probe(&format!("{address}/{REPOSITORY}:stable"), &["--plain-http"])
}

/// An image of a scenario, diagnosed.
pub fn diagnosed(scenario: &str, reference: &str) -> Value {
    ociscope(&[&format!("--lab={scenario}"), "diagnose", "--json", "--platform", "linux/amd64", reference]).run().json()
}

/// The reports on two references, of which the second is told what the first was answered.
pub fn several() -> Vec<Value> {
    let reference = "registry.example/library/greeting:1.0";
    let options = ["--lab=docker-image", "diagnose", "--json", "--platform", "linux/amd64", "--jobs", "1"];
    let run = ociscope(&[&options[..], &[reference, reference]].concat()).run();
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("a report")).collect()
}

/// A report that a recording answers.
pub fn recorded() -> Value {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("run.json");
    let file = file.to_str().expect("UTF-8");
    let lab = ["--lab=ghcr-healthy", "diagnose", "ghcr.io/example/greeting:1.0", "--record", file];
    assert_eq!(ociscope(&lab).run().status, 0);
    ociscope(&["diagnose", "--json", "--from", file]).run().json()
}
