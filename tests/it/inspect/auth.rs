//! `auth`: how a registry asks who one is, and what comes of it.

use serde_json::json;

use crate::support::document::assert_described;
use crate::support::ociscope::{Run, ociscope};

fn auth(scenario: &str, reference: &str, more: &[&str], input: &str) -> Run {
    let lab = format!("--lab={scenario}");
    let run = ociscope(&[&[&lab, "auth", "--json", reference], more].concat()).input(input).run();
    assert_described("docs/auth.schema.json", &run.stdout);
    run
}

#[test]
fn a_token_is_told_with_what_it_grants_and_until_when() {
    let run = auth("ghcr-healthy", "ghcr.io/example/greeting:1.0", &[], "");
    let told = run.json();
    assert_eq!(run.status, 0);
    assert_eq!(told["outcome"], "accepted");
    assert_eq!(told["challenge"]["realm"], "https://ghcr.io/token");
    assert_eq!(told["realm"], json!({"host": "ghcr.io", "trusted": "same_origin"}));
    assert_eq!(told["token"]["actions"], json!(["pull"]));
    let (from, until) = (told["token"]["not_before"].as_i64(), told["token"]["expires"].as_i64());
    assert!(until.zip(from).is_some_and(|(until, from)| until > from), "{told}");
    let run = ociscope(&["--lab=ghcr-healthy", "auth", "ghcr.io/example/greeting:1.0"]).run();
    assert!(run.stdout.contains("“pull” in example/greeting\n"), "{}", run.stdout);
    assert!(run.stdout.contains("✓ authorized\n"), "{}", run.stdout);
}

#[test]
fn a_token_service_on_another_host_may_have_credentials_where_the_pair_is_known() {
    let told = auth("docker-hub-2025-healthy", "library/greeting:3.22", &[], "").json();
    assert_eq!(told["realm"], json!({"host": "auth.docker.io", "trusted": "known_pair"}));
}

#[test]
fn a_registry_that_asks_nobody_is_said_to() {
    let reference = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
    let run = auth("gcr-deepvariant", reference, &[], "");
    let told = run.json();
    assert_eq!((run.status, &told["outcome"], &told["challenge"]), (0, &json!("not_asked"), &json!(null)));
    let missing = auth("gcr-deepvariant", "gcr.io/deepvariant-docker/deepvariant:none", &[], "");
    assert_eq!(missing.status, 0, "that there is nothing says nothing against authentication");
}

#[test]
fn a_password_is_taken_or_refused() {
    let (scenario, reference) = ("distribution-2-htpasswd", "registry-2.example/locked/app:1.0");
    let login = ["--username", "reader", "--password-stdin"];
    let right = auth(scenario, reference, &login, "open-sesame");
    assert_eq!((right.status, right.json()["credential"].as_str()), (0, Some("given")));
    assert_eq!(right.json()["realm"], json!(null), "the realm of Basic is no address");
    let wrong = auth(scenario, reference, &login, "CANARY-wrong");
    assert_eq!((wrong.status, wrong.json()["outcome"].as_str()), (12, Some("rejected")));
    wrong.assert_hides(&["CANARY-wrong"]);
    let none = auth(scenario, reference, &[], "");
    assert_eq!((none.status, none.json()["outcome"].as_str()), (12, Some("credentials_missing")));
}

#[test]
fn page_in_front_says_nothing_about_the_credentials() {
    let login = ["--username", "ci", "--password-stdin"];
    let run = auth("bot-challenge-page", "registry.example/challenged/app:1.0", &login, "an-example-password");
    assert_eq!((run.status, run.json()["outcome"].as_str()), (15, Some("unjudged")));
}

#[test]
fn a_realm_that_may_not_have_the_password_is_named_with_what_to_say() {
    let login = ["--username", "reader", "--password-stdin"];
    let reference = "docker-hub.artifactory.example/node:14.17.5-alpine";
    let run = auth("artifactory-realm-elsewhere", reference, &login, "CANARY-password");
    let told = run.json();
    assert_eq!((run.status, told["outcome"].as_str()), (12, Some("realm_not_trusted")));
    assert_eq!(told["realm"], json!({"host": "artifactory.example", "trusted": "no"}));
    assert_eq!(told["token"], json!(null), "it was not asked");
    run.assert_hides(&["CANARY-password"]);
}

#[test]
fn clocks_that_differ_are_told() {
    let run = ociscope(&["--lab=token-not-valid-yet", "auth", "registry.example/skewed/greeting:1.0"]).run();
    assert!(run.stdout.contains("clocks"), "{}", run.stdout);
}
