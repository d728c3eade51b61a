//! What travels along when a registry redirects: nothing that belongs to the registry.

use super::{
    IMAGE, PASSWORD, USER, assert_cannot_be_pulled, assert_status, checked, name_of, probe, probe_with_password,
};
use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, bearer, manifest, redirect, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};
use crate::support::relay::Sent;

/// The registry, at the port that everybody uses. Others stand at ports of their own, which users may name too.
const REGISTRY: &str = "registry.test";
const SIGNATURE: &str = "CANARYsig0123456789abcdef";

/// A registry over TLS that lets nobody in without a password, and then answers with what this function says.
fn guarded(names: &mut Names, make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        if sent.all("Authorization").is_empty() { unauthorized("Basic realm=\"registry\"") } else { make(sent) }
    });
    names.lead(REGISTRY, &server);
    server
}

/// A server over TLS at this name.
fn server_at(names: &mut Names, at: &str, make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let name = name_of(at);
    let server = Server::answering_over_tls(&names.authority, &[name], make);
    names.lead(at, &server);
    server
}

#[track_caller]
fn with_password(names: &Names, more: &[&str]) -> Run {
    let run = probe_with_password(&format!("{REGISTRY}/{IMAGE}"), &[&names.options(), more].concat());
    run.assert_hides(&[PASSWORD, basic_authorization(USER, PASSWORD).trim_start_matches("Basic ")]);
    run
}

/// Checks that a server was asked, and that nothing was told it that belongs to the registry.
#[track_caller]
fn assert_asked_as_a_stranger(server: &Server) {
    let requests = server.requests();
    assert!(!requests.is_empty(), "it was not asked at all");
    for sent in requests {
        for name in ["Authorization", "Cookie", "X-Api-Key", "Referer", "Proxy-Authorization", "Origin"] {
            assert_eq!(sent.all(name), [""; 0], "{name} was sent: {sent:?}");
        }
    }
    server.assert_never_told(PASSWORD);
}

/// Case A14: the storage behind a registry gets the signed address, and nothing else; nobody gets to see it.
#[test]
fn a_signed_address_is_followed_without_anything_and_shown_without_its_signature() {
    let mut names = Names::new();
    let storage = server_at(&mut names, "storage.test", |_| manifest());
    let location = format!("https://storage.test/data?X-Amz-Date=20250101&X-Amz-Signature={SIGNATURE}&sig={SIGNATURE}");
    let registry = guarded(&mut names, move |_| redirect("307 Temporary Redirect", &location));
    let run = with_password(&names, &["--header", "X-Api-Key: CANARYhdr+value", "--header", "Cookie: CANARYck=1"]);
    assert_asked_as_a_stranger(&storage);
    assert!(storage.requests().iter().all(|sent| sent.path.contains(SIGNATURE)), "the address is followed as it is");
    assert!(registry.header_values("Referer").is_empty());
    run.assert_hides(&[SIGNATURE, "CANARYhdr", "CANARYck"]);
    assert_status(&run, 0);
}

#[test]
fn no_format_shows_the_signature_of_an_address() {
    let mut names = Names::new();
    let _storage = server_at(&mut names, "storage.test", |_| manifest());
    let location = format!("https://storage.test/data?X-Goog-Signature={SIGNATURE}#{SIGNATURE}");
    let _registry = server_at(&mut names, REGISTRY, move |_| redirect("302 Found", &location));
    let reference = format!("{REGISTRY}/{IMAGE}");
    for format in ["terminal", "markdown", "html", "json"] {
        let options = [&["probe", "--format", format], &names.options()[..], &[&reference]].concat();
        let run = checked(ociscope(&options).run());
        run.assert_hides(&[SIGNATURE]);
        assert_status(&run, 0);
    }
}

