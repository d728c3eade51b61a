//! `probe` on a registry that asks for a password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::REPOSITORY;
use super::server_access::failed_logins;
use crate::support::basic_authorization;
use crate::support::content::docker_image;
use crate::support::ociscope::{Run, probe, probe_with_input};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};

fn registry() -> Registry {
    let registry = Registry::start(Options { access: Access::Password, ..Options::default() });
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    registry
}

fn probe_as(registry: &Registry, user: &str, password: &str) -> Run {
    let options = ["--plain-http", "--username", user, "--password-stdin"];
    let run = probe_with_input(&registry.reference(REPOSITORY, "stable"), &options, &format!("{password}\n"));
    let basic = basic_authorization(user, password);
    run.assert_hides(&[password, &STANDARD.encode(password), basic.trim_start_matches("Basic ")]);
    run
}

#[test]
fn nobody_is_let_in_without_a_password() {
    let registry = registry();
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]);
    assert_eq!(run.status, 12, "{run:?}");
    assert_eq!(run.report().authorized_requests(), 0);
}

#[test]
fn the_right_password_lets_in() {
    let run = probe_as(&registry(), USER, PASSWORD);
    assert_eq!(run.status, 0, "{run:?}");

    let report = run.report();
    assert_eq!(report.probe("all")["status"], 200);
    assert!(report.authorized_requests() > 0, "{run:?}");
    assert!(!report.list("redactions").is_empty(), "what is left out is said: {run:?}");
}

/// Many registries lock an account, or an address, after a few wrong passwords.
#[test]
fn a_wrong_password_is_sent_once() {
    let registry = registry();
    let run = probe_as(&registry, USER, "Tr0ub4dor&3-wrong");
    assert_eq!(run.status, 12, "{run:?}");
    assert_eq!(run.report().authorized_requests(), 1, "{run:?}");
    assert_eq!(failed_logins(&registry.stop().log), 1, "the registry has counted too");
}
