//! The integration tests: the real program against real servers.
//!
//! What they are given and what they see is made in [`support`]; the tests themselves read like examples.

mod architecture;
mod catalogue;
#[cfg(unix)]
mod chromium;
mod compare;
mod concurrency;
mod contributing;
mod diagnose;
mod docker_hub;
mod explain;
mod fuzz;
mod generated;
mod hostile;
mod inspect;
mod lab;
mod output;
mod performance;
mod readme;
mod real_registry;
mod recordings;
mod rules;
mod schema;
mod screen;
mod shell;
mod snapshots;
mod stored;
mod supply;
mod support;

/// `cargo xtask generate`: writes the generated files. Left out unless it is asked for by its name alone.
#[test]
#[ignore = "it writes files; run `cargo xtask generate`"]
fn generate() {
    let is_asked_for = std::env::args().any(|argument| argument == "generate");
    assert!(is_asked_for, "run `cargo xtask generate`");
    generated::generate();
}

/// `cargo xtask check`: the same comparison as in the tests of each document, with all differences at once.
#[test]
#[ignore = "the tests of each document do the same; run `cargo xtask check`"]
fn check() {
    generated::check();
}
