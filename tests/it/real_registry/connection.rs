//! `probe` over TLS with a certificate that no system trusts, and over plain HTTP without being told so.

use tempfile::NamedTempFile;

use super::REPOSITORY;
use crate::support::certificates::Authority;
use crate::support::content::docker_image;
use crate::support::ociscope::probe;
use crate::support::registry::{Options, Registry};

fn registry(authority: &Authority) -> Registry {
    let registry = Registry::start(Options { tls: Some(authority), ..Options::default() });
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    registry
}

#[test]
fn a_private_authority_is_not_trusted_by_itself() {
    let registry = registry(&Authority::new());
    let run = probe(&registry.reference(REPOSITORY, "stable"), &[]);
    assert_eq!(run.status, 16, "{run:?}");

    let report = run.report();
    let failed = report.list("exchanges").iter().any(|exchange| !exchange["failure"].is_null());
    assert!(failed, "the handshake is in the report: {run:?}");
}

#[test]
fn a_private_authority_is_trusted_when_it_is_given() {
    let authority = Authority::new();
    let registry = registry(&authority);
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &authority.certificate).expect("to write it");

    let path = file.path().to_str().expect("a path in UTF-8");
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--cacert", path]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_all_over(&run.report(), "https://");
}

#[test]
fn another_authority_is_of_no_use() {
    let registry = registry(&Authority::new());
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), Authority::new().certificate).expect("to write it");

    let path = file.path().to_str().expect("a path in UTF-8");
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--cacert", path]);
    assert_eq!(run.status, 16, "{run:?}");
    run.report();
}

#[test]
fn an_insecure_connection_is_announced_as_one() {
    let registry = registry(&Authority::new());
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--insecure"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.to_lowercase().contains("insecure"), "{run:?}");
    run.report();
}

#[test]
fn a_registry_on_the_loopback_device_is_tried_with_https_and_then_with_http() {
    let registry = Registry::start(Options::default());
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let run = probe(&registry.reference(REPOSITORY, "stable"), &[]);
    assert_eq!(run.status, 0, "{run:?}");

    let report = run.report();
    let over_tls = report.requests_to("https://").len();
    assert_eq!(over_tls, 1, "it is tried once, and the report shows it: {run:?}");
    assert!(!report.list("exchanges")[0]["failure"].is_null(), "{run:?}");
    assert_eq!(report.exchange(&report.probe("all")["exchange"])["response"]["status"], 200);
}

#[test]
fn headers_of_the_registry_are_in_the_report() {
    let headers = vec![("Warning", "299 - \"this registry moves\"")];
    let registry = Registry::start(Options { headers, ..Options::default() });
    registry.push(REPOSITORY, "stable", &docker_image("amd64"));
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]);
    assert_eq!(run.status, 0, "{run:?}");

    let report = run.report();
    assert_all_over(&report, "http://");
    let exchange = report.exchange(&report.probe("all")["exchange"]);
    let headers = exchange["response"]["headers"].as_array().expect("headers");
    let warning =
        headers.iter().find(|header| header[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case("warning")));
    assert_eq!(warning.expect("the header")[1], "299 - \"this registry moves\"");
}

#[track_caller]
fn assert_all_over(report: &crate::support::report::Report, scheme: &str) {
    assert_eq!(report.requests_to(scheme).len(), report.list("exchanges").len(), "{}", report.0);
}
