//! What the rules make of it, from the file to the report.

use serde_json::json;

use super::pull_secrets::secret;
use super::{PASSWORD, assert_hides, entry, name, registry};
use crate::hostile::checked;
use crate::support::hostile::{Server, manifest, unauthorized};
use crate::support::ociscope::{Run, ociscope};

/// `diagnose --json` for an image on this server, with one file in the home.
fn diagnose(server: &Server, more: &[&str], path: &str, content: &str) -> Run {
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    let arguments = [&["diagnose", "--json", "--platform", "linux/amd64", &reference], more].concat();
    let run = checked(ociscope(&arguments).home_file(path, content).run());
    assert_hides(&run);
    run
}

#[track_caller]
fn assert_first(run: &Run, rule: &str, status: i32) {
    let report = run.report();
    let first = report.list("findings").first().map(|finding| finding["rule"].to_string()).unwrap_or_default();
    assert_eq!((first.trim_matches('"'), run.status), (rule, status), "{}", run.stdout);
}

const DOCKER: &str = ".docker/config.json";

/// Case F14: with its exit status.
#[test]
fn a_helper_that_is_missing() {
    let server = registry();
    let run = diagnose(&server, &[], DOCKER, &json!({ "credsStore": "desktop" }).to_string());
    assert_first(&run, "credential-helper-missing", 12);
}

#[test]
fn file_that_is_not_json() {
    let server = registry();
    for config in ["{\"auths\":{", "auths: {}", "[]", "\u{feff}{"] {
        assert_first(&diagnose(&server, &[], DOCKER, config), "credential-file-unusable", 12);
    }
    assert_first(&diagnose(&server, &[], DOCKER, "{}"), "login-required", 12);
}

#[test]
fn a_key_with_another_port() {
    let server = registry();
    let config = json!({ "auths": { "127.0.0.1": entry("me", PASSWORD) } }).to_string();
    assert_first(&diagnose(&server, &[], DOCKER, &config), "credential-under-wrong-key", 12);
}

/// A variable names another folder than the one in which somebody has logged in.
#[test]
fn a_file_that_is_not_looked_at() {
    let server = registry();
    let config = json!({ "auths": { name(&server): entry("me", PASSWORD) } }).to_string();
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    let run = ociscope(&["diagnose", "--json", &reference]).env("DOCKER_CONFIG", "/nowhere");
    let run = checked(run.home_file(DOCKER, &config).run());
    assert_hides(&run);
    assert_first(&run, "login-required", 12);
    assert!(run.report().list("findings").iter().any(|finding| finding["rule"] == "other-users-config"), "{run:?}");
}

#[test]
fn bytes_that_are_damaged() {
    let wants = |password: &'static str| {
        Server::answering(move |sent| {
            let right = crate::support::basic_authorization("me", password);
            if sent.all("Authorization") == [right] { manifest() } else { unauthorized("Basic realm=\"here\"") }
        })
    };
    let server = wants("word");
    let config = json!({ "auths": { name(&server): entry("me", "word\n") } }).to_string();
    assert_first(&diagnose(&server, &[], DOCKER, &config), "credential-bytes-damaged", 12);
    let config = json!({ "auths": { name(&server): { "auth": "CANARY!" } } }).to_string();
    assert_first(&diagnose(&server, &[], DOCKER, &config), "credential-bytes-damaged", 12);
}

#[test]
fn whoever_asks_nobody_is_told_no_password() {
    let server = Server::answering(|sent| {
        if sent.all("Authorization").is_empty() { manifest() } else { unauthorized("Basic realm=\"here\"") }
    });
    let config = json!({ "auths": { name(&server): entry("me", PASSWORD) } }).to_string();
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    let run = checked(ociscope(&["probe", "--platform", "linux/amd64", &reference]).home_file(DOCKER, &config).run());
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("anonymous (not requested: the credential from ~/.docker/config.json"), "{run:?}");
    server.assert_never_told(PASSWORD);
}

#[test]
fn pull_secrets_each_with_its_own_fault() {
    let option = ["--pull-secret", "secret.yaml"];
    for (content, rule) in [
        (secret(&json!({ "auths": { "127.0.0.1:1": entry("me", PASSWORD) } }).to_string()), "pull-secret-wrong-host"),
        (secret("{\"auths\":{},\"credsStore\":\"desktop\"}"), "pull-secret-has-no-credential"),
        ("kind: Secret\ntype: Opaque\ndata: {password: Q0FOQVJZ}\n".to_owned(), "pull-secret-malformed"),
        ("kind: Pod\nspec: {imagePullSecrets: [{name: regcred}]}\n".to_owned(), "pull-secret-not-found"),
    ] {
        let server = registry();
        assert_first(&diagnose(&server, &option, "secret.yaml", &content), rule, 12);
    }
}

/// What somebody who has an expired token for GHCR sees, with the command that helps.
#[test]
fn the_exact_command_to_log_out() {
    let run = |file: &str| {
        let arguments =
            ["--lab=ghcr-stale-token", "diagnose", "ghcr.io/example/desktop-image:latest", "--auth-file", file];
        let config = json!({ "auths": { "ghcr.io": entry("example", "an-expired-token") } }).to_string();
        ociscope(&arguments).home_file(file, &config).run()
    };
    let (podman, docker) = (run("auth.json"), run("config.json"));
    assert_eq!((podman.status, docker.status), (12, 12));
    assert!(podman.stdout.contains("podman logout ghcr.io"), "{}", podman.stdout);
    assert!(docker.stdout.contains("docker logout ghcr.io"), "{}", docker.stdout);
    assert!(docker.stdout.contains("the credential from config.json"), "{}", docker.stdout);
}
