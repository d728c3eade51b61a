//! `probe` when content goes away, and when a registry is under maintenance.

use super::REPOSITORY;
use crate::support::content::docker_image;
use crate::support::ociscope::probe;
use crate::support::registry::{Options, Registry};

#[test]
fn a_deleted_image_does_not_exist() {
    let image = docker_image("amd64");
    let registry = Registry::start(Options { delete: true, ..Options::default() });
    registry.push(REPOSITORY, "stable", &image);
    for (moment, exit_status) in [("before", 0), ("after", 10)] {
        if moment == "after" {
            registry.delete_manifest(REPOSITORY, &image.digest).expect(202);
        }
        for asked in ["stable", &image.digest] {
            let run = probe(&registry.reference(REPOSITORY, asked), &["--plain-http"]);
            assert_eq!(run.status, exit_status, "{moment} it was deleted: {run:?}");
            run.report();
        }
    }
}

#[test]
fn an_image_can_be_pulled_from_a_registry_that_takes_none() {
    let before = Registry::start(Options::default());
    before.push(REPOSITORY, "stable", &docker_image("amd64"));
    let storage = Some(before.stop().storage);

    let registry = Registry::start(Options { read_only: true, storage, ..Options::default() });
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]);
    assert_eq!(run.status, 0, "{run:?}");
    run.report();
}
