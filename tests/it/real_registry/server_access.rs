//! Who is let in by the registry and by the token server of the tests, seen by plain requests.

use super::REPOSITORY;
use crate::support::basic_authorization;
use crate::support::certificates::Authority;
use crate::support::content::docker_image;
use crate::support::http::{Answer, Endpoint};
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};
use crate::support::token_server::{TokenOptions, TokenServer};

#[test]
fn a_password_is_asked_for_and_checked() {
    let registry = Registry::start(Options { access: Access::Password, ..Options::default() });
    let ask = |headers: &[(&str, &str)]| registry.endpoint.get("/v2/", headers);

    let refused = ask(&[]).expect(401);
    assert_eq!(refused.header("WWW-Authenticate"), Some("Basic realm=\"Registry Realm\""));
    ask(&[("Authorization", &basic_authorization(USER, PASSWORD))]).expect(200);
    ask(&[("Authorization", &basic_authorization(USER, "wrong"))]).expect(401);

    registry.push(REPOSITORY, "latest", &docker_image("amd64"));
    let log = registry.stop().log;
    assert_eq!(failed_logins(&log), 1, "{log:#?}");
}

/// How often the registry was sent a wrong password, by its own log.
pub(super) fn failed_logins(log: &[String]) -> usize {
    log.iter().filter(|line| line.contains("error authenticating user")).count()
}

#[test]
fn a_token_is_asked_for_given_out_and_accepted() {
    for field in ["token", "access_token"] {
        let tokens =
            TokenServer::start(TokenOptions { anonymous: Some(&[REPOSITORY]), account: (USER, PASSWORD), field });
        let registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
        let path = format!("/v2/{REPOSITORY}/manifests/latest");

        let challenge = registry.endpoint.get(&path, &[]).expect(401);
        let expected = format!(
            "Bearer realm=\"http://{}/token\",service=\"registry.example.test\",scope=\"repository:{REPOSITORY}:pull\"",
            tokens.address
        );
        assert_eq!(challenge.header("WWW-Authenticate"), Some(expected.as_str()));

        let answer = ask_for_token(&tokens, &format!("repository:{REPOSITORY}:pull"), &[]).expect(200);
        let authorization = format!("Bearer {}", answer.json()[field].as_str().expect("a token"));
        // The token is good: what is missing now is only the content.
        registry.endpoint.get(&path, &[("Authorization", &authorization)]).expect(404);
    }
}

#[test]
fn pushing_works_with_a_token_that_allows_it() {
    let tokens = TokenServer::start(TokenOptions { anonymous: None, account: (USER, PASSWORD), field: "token" });
    let mut registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    registry.authorization = Some(tokens.authorization(REPOSITORY, &["pull", "push"]));
    registry.push(REPOSITORY, "latest", &docker_image("amd64"));
    assert!(tokens.requests().is_empty(), "this token was made without a request");
}

#[test]
fn a_token_for_another_repository_is_not_enough() {
    let tokens = TokenServer::start(TokenOptions { anonymous: None, account: (USER, PASSWORD), field: "token" });
    let registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    let elsewhere = tokens.authorization("another/app", &["pull"]);
    let path = format!("/v2/{REPOSITORY}/manifests/latest");
    let refused = registry.endpoint.get(&path, &[("Authorization", &elsewhere)]).expect(401);
    let challenge = refused.header("WWW-Authenticate").expect("a challenge");
    assert!(challenge.ends_with(",error=\"insufficient_scope\""), "{challenge}");
}

/// Docker Hub does the same: whoever may not pull gets a token all the same, and only the registry refuses.
#[test]
fn an_anonymous_token_is_good_for_the_open_repositories_only() {
    let options = TokenOptions { anonymous: Some(&["open/app"]), account: (USER, PASSWORD), field: "token" };
    let tokens = TokenServer::start(options);
    let registry = Registry::start(Options { access: Access::Token(tokens.access()), ..Options::default() });
    for (repository, status) in [("open/app", 404), (REPOSITORY, 401)] {
        let answer = ask_for_token(&tokens, &format!("repository:{repository}:pull"), &[]).expect(200);
        let authorization = format!("Bearer {}", answer.json()["token"].as_str().expect("a token"));
        let path = format!("/v2/{repository}/manifests/latest");
        registry.endpoint.get(&path, &[("Authorization", &authorization)]).expect(status);
    }
}

#[test]
fn the_token_server_gives_nobody_more_than_is_due() {
    let tokens = TokenServer::start(TokenOptions { anonymous: None, account: (USER, PASSWORD), field: "token" });
    let scope = format!("repository:{REPOSITORY}:pull");
    let right = basic_authorization(USER, PASSWORD);
    let wrong = basic_authorization(USER, "wrong");
    ask_for_token(&tokens, &scope, &[]).expect(401);
    ask_for_token(&tokens, &scope, &[("Authorization", &wrong)]).expect(401);
    ask_for_token(&tokens, &scope, &[("Authorization", &right)]).expect(200);

    let requests = tokens.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.method == "GET" && request.path == "/token"));
    assert!(requests.iter().all(|request| request.query("scope") == [scope.as_str()]));
    assert_eq!(requests[2].header("authorization"), Some(right.as_str()));
}

fn ask_for_token(tokens: &TokenServer, scope: &str, headers: &[(&str, &str)]) -> Answer {
    let path = format!("/token?service=registry.example.test&scope={scope}");
    Endpoint::plain(tokens.address).get(&path, headers)
}

#[test]
fn a_private_authority_signs_for_the_registry() {
    let authority = Authority::new();
    let registry = Registry::start(Options { tls: Some(&authority), ..Options::default() });
    registry.push(REPOSITORY, "latest", &docker_image("amd64"));

    let confused = Endpoint::plain(registry.address).get("/v2/", &[]).expect(400);
    assert_eq!(confused.body, b"Client sent an HTTP request to an HTTPS server.\n");
}

#[test]
fn more_headers_can_be_configured() {
    let headers = vec![("Warning", "299 - \"this registry moves\"")];
    let registry = Registry::start(Options { headers, ..Options::default() });
    let answer = registry.endpoint.get("/v2/", &[]).expect(200);
    assert_eq!(answer.header("Warning"), Some("299 - \"this registry moves\""));
}
