//! Platforms in indexes.

use crate::diagnosis::testing::{DOCKER_IMAGE, Scene, index_of, scene, served};
use crate::oci::media_type;

fn index(entries: &[(&str, &str)], wanted: &str) -> Scene {
    let body = index_of(media_type::OCI_INDEX, entries);
    let mut scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &body));
    scene.circumstances.platform = wanted.parse().unwrap();
    scene
}

#[test]
fn a_platform_that_is_not_listed_cannot_be_pulled() {
    let entries = [("sha256:a", "linux/amd64"), ("sha256:b", "linux/arm/v7"), ("sha256:c", "unknown/unknown")];
    let scene = index(&entries, "linux/arm64");
    assert_eq!(scene.verdict(), (vec!["platform-not-in-index"], 18));
    let finding = scene.finding("platform-not-in-index").unwrap();
    assert!(finding.cause.contains("linux/amd64 and linux/arm/v7."), "{finding:?}");
    assert!(finding.fix[0].command.as_deref().unwrap().contains("--platform linux/amd64"), "{finding:?}");
}

#[test]
fn a_platform_that_is_listed_can_also_be_an_earlier_variant() {
    for (offered, wanted) in [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm/v6", "linux/arm/v7"),
    ] {
        assert_eq!(index(&[("sha256:a", offered)], wanted).verdict(), (vec![], 0), "{offered} for {wanted}");
    }
    assert_eq!(index(&[("sha256:a", "linux/arm/v7")], "linux/arm/v6").verdict().1, 18);
}

/// T16: attestations are no broken image, and no image either.
#[test]
fn attestations_do_not_count() {
    let both = [("sha256:a", "linux/amd64"), ("sha256:c", "unknown/unknown")];
    assert_eq!(index(&both, "linux/amd64").verdict(), (vec![], 0));
    assert_eq!(index(&[("sha256:c", "unknown/unknown")], "linux/amd64").verdict().1, 18);
}

#[test]
fn an_entry_without_a_platform_may_be_for_any() {
    let body = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/arm64")]);
    let body = body.replace(r#","platform":{"os":"linux","architecture":"arm64"}"#, "");
    let scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &body));
    assert!(scene.finding("platform-not-in-index").is_none());
}

#[test]
fn an_index_without_entries_is_empty_and_a_manifest_is_none() {
    assert_eq!(index(&[], "linux/amd64").verdict(), (vec!["index-is-empty"], 18));
    let image = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(image.finding("index-is-empty").is_none() && image.finding("platform-not-in-index").is_none());
}

/// CodesWhat/drydock#814.
#[test]
fn an_index_of_indexes_is_more_than_many_clients_look_through() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let body = index_of(media_type::OCI_INDEX, &[(&digest, "linux/amd64")]);
    let nested = body.replace(media_type::OCI_MANIFEST, media_type::OCI_INDEX);
    assert_ne!(nested, body);
    let of = |body: &str| scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, body));
    let finding = of(&nested).finding("nested-index").unwrap();
    let command = format!("ociscope probe r.example.com/demo/app:1@{digest}");
    assert_eq!(finding.fix[0].command.as_deref(), Some(command.as_str()));
    assert!(of(&body).finding("nested-index").is_none());
}
