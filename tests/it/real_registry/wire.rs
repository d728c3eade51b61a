//! What `probe` really sends, seen between it and the registry.

use super::REPOSITORY;
use super::matrix::accepted_types;
use crate::support::content::docker_image;
use crate::support::ociscope::probe;
use crate::support::recording;
use crate::support::registry::{Options, Registry};
use crate::support::relay::Relay;

/// The difference between no `Accept` header and `*/*` is one of the things that the program shows, and most HTTP
/// libraries send `*/*` where nothing is said.
#[test]
fn each_probe_sends_its_own_accept_lines_and_no_others() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let relay = Relay::to(registry.address);
    let run = probe(&format!("{}/{REPOSITORY}:stable", relay.address), &["--plain-http"]);
    assert_eq!(run.status, 0, "{run:?}");

    let path = format!("/v2/{REPOSITORY}/manifests/stable");
    let requests = relay.requests();
    let mut sent: Vec<_> = requests
        .iter()
        .filter(|request| request.path == path && request.method == "GET")
        .map(|request| accepted_types(request.all("Accept")))
        .collect();
    for (id, variant) in recording::probes() {
        let expected = accepted_types(variant.lines.to_vec());
        let position = sent.iter().position(|lines| *lines == expected);
        sent.remove(position.unwrap_or_else(|| panic!("{id} was not sent as {expected:?}: {requests:#?}")));
    }
}

#[test]
fn nothing_is_written_to_a_registry() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let relay = Relay::to(registry.address);
    probe(&format!("{}/{REPOSITORY}:stable", relay.address), &["--plain-http"]);
    let requests = relay.requests();
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|request| ["GET", "HEAD"].contains(&request.method.as_str())), "{requests:#?}");
}
