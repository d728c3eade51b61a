//! `probe` through a pull-through cache.

use super::REPOSITORY;
use super::matrix::assert_cells;
use super::server::cache_refuses_to_convert;
use crate::support::content::{Document, docker_image, docker_image_of_layers_only};
use crate::support::ociscope::probe;
use crate::support::recording::{self, Recorded};
use crate::support::registry::{Options, Registry};

/// Probes an image by tag through a cache in front of a registry that has it.
#[track_caller]
fn probe_through_cache(image: &Document, expected: impl Fn(&Recorded) -> Recorded) {
    let origin = Registry::start(Options::default());
    origin.push(REPOSITORY, "stable", image);
    let cache = Registry::start(Options { cache_of: Some(format!("http://{}", origin.address)), ..Options::default() });

    let run = probe(&cache.reference(REPOSITORY, "stable"), &["--plain-http"]);
    assert_eq!(run.status, 0, "{run:?}");
    let row = recording::row("schema2", false);
    assert_cells(&run.report(), image, |variant| expected(row.answer(variant)));
}

#[test]
fn an_image_of_layers_only_is_answered_as_by_the_origin() {
    probe_through_cache(&docker_image_of_layers_only("amd64"), Recorded::clone);
}

/// Nearly all images have settings in their history, so behind a cache of this version old clients fail that the origin
/// itself serves.
#[test]
fn an_image_with_settings_is_not_converted_to_docker_v1_by_a_cache() {
    probe_through_cache(&docker_image("amd64"), |recorded| {
        if recorded.is_docker_v1() { cache_refuses_to_convert() } else { recorded.clone() }
    });
}

#[test]
fn what_the_origin_does_not_have_does_not_exist() {
    let origin = Registry::start(Options::default());
    origin.push(REPOSITORY, "stable", &docker_image("amd64"));
    let cache = Registry::start(Options { cache_of: Some(format!("http://{}", origin.address)), ..Options::default() });
    let run = probe(&cache.reference(REPOSITORY, "nope"), &["--plain-http"]);
    assert_eq!(run.status, 10, "{run:?}");
    run.report();
}
