//! To whom a password goes when the registry says where a token can be had: what each server received decides.

use super::{
    IMAGE, PASSWORD, USER, assert_cannot_be_pulled, assert_status, failures, name_of, probe, probe_with_password,
};
use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, bearer, manifest, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};

/// The registry, at the port that everybody uses. Others stand at ports of their own, which users may name too.
const REGISTRY: &str = "registry.test";

/// A registry over TLS that wants a token from this realm.
fn registry(names: &mut Names, realm: &str) -> Server {
    registry_called(names, REGISTRY, &bearer(realm))
}

fn registry_called(names: &mut Names, at: &str, challenge: &str) -> Server {
    let name = name_of(at);
    let challenge = challenge.to_owned();
    let server = Server::answering_over_tls(&names.authority, &[name], move |sent| {
        if sent.all("Authorization").is_empty() { unauthorized(&challenge) } else { manifest() }
    });
    names.lead(at, &server);
    server
}

/// A server over TLS at this name that gives a token to everybody.
fn token_server(names: &mut Names, at: &str) -> Server {
    let name = name_of(at);
    let server = Server::answering_over_tls(&names.authority, &[name], |_| token("token-of-this-test"));
    names.lead(at, &server);
    server
}

#[track_caller]
fn with_password(names: &Names, more: &[&str]) -> Run {
    let run = probe_with_password(&format!("{REGISTRY}/{IMAGE}"), &[&names.options(), more].concat());
    run.assert_hides(&[
        PASSWORD,
        basic_authorization(USER, PASSWORD).trim_start_matches("Basic "),
        "token-of-this-test",
    ]);
    run
}

/// Case A01: the registry chooses the realm, and a registry that is not to be trusted would choose its own server.
#[test]
fn a_password_is_not_sent_to_a_realm_that_the_registry_chose() {
    let mut names = Names::new();
    let evil = token_server(&mut names, "evil.test:5001");
    let registry = registry(&mut names, "https://evil.test:5001/token");
    let run = with_password(&names, &[]);
    evil.assert_untouched();
    registry.assert_never_told(PASSWORD);
    assert_status(&run, 12);
    assert!(run.stdout.contains("--trust-realm evil.test:5001"), "the way to allow it is shown: {run:?}");
}

#[test]
fn a_password_is_sent_to_a_realm_that_the_user_named_and_nobody_else_gets_it() {
    let mut names = Names::new();
    let tokens = token_server(&mut names, "tokens.test");
    let registry = registry(&mut names, "https://tokens.test/token");
    let run = with_password(&names, &["--trust-realm", "tokens.test"]);
    assert_eq!(tokens.header_values("Authorization"), [basic_authorization(USER, PASSWORD)]);
    registry.assert_never_told(PASSWORD);
    assert!(registry.header_values("Authorization").iter().all(|value| value == "Bearer token-of-this-test"));
    assert_status(&run, 0);
}

/// Case A07: nearly the same name is another name, and another port is another server.
#[test]
fn a_realm_that_looks_like_the_registry_is_not_the_registry() {
    for realm in
        ["registry.test:5001", "auth.registry.test", "registry.test.evil.test", "xregistry.test", "registry.test."]
    {
        let mut names = Names::new();
        let other = token_server(&mut names, realm);
        let registry = registry(&mut names, &format!("https://{realm}/token"));
        let run = with_password(&names, &[]);
        other.assert_untouched();
        registry.assert_never_told(PASSWORD);
        assert_status(&run, 12);
    }
}

/// Case A28: a token server is trusted together with its registry. Others that name it want something from it.
#[test]
fn the_token_server_of_docker_hub_is_not_trusted_for_other_registries() {
    let mut names = Names::new();
    let hub = token_server(&mut names, "auth.docker.io");
    let _registry = registry(&mut names, "https://auth.docker.io/token");
    let run = with_password(&names, &[]);
    hub.assert_untouched();
    assert_status(&run, 12);
}

