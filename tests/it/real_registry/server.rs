//! What the registry answers for its content, seen by plain requests.

use super::REPOSITORY;
use crate::support::content::{self, Document, RECORDED_NAMES, docker_image, docker_image_of_layers_only};
use crate::support::http::Answer;
use crate::support::recording::{self, Recorded};
use crate::support::registry::{Options, Registry};

/// An answer in the form of the recording.
fn as_recorded(answer: &Answer, stored: &Document) -> Recorded {
    if answer.status != 200 {
        let error = &answer.json()["errors"][0];
        let text = |field: &str| error[field].as_str().expect("a text").to_owned();
        return Recorded::Refused { status: answer.status, code: text("code"), message: text("message") };
    }
    let digest = answer.header("Docker-Content-Digest").expect("a digest");
    Recorded::Served {
        media_type: answer.header("Content-Type").expect("a type").to_owned(),
        stored_digest: digest == stored.digest,
        body_has_digest: digest == answer.body_digest(),
    }
}

#[test]
fn every_cell_of_the_recorded_matrix_holds() {
    let registry = Registry::start(Options::default());
    for name in RECORDED_NAMES {
        registry.push(REPOSITORY, name, &content::recorded(name));
    }
    for row in recording::rows() {
        let stored = content::recorded(&row.content);
        let asked = if row.by_digest { &stored.digest } else { &row.content };
        for variant in &recording::VARIANTS {
            let answer = registry.get_manifest(REPOSITORY, asked, variant.lines);
            let cell = format!("{} by {asked}, Accept: {}", row.content, variant.recorded_name);
            assert_eq!(as_recorded(&answer, &stored), *row.answer(variant), "{cell}");
        }
    }
}

#[test]
fn a_document_without_a_tag_is_found_by_its_digest_alone() {
    let registry = Registry::start(Options::default());
    let image = docker_image("amd64");
    registry.push(REPOSITORY, &image.digest, &image);
    assert_eq!(registry.get_manifest(REPOSITORY, &image.digest, &[]).expect(200).body, image.bytes);
    let tags = registry.endpoint.get(&format!("/v2/{REPOSITORY}/tags/list"), &[]);
    assert_eq!(tags.status, 404, "a repository without tags is none to this endpoint");
}

#[test]
fn the_digest_of_a_configuration_is_a_server_error_where_manifests_are() {
    let registry = Registry::start(Options::default());
    let image = docker_image("amd64");
    registry.push(REPOSITORY, "latest", &image);
    for variant in &recording::VARIANTS {
        let answer = registry.get_manifest(REPOSITORY, &image.config_digest(), variant.lines).expect(500);
        assert_eq!(answer.json()["errors"][0]["code"], "UNKNOWN", "Accept: {}", variant.recorded_name);
    }
    let blob = registry.endpoint.get(&format!("/v2/{REPOSITORY}/blobs/{}", image.config_digest()), &[]).expect(200);
    assert_eq!(blob.body_digest(), image.config_digest());
}

/// Asked for by tag, the origin makes a Docker v1 manifest of either image for whoever does not ask for Docker v2.
#[test]
fn a_cache_can_make_a_docker_v1_manifest_only_where_it_need_not_store_a_layer() {
    let origin = Registry::start(Options::default());
    origin.push(REPOSITORY, "settings", &docker_image("amd64"));
    origin.push(REPOSITORY, "layers-only", &docker_image_of_layers_only("amd64"));
    let cache = Registry::start(Options { cache_of: Some(format!("http://{}", origin.address)), ..Options::default() });

    let row = recording::row("schema2", false);
    for variant in &recording::VARIANTS {
        let recorded = row.answer(variant);
        let stored = docker_image_of_layers_only("amd64");
        let answer = cache.get_manifest(REPOSITORY, "layers-only", variant.lines);
        assert_eq!(as_recorded(&answer, &stored), *recorded, "Accept: {}", variant.recorded_name);

        let answer = cache.get_manifest(REPOSITORY, "settings", variant.lines);
        let answer = as_recorded(&answer, &docker_image("amd64"));
        if recorded.is_docker_v1() {
            // The history has an entry without a layer. Docker v1 wants a layer for each, and a cache takes no uploads,
            // not even from itself.
            assert_eq!(answer, cache_refuses_to_convert(), "Accept: {}", variant.recorded_name);
        } else {
            assert_eq!(answer, *recorded, "Accept: {}", variant.recorded_name);
        }
    }
}

/// What a cache answers instead of a Docker v1 manifest that it cannot make.
pub(super) fn cache_refuses_to_convert() -> Recorded {
    Recorded::Refused { status: 400, code: "MANIFEST_INVALID".to_owned(), message: "manifest invalid".to_owned() }
}

#[test]
fn a_cache_takes_no_uploads() {
    let origin = Registry::start(Options::default());
    let cache = Registry::start(Options { cache_of: Some(format!("http://{}", origin.address)), ..Options::default() });
    let answer = cache.put_manifest(REPOSITORY, "latest", &docker_image("amd64")).expect(405);
    assert_eq!(answer.json()["errors"][0]["code"], "UNSUPPORTED");
}

#[test]
fn a_registry_under_maintenance_is_read_and_not_written() {
    let image = docker_image("amd64");
    let before = Registry::start(Options::default());
    before.push(REPOSITORY, "latest", &image);
    let storage = Some(before.stop().storage);

    let registry = Registry::start(Options { read_only: true, storage, ..Options::default() });
    registry.get_manifest(REPOSITORY, "latest", &[image.media_type]).expect(200);
    let refused = registry.put_manifest(REPOSITORY, "new", &image).expect(405);
    assert_eq!(refused.header("Allow"), Some("GET, HEAD"));
    assert_eq!(refused.body, b"Method not allowed\n");
}

#[test]
fn deletion_is_refused_unless_it_is_enabled() {
    let image = docker_image("amd64");
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "latest", &image);
    let refused = registry.delete_manifest(REPOSITORY, &image.digest).expect(405);
    assert_eq!(refused.json()["errors"][0]["code"], "UNSUPPORTED");
}

#[test]
fn a_deleted_document_is_gone_under_its_tag_and_under_its_digest() {
    let image = docker_image("amd64");
    let registry = Registry::start(Options { delete: true, ..Options::default() });
    registry.push(REPOSITORY, "latest", &image);
    registry.delete_manifest(REPOSITORY, &image.digest).expect(202);
    for asked in ["latest", &image.digest] {
        let answer = registry.get_manifest(REPOSITORY, asked, &[image.media_type]).expect(404);
        assert_eq!(answer.json()["errors"][0]["code"], "MANIFEST_UNKNOWN");
    }
}
