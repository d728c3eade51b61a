//! `probe` on a registry that sends clients to a token server on another origin.

use super::REPOSITORY;
use crate::support::basic_authorization;
use crate::support::content::{Field, oci_image};
use crate::support::ociscope::{Run, probe, probe_with_input};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::token_server::{TokenOptions, TokenServer};

/// A registry and its token server. `anonymous` says from where anybody may pull.
fn registry_with_tokens(anonymous: Option<&'static [&'static str]>, field: &'static str) -> (Registry, TokenServer) {
    let tokens = TokenServer::start(TokenOptions { anonymous, account: (USER, PASSWORD), field });
    let mut registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    registry.authorization = Some(tokens.authorization(REPOSITORY, &["pull", "push"]));
    registry.push(REPOSITORY, "stable", &oci_image("amd64", Field::Present));
    (registry, tokens)
}

/// Probes with the account's password, and checks that neither it nor any token is shown.
fn probe_with_password(registry: &Registry, tokens: &TokenServer, more: &[&str]) -> Run {
    let options = [&["--plain-http", "--username", USER, "--password-stdin"], more].concat();
    let run = probe_with_input(&registry.reference(REPOSITORY, "stable"), &options, &format!("{PASSWORD}\n"));
    run.assert_hides(&[PASSWORD, basic_authorization(USER, PASSWORD).trim_start_matches("Basic ")]);
    assert_hides_tokens(&run, tokens);
    run
}

fn assert_hides_tokens(run: &Run, tokens: &TokenServer) {
    for token in tokens.tokens() {
        let (_, signature) = token.rsplit_once('.').expect("three parts");
        run.assert_hides(&[&token, signature]);
    }
}

fn scope() -> String {
    format!("repository:{REPOSITORY}:pull")
}

#[test]
fn an_anonymous_token_is_fetched_once_and_used_for_all_probes() {
    for field in ["token", "access_token"] {
        let (registry, tokens) = registry_with_tokens(Some(&[REPOSITORY]), field);
        let run = probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]);
        assert_eq!(run.status, 0, "{field}: {run:?}");
        assert_hides_tokens(&run, &tokens);

        let requests = tokens.requests();
        assert_eq!(requests.len(), 1, "{field}: {requests:#?}");
        assert_eq!(requests[0].query("scope"), [scope()]);
        assert_eq!(requests[0].query("service"), ["registry.example.test"]);
        assert_eq!(requests[0].header("Authorization"), None);

        let report = run.report();
        assert_eq!(report.requests_to(&tokens.access().realm).len(), 1, "the report shows the request: {run:?}");
        assert_eq!(report.probe("oci-manifest")["status"], 200);
        assert_eq!(report.probe("docker-v2")["status"], 404);
    }
}

#[test]
fn a_token_server_that_wants_a_password_lets_nobody_in_without_one() {
    let (registry, tokens) = registry_with_tokens(None, "token");
    let run = probe(&registry.reference(REPOSITORY, "stable"), &["--plain-http"]);
    assert_eq!(run.status, 12, "{run:?}");
    assert!(tokens.requests().iter().all(|request| request.header("Authorization").is_none()));
    run.report();
}

/// The registry chooses the realm, so a registry that is not to be trusted could send the password anywhere.
#[test]
fn a_password_is_kept_from_a_realm_on_another_origin() {
    let (registry, tokens) = registry_with_tokens(None, "token");
    let run = probe_with_password(&registry, &tokens, &[]);
    assert_eq!(run.status, 12, "{run:?}");
    let requests = tokens.requests();
    assert!(requests.iter().all(|request| request.header("Authorization").is_none()), "{requests:#?}");
    run.report();
}

#[test]
fn a_password_is_sent_to_a_realm_that_the_user_trusts() {
    for field in ["token", "access_token"] {
        let (registry, tokens) = registry_with_tokens(None, field);
        let run = probe_with_password(&registry, &tokens, &["--trust-realm", &tokens.address.to_string()]);
        assert_eq!(run.status, 0, "{field}: {run:?}");

        let right = basic_authorization(USER, PASSWORD);
        let requests = tokens.requests();
        let authorized: Vec<_> = requests.iter().filter(|request| request.header("Authorization").is_some()).collect();
        assert_eq!(authorized.len(), 1, "{field}: {requests:#?}");
        assert_eq!(authorized[0].header("Authorization"), Some(right.as_str()));
        assert_eq!(authorized[0].query("scope"), [scope()]);
        assert_eq!(run.report().probe("all")["status"], 200);
    }
}

#[test]
fn trust_in_another_realm_is_not_enough() {
    let (registry, tokens) = registry_with_tokens(None, "token");
    let run = probe_with_password(&registry, &tokens, &["--trust-realm", "127.0.0.1:1"]);
    assert_eq!(run.status, 12, "{run:?}");
    assert!(tokens.requests().iter().all(|request| request.header("Authorization").is_none()));
    run.report();
}