/// Case A08: the commonest registry of all, and no question about it.
#[test]
fn the_token_server_of_docker_hub_is_trusted_for_docker_hub() {
    let mut names = Names::new();
    let tokens = token_server(&mut names, "auth.docker.io");
    let hub = registry_called(&mut names, "registry-1.docker.io", &bearer("https://auth.docker.io/token"));
    let run = probe_with_password("alpine", &names.options());
    assert_eq!(tokens.header_values("Authorization"), [basic_authorization(USER, PASSWORD)]);
    hub.assert_never_told(PASSWORD);
    assert_status(&run, 0);
}

/// Case A03: the registry is reached over TLS; its realm would be readable for everybody on the way.
#[test]
fn a_realm_over_plain_http_is_not_asked() {
    let mut names = Names::new();
    let plain = Server::answering(|_| token("token-of-this-test"));
    names.lead("registry.test:5002", &plain);
    let _registry = registry(&mut names, "http://registry.test:5002/token");
    for run in [
        with_password(&names, &[]),
        with_password(&names, &["--trust-realm", "registry.test:5002"]),
        probe(&format!("{REGISTRY}/{IMAGE}"), &names.options()),
    ] {
        plain.assert_untouched();
        assert_status(&run, 12);
    }
}

/// Case A04: addresses that mean this machine, its link or a cloud's metadata service, in every spelling.
#[test]
fn a_realm_at_a_forbidden_address_is_not_asked_even_without_a_password() {
    let trap = Server::answering(|_| token("token-of-this-test"));
    let port = trap.address.port();
    let spellings = [
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://[::ffff:169.254.169.254]/".to_owned(),
        "https://2852039166/".to_owned(),
        "https://0xa9fea9fe/".to_owned(),
        "https://0251.0376.0251.0376/".to_owned(),
        "https://169.254.43518/".to_owned(),
        "https://[64:ff9b::a9fe:a9fe]/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "https://100.100.100.200/".to_owned(),
        format!("https://0:{port}/"),
        format!("https://[::]:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://127.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://localhost.:{port}/"),
        format!("https://１２７.０.０.１:{port}/"),
    ];
    for realm in spellings {
        let mut names = Names::new();
        let registry = registry(&mut names, &realm);
        let run = probe(&format!("{REGISTRY}/{IMAGE}"), &names.options());
        trap.assert_untouched();
        let report = run.report();
        let elsewhere = report.list("exchanges").len() - report.requests_to(&format!("https://{REGISTRY}/")).len();
        assert_eq!(elsewhere, 0, "nothing is tried at {realm}: {run:?}");
        assert!(!registry.requests().is_empty());
        assert_status(&run, 12);
    }
}

/// Case A05: what a name leads to is only known once it has been looked up.
#[test]
fn a_realm_whose_name_leads_to_a_forbidden_address_is_not_asked() {
    let mut names = Names::new();
    names.lead_to_address("metadata.test:443", "169.254.169.254");
    let _registry = registry(&mut names, "https://metadata.test/token");
    let run = probe(&format!("{REGISTRY}/{IMAGE}"), &names.options());
    assert!(failures(&run.report()).contains(&"forbidden-address"), "{run:?}");
    assert_status(&run, 12);
}

/// Case A09: before the `@` stands what people would take for the host.
#[test]
fn a_realm_that_hides_its_host_is_not_asked() {
    for realm in [
        "https://registry.test@evil.test:5001/token",
        "https://registry.test\\@evil.test:5001/token",
        "https://@evil.test:5001/token",
        "https://alice:CANARYpw@evil.test:5001/token",
    ] {
        let mut names = Names::new();
        let evil = token_server(&mut names, "evil.test:5001");
        let _registry = registry(&mut names, realm);
        for run in [with_password(&names, &["--trust-realm", "evil.test:5001"]), with_password(&names, &[])] {
            evil.assert_untouched();
            run.assert_hides(&["CANARYpw"]);
            assert_status(&run, 12);
        }
    }
}