/// Case A15: another port, a name below, a dot at the end: each is another origin.
#[test]
fn nothing_travels_to_another_origin_however_similar() {
    for other in ["registry.test:5001", "sub.registry.test", "registry.test."] {
        let mut names = Names::new();
        let stranger = server_at(&mut names, other, |_| manifest());
        let registry = guarded(&mut names, move |sent| {
            redirect("307 Temporary Redirect", &format!("https://{other}{}", sent.path))
        });
        let run = with_password(&names, &["--header", "X-Api-Key: CANARYhdr+value"]);
        if other.ends_with('.') {
            // The certificate's name has no dot at its end; whether it counts is for the TLS library to say.
            stranger.assert_never_told(PASSWORD);
            stranger.assert_never_told("CANARYhdr+value");
        } else {
            assert_asked_as_a_stranger(&stranger);
            assert_status(&run, 0);
        }
        assert!(!registry.header_values("Authorization").is_empty());
    }
}

/// Case A16: on the way back the registry is the registry again, and the one in between has learned nothing.
#[test]
fn the_way_back_leads_to_the_registry_alone() {
    let mut names = Names::new();
    let between = server_at(&mut names, "between.test", |_| {
        redirect("307 Temporary Redirect", &format!("https://{REGISTRY}/v2/back"))
    });
    let registry = guarded(&mut names, |sent| match sent.path.as_str() {
        "/v2/back" => manifest(),
        _ => redirect("307 Temporary Redirect", "https://between.test/"),
    });
    let run = with_password(&names, &[]);
    assert_asked_as_a_stranger(&between);
    let back: Vec<_> = registry.requests().into_iter().filter(|sent| sent.path == "/v2/back").collect();
    assert!(!back.is_empty() && back.iter().all(|sent| sent.all("Authorization").len() == 1), "{back:?}");
    assert_status(&run, 0);
}

/// Case A12: what was sent over TLS is not sent again without it.
#[test]
fn nothing_travels_to_plain_http() {
    let mut names = Names::new();
    let plain = Server::answering(|_| manifest());
    names.lead("registry.test:80", &plain);
    names.lead("registry.test:5002", &plain);
    for location in ["http://registry.test:5002/v2/", "http://registry.test/v2/"] {
        let registry = guarded(&mut names, move |_| redirect("301 Moved Permanently", location));
        let run = with_password(&names, &["--header", "X-Api-Key: CANARYhdr+value"]);
        plain.assert_untouched();
        drop(registry);
        assert_status(&run, 15);
    }
}

/// Case A17: where a redirect leads to, somebody else asks. The password was not meant for them, nor is a token.
#[test]
fn a_challenge_of_somebody_else_is_not_answered() {
    for challenge in [bearer(&format!("https://{REGISTRY}/token")), "Basic realm=\"storage\"".to_owned()] {
        let mut names = Names::new();
        let stranger = server_at(&mut names, "storage.test", move |_| unauthorized(&challenge));
        let registry = server_at(&mut names, REGISTRY, |sent| match sent.path.starts_with("/token") {
            true => token("token-of-this-test"),
            false => redirect("307 Temporary Redirect", "https://storage.test/data"),
        });
        let run = with_password(&names, &[]);
        assert_asked_as_a_stranger(&stranger);
        registry.assert_never_told(PASSWORD);
        assert_eq!(registry.header_values("Authorization"), [""; 0], "{run:?}");
        assert_cannot_be_pulled(&run);
    }
}

#[test]
fn a_token_does_not_travel_either() {
    let mut names = Names::new();
    let storage = server_at(&mut names, "storage.test", |_| manifest());
    let registry = server_at(&mut names, REGISTRY, |sent| {
        if sent.path.starts_with("/token") {
            token("token-of-this-test")
        } else if sent.all("Authorization").is_empty() {
            unauthorized(&bearer(&format!("https://{REGISTRY}/token")))
        } else {
            redirect("307 Temporary Redirect", "https://storage.test/data")
        }
    });
    let run = probe(&format!("{REGISTRY}/{IMAGE}"), &names.options());
    assert_asked_as_a_stranger(&storage);
    storage.assert_never_told("token-of-this-test");
    assert!(registry.header_values("Authorization").contains(&"Bearer token-of-this-test".to_owned()));
    run.assert_hides(&["token-of-this-test"]);
    assert_status(&run, 0);
}
