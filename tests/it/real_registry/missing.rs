//! `probe` for what is not there, and for what is there under another path.

use super::REPOSITORY;
use crate::support::content::docker_image;
use crate::support::ociscope::probe;
use crate::support::recording;
use crate::support::registry::{Options, Registry};

/// Probes something that is not there, and checks that the program saw what plain requests see.
#[track_caller]
fn probe_finds_no_document(repository: &str, tag_or_digest: &str, exit_status: i32) {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));

    let run = probe(&registry.reference(repository, tag_or_digest), &["--plain-http"]);
    assert_eq!(run.status, exit_status, "{run:?}");

    let report = run.report();
    for (id, variant) in recording::probes() {
        let answer = registry.get_manifest(repository, tag_or_digest, variant.lines);
        let error = &answer.json()["errors"][0];
        let probe = report.probe(id);
        assert_eq!(probe["status"], answer.status, "{id}: {probe}");
        assert_eq!(probe["error"]["code"], error["code"], "{id}: {probe}");
        assert_eq!(probe["error"]["message"], error["message"], "{id}: {probe}");
    }
}

const UNKNOWN_DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn an_unknown_tag_does_not_exist() {
    probe_finds_no_document(REPOSITORY, "nope", 10);
}

#[test]
fn an_unknown_repository_does_not_exist() {
    probe_finds_no_document("no/such", "stable", 10);
}

#[test]
fn an_unknown_digest_does_not_exist() {
    probe_finds_no_document(REPOSITORY, UNKNOWN_DIGEST, 10);
}

/// This registry has a server error for it, but the cause is the path that was asked: the digest is that of a blob.
#[test]
fn the_digest_of_a_configuration_is_not_a_manifest() {
    probe_finds_no_document(REPOSITORY, &docker_image("amd64").config_digest(), 11);
}
