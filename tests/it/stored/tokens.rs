//! Identity tokens and tokens for the registry itself.

use serde_json::json;

use super::told;
use crate::support::hostile::{Names, Server, bearer, redirect, sending_for_a_token, token, unauthorized};
use crate::support::ociscope::ociscope;

/// Case F08: an identity token goes to the token service in the body of a POST, and nowhere else.
#[test]
fn an_identity_token_is_posted_to_the_token_service() {
    let (names, service, registry) = sending_for_a_token("auth.test", "CANARYtok");
    let config = json!({ "auths": { "registry.test": { "identitytoken": "CANARYidt/+" } } }).to_string();
    let run = |more: &[&str]| {
        let arguments = [&["auth", "--json", "registry.test/team/app:1.0"], &names.options()[..], more].concat();
        told(ociscope(&arguments).home_file(".docker/config.json", &config).run())
    };
    assert_eq!(run(&[])["outcome"], "realm_not_trusted");
    service.assert_untouched();
    let told = run(&["--trust-realm", "auth.test"]);
    assert_eq!(
        (told["outcome"].as_str(), told["credential_form"].as_str()),
        (Some("accepted"), Some("identity_token"))
    );
    let received = String::from_utf8_lossy(&service.received()).into_owned();
    assert!(received.starts_with("POST /token HTTP/1.1\r\n"), "{received}");
    assert!(received.contains("grant_type=refresh_token&client_id=ociscope&service="), "{received}");
    assert!(received.ends_with("&scope=repository%3Ateam%2Fapp%3Apull&refresh_token=CANARYidt%2F%2B"), "{received}");
    registry.assert_never_told("CANARYidt/+");
    assert_eq!(registry.header_values("Authorization").last().map(String::as_str), Some("Bearer CANARYtok"));
}

/// Case A29: whoever brings a token for the registry needs no token service, whatever its address is.
#[test]
fn a_registry_token_is_sent_as_it_is_and_no_realm_is_asked() {
    let (names, evil, registry) = sending_for_a_token("evil.test", "x");
    let config = json!({ "auths": { "registry.test": { "registrytoken": "CANARYtok" } } }).to_string();
    let arguments = [&["auth", "--json", "registry.test/team/app:1.0"], &names.options()[..]].concat();
    let told = told(ociscope(&arguments).home_file(".docker/config.json", &config).run());
    assert_eq!(
        (told["outcome"].as_str(), told["credential_form"].as_str()),
        (Some("accepted"), Some("registry_token"))
    );
    assert_eq!(registry.header_values("Authorization"), ["Bearer CANARYtok"]);
    evil.assert_untouched();
}

/// Case A18: where the token service sends its clients elsewhere, the token does not go there.
#[test]
fn an_identity_token_is_not_sent_on() {
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let mut names = Names::new();
        let evil = Server::answering_over_tls(&names.authority, &["evil.test"], |_| token("x"));
        names.lead("evil.test", &evil);
        let registry = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
            match sent.path.starts_with("/token") {
                true => redirect(status, "https://evil.test/token"),
                false => unauthorized(&bearer("https://registry.test/token")),
            }
        });
        names.lead("registry.test", &registry);
        let config = json!({ "auths": { "registry.test": { "identitytoken": "CANARYidt" } } }).to_string();
        let arguments = [&["auth", "--json", "registry.test/team/app:1.0"], &names.options()[..]].concat();
        let told = told(ociscope(&arguments).home_file(".docker/config.json", &config).run());
        assert_eq!(told["outcome"], "token_unusable", "{status}");
        evil.assert_untouched();
    }
}
