//! `diagnose` on a real registry: the first finding and the exit status for what people meet most.

use std::net::TcpListener;

use super::REPOSITORY;
use crate::support::content::{Field, docker_image, oci_image, oci_index};
use crate::support::ociscope::{Run, ociscope};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::token_server::{TokenOptions, TokenServer};

const DOCKER_V2: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn diagnose(reference: &str, more: &[&str]) -> Run {
    let fixed = ["diagnose", "--json", "--plain-http", "--platform", "linux/amd64"];
    ociscope(&[&fixed, more, &[reference]].concat()).run()
}

/// What the first finding is, and that the run ends with this status.
#[track_caller]
fn assert_first(run: &Run, rule: &str, certainty: &str, status: i32) -> serde_json::Value {
    assert_eq!(run.status, status, "{run:?}");
    let first = run.report().list("findings")[0].clone();
    assert_eq!((first["rule"].as_str(), first["certainty"].as_str()), (Some(rule), Some(certainty)), "{run:?}");
    first
}

/// A registry with one image under this tag.
fn with_image(tag: &str) -> Registry {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, tag, &docker_image("amd64"));
    registry
}

#[test]
fn a_misspelt_tag_is_named_with_the_one_that_was_meant() {
    let registry = with_image("stable");
    let run = diagnose(&registry.reference(REPOSITORY, "stabel"), &[]);
    let finding = assert_first(&run, "tag-not-found", "certain", 10);
    assert!(finding["fix"].to_string().contains(":stable"), "{finding}");
}

#[test]
fn a_version_without_its_v_is_one() {
    let registry = with_image("v1.4.2");
    assert_first(&diagnose(&registry.reference(REPOSITORY, "1.4.2"), &[]), "tag-v-prefix", "certain", 10);
}

/// The manifest is answered as for a missing tag; the list of tags says what it is.
#[test]
fn a_missing_repository_is_told_from_a_missing_tag() {
    let registry = with_image("stable");
    assert_first(&diagnose(&registry.reference("no/such", "stable"), &[]), "repository-not-found", "certain", 10);
}

/// CNCF distribution 2.8 fails with 500; the lab has version 3, which answers 404.
#[test]
fn the_digest_of_a_configuration_is_an_image_id() {
    let registry = with_image("stable");
    let run = diagnose(&registry.reference(REPOSITORY, &docker_image("amd64").config_digest()), &[]);
    assert_first(&run, "digest-is-image-id", "certain", 11);
}

#[test]
fn an_index_with_a_deleted_image_dangles() {
    let registry = Registry::start(Options { delete: true, ..Options::default() });
    registry.push(REPOSITORY, "multi", &oci_index(&["amd64", "arm64"], Field::Present));
    let own = oci_image("amd64", Field::Present).digest;
    registry.delete_manifest(REPOSITORY, &own).expect(202);
    let reference = registry.reference(REPOSITORY, "multi");
    assert_first(&diagnose(&reference, &[]), "dangling-index-child", "certain", 17);
    // Who is on another platform can pull it.
    let other = ociscope(&["diagnose", "--json", "--plain-http", "--platform", "linux/arm64", &reference]).run();
    assert_first(&other, "dangling-index-child", "certain", 0);
}

#[test]
fn a_platform_that_is_not_there_is_named() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "multi", &oci_index(&["amd64", "arm64"], Field::Present));
    let reference = registry.reference(REPOSITORY, "multi");
    let run = ociscope(&["diagnose", "--json", "--plain-http", "--platform", "linux/s390x", &reference]).run();
    let finding = assert_first(&run, "platform-not-in-index", "certain", 18);
    assert!(finding["cause"].to_string().contains("linux/arm64"), "{finding}");
}

#[test]
fn an_oci_image_is_not_for_a_client_of_docker_v2_alone() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "oci", &oci_image("amd64", Field::Present));
    let reference = registry.reference(REPOSITORY, "oci");
    let run = diagnose(&reference, &["--accept", DOCKER_V2]);
    assert_first(&run, "oci-manifest-not-accepted", "certain", 11);
    assert_eq!(diagnose(&reference, &[]).status, 0);
}

#[test]
fn a_wrong_password_keeps_a_public_image_away() {
    let tokens =
        TokenServer::start(TokenOptions { anonymous: Some(&[REPOSITORY]), account: (USER, PASSWORD), field: "token" });
    let mut registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    registry.authorization = Some(tokens.authorization(REPOSITORY, &["pull", "push"]));
    registry.push(REPOSITORY, "stable", &oci_image("amd64", Field::Present));
    let reference = registry.reference(REPOSITORY, "stable");
    let address = tokens.address.to_string();
    let login = ["--username", USER, "--password-stdin", "--trust-realm", &address];
    let arguments = [&["diagnose", "--json", "--plain-http"], &login[..], &[&reference]].concat();
    let wrong = ociscope(&arguments).input("not-the-password\n").run();
    wrong.assert_hides(&["not-the-password"]);
    assert_first(&wrong, "stale-credential-breaks-public-pull", "certain", 12);
    let right = ociscope(&arguments).input(&format!("{PASSWORD}\n")).run();
    assert_eq!(right.status, 0, "{right:?}");
    right.assert_hides(&[PASSWORD]);
}

#[test]
fn a_closed_port_is_no_registry() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let run = diagnose(&format!("{closed}/{REPOSITORY}:stable"), &[]);
    assert_first(&run, "tcp-timeout-or-refused", "certain", 15);
}

/// Children, configuration and layers are all there, and were looked at.
#[test]
fn a_healthy_index_is_looked_through() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "multi", &oci_index(&["amd64", "arm64"], Field::Present));
    let run = diagnose(&registry.reference(REPOSITORY, "multi"), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let report = run.report();
    assert!(report.list("findings").iter().all(|finding| finding["severity"] == "info"), "{run:?}");
    let tree = &report.0["tree"];
    let found = |node: &serde_json::Value| node["found"].as_str().unwrap_or_default().to_owned();
    let image = &tree["children"][0];
    assert_eq!((found(tree), found(image)), ("verified".to_owned(), "verified".to_owned()), "{tree}");
    assert_eq!(found(&tree["children"][1]), "present", "{tree}");
    assert_eq!(found(&image["children"][0]), "verified", "{tree}");
    let layers: Vec<_> = image["children"].as_array().expect("config and layers").iter().skip(1).map(found).collect();
    assert!(!layers.is_empty() && layers.iter().all(|layer| layer == "verified"), "{tree}");
}