/// Case A10: which of several challenges is answered does not depend on their order, and the worst cannot hide.
#[test]
fn a_second_challenge_gets_no_password_either() {
    let realm = "https://evil.test:5001/token";
    for challenge in [
        format!("Bearer realm=\"https://{REGISTRY}/token\",realm=\"{realm}\""),
        format!("Bearer realm=\"{realm}\",realm=\"https://{REGISTRY}/token\""),
        format!("Negotiate, Bearer realm=\"{realm}\""),
    ] {
        let mut names = Names::new();
        let evil = token_server(&mut names, "evil.test:5001");
        let _registry = registry_called(&mut names, REGISTRY, &challenge);
        with_password(&names, &[]);
        evil.assert_untouched();
    }
}

/// Case A21: a header of the user's own is for the registry, as a password is.
#[test]
fn a_header_of_one_s_own_goes_to_the_registry_alone() {
    let mut names = Names::new();
    let tokens = token_server(&mut names, "tokens.test");
    let registry = registry(&mut names, "https://tokens.test/token");
    let header = ["--header", "X-Api-Key: CANARYhdr+value", "--header", "Cookie: CANARYck=1"];
    let run = probe(&format!("{REGISTRY}/{IMAGE}"), &[&names.options(), &header[..]].concat());
    assert_eq!(registry.header_values("X-Api-Key").len(), registry.requests().len());
    assert!(registry.header_values("X-Api-Key").iter().all(|value| value == "CANARYhdr+value"));
    tokens.assert_never_told("CANARYhdr+value");
    tokens.assert_never_told("CANARYck");
    run.assert_hides(&["CANARYhdr", "CANARYck"]);
    assert_status(&run, 0);
}

/// Case A13: to let the registry's certificate pass is not to let everybody's pass.
#[test]
fn insecure_is_for_the_registry_alone() {
    let mut names = Names::new();
    let others = Names::new();
    let tokens = Server::answering_over_tls(&others.authority, &["tokens.test"], |_| token("token-of-this-test"));
    names.lead("tokens.test", &tokens);
    let _registry = registry(&mut names, "https://tokens.test/token");
    let run = with_password(&names, &["--insecure", "--trust-realm", "tokens.test"]);
    tokens.assert_never_told(PASSWORD);
    assert!(failures(&run.report()).contains(&"certificate"), "{run:?}");
    assert_cannot_be_pulled(&run);
}

/// Some registries lock an account after a few wrong passwords, so a diagnosis, which asks for other names too, brings one
/// that was refused to none of them.
#[test]
fn a_password_that_was_refused_is_not_tried_again_for_another_name() {
    let basic = basic_authorization(USER, PASSWORD);
    let sent_to = |server: &Server| {
        let authorizations = server.header_values("Authorization");
        authorizations.iter().filter(|value| **value == basic).count()
    };
    let diagnose = |names: &Names| {
        let reference = format!("{REGISTRY}/{IMAGE}");
        let options = [&["diagnose", "--json", "--username", USER, "--password-stdin"], &names.options()[..]].concat();
        ociscope(&[&options[..], &[&reference]].concat()).input(PASSWORD).run()
    };

    let mut names = Names::new();
    let by_basic = Server::answering_over_tls(&names.authority, &[REGISTRY], |_| unauthorized("Basic realm=\"r\""));
    names.lead(REGISTRY, &by_basic);
    assert_status(&diagnose(&names), 12);
    assert_eq!(sent_to(&by_basic), 1, "{:#?}", by_basic.requests());

    let mut names = Names::new();
    let by_token = Server::answering_over_tls(&names.authority, &[REGISTRY], |sent| {
        let at_the_service = sent.path.starts_with("/token") && !sent.all("Authorization").is_empty();
        if at_the_service {
            unauthorized("Basic realm=\"r\"")
        } else {
            unauthorized(&bearer("https://registry.test/token"))
        }
    });
    names.lead(REGISTRY, &by_token);
    assert_status(&diagnose(&names), 12);
    assert_eq!(sent_to(&by_token), 1, "{:#?}", by_token.requests());
}
