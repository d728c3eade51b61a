//! The integration tests: the real program against real servers.
//!
//! What they are given and what they see is made in [`support`]; the tests themselves read like examples.

mod architecture;
mod catalogue;
mod contributing;
mod diagnose;
mod docker_hub;
mod explain;
mod hostile;
mod inspect;
mod lab;
mod readme;
mod real_registry;
mod rules;
mod schema;
mod screen;
mod shell;
mod snapshots;
mod stored;
mod supply;
mod support;
