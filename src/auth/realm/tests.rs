//! Realms of real registries, of broken ones, and of malicious ones.

use proptest::prelude::*;

use super::*;

const DOCKER: &str = "https://registry-1.docker.io/";
const REGISTRY: &str = "https://r.test/v2/demo/app/manifests/latest";

/// Judges a realm with the test table of pairs, and the names given by the user.
fn judged(registry: &str, realm: &str, by_user: &[&str]) -> Result<Realm, RealmRefusal> {
    let pairs = [
        ("registry-1.docker.io".to_owned(), "auth.docker.io".to_owned()),
        ("registry.gitlab.com".to_owned(), "gitlab.com".to_owned()),
        ("nvcr.io".to_owned(), "authn.nvidia.com".to_owned()),
        ("own.test:8443".to_owned(), "auth.own.test:9443".to_owned()),
    ];
    let by_user: Vec<String> = by_user.iter().map(|name| (*name).to_owned()).collect();
    let registry = Url::parse(registry).expect("the registry of a test is a URL");
    // A name may resolve to anything; an address is its own place.
    let class = host_class(&registry).unwrap_or(AddressClass::Public);
    let place = Place { class, here: class == AddressClass::Loopback };
    judge(&realm.into(), &registry, &TrustedRealms { pairs: &pairs, by_user: &by_user }, place)
}

fn trust_of(registry: &str, realm: &str, by_user: &[&str]) -> Trust {
    judged(registry, realm, by_user).expect("the realm is not refused").why()
}

/// The refusal in one word, with the class if the address is the reason.
fn refused(registry: &str, realm: &str) -> String {
    match judged(registry, realm, &[]) {
        Ok(realm) => format!("{:?}", realm.why()),
        Err(RealmRefusal::Address { class, .. }) => format!("{class:?}"),
        Err(RealmRefusal::IllegalCharacter { .. }) => "IllegalCharacter".to_owned(),
        Err(RealmRefusal::Unparsable(_)) => "Unparsable".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn known_realm_may_receive_credentials() {
    for (registry, realm, why) in [
        ("https://ghcr.io/", "https://ghcr.io/token", Trust::SameOrigin),
        ("https://quay.io/", "https://quay.io:443/v2/auth", Trust::SameOrigin),
        ("https://harbor.test:8443/", "https://HARBOR.test:8443/service/token", Trust::SameOrigin),
        (DOCKER, "https://auth.docker.io/token", Trust::KnownPair),
        ("https://registry.gitlab.com/", "https://gitlab.com/jwt/auth", Trust::KnownPair),
        ("https://nvcr.io/", "https://authn.nvidia.com/token", Trust::KnownPair),
        ("https://own.test:8443/", "https://auth.own.test:9443/token", Trust::KnownPair),
        // A registry that the user reaches over http names its token service on the same port.
        ("http://localhost:5000/", "http://localhost:5000/token", Trust::SameOrigin),
    ] {
        let realm = judged(registry, realm, &[]).expect("the realm is not refused");
        assert_eq!(realm.why(), why, "{registry}");
        assert!(realm.may_receive_credentials());
        assert_eq!(realm.remarks(), []);
    }
}

/// Realms that look related but belong to a different party; all are asked without credentials.
#[test]
fn other_origins_are_only_asked_anonymously() {
    for (registry, realm) in [
        (REGISTRY, "https://evil.test/token"),
        ("https://a.azurecr.io/", "https://b.azurecr.io/oauth2/token"),
        ("https://reg.victim.co.uk/", "https://evil.co.uk/"),
        ("https://x.github.io/", "https://y.github.io/"),
        ("https://reg.example.com/", "https://203.0.113.5/"),
        // Trust is in the pair: auth.docker.io is the realm of Docker Hub only.
        (REGISTRY, "https://auth.docker.io/token"),
        (DOCKER, "https://gitlab.com/jwt/auth"),
        (DOCKER, "https://auth.docker.io:8443/token"),
        ("https://registry-1.docker.io:8443/", "https://auth.docker.io/token"),
        ("http://registry-1.docker.io/", "https://auth.docker.io/token"),
        ("https://own.test/", "https://auth.own.test:9443/token"),
        // An origin is scheme, host and port, and a name with a trailing dot is a different name.
        (REGISTRY, "https://r.test:5001/token"),
        (REGISTRY, "https://sub.r.test/token"),
        (REGISTRY, "https://r.test./token"),
        ("http://r.test/", "https://r.test/token"),
        // The user's own registry on this machine, and another program on it.
        ("http://localhost:5000/", "http://localhost:22/"),
        ("http://localhost:5000/", "http://127.0.0.1:5000/token"),
        ("http://127.0.0.1:5000/", "http://[::1]:5001/token"),
        ("https://10.96.0.9/", "https://10.96.0.9:8443/token"),
    ] {
        let judged = judged(registry, realm, &[]).expect("the realm is not refused");
        assert_eq!(judged.why(), Trust::OtherOrigin, "{registry} {realm}");
        assert!(!judged.may_receive_credentials());
    }
}

#[test]
fn addresses_that_are_refused_in_every_spelling() {
    for (realm, class) in [
        ("https://169.254.169.254/latest/meta-data/", "LinkLocal"),
        ("https://[::ffff:169.254.169.254]/", "LinkLocal"),
        ("https://2852039166/", "LinkLocal"),
        ("https://0xa9fea9fe/", "LinkLocal"),
        ("https://0251.0376.0251.0376/", "LinkLocal"),
        ("https://169.254.43518/", "LinkLocal"),
        ("https://169.254.169.254./", "LinkLocal"),
        ("https://[64:ff9b::a9fe:a9fe]/", "LinkLocal"),
        ("https://[fe80::1]/", "LinkLocal"),
        ("https://[fd00:ec2::254]/", "Metadata"),
        ("https://100.100.100.200/", "Metadata"),
        ("https://0/", "Unspecified"),
        ("https://[::]/", "Unspecified"),
        ("https://127.1/", "Loopback"),
        ("https://１２７.０.０.１/", "Loopback"),
        ("https://localhost./", "Loopback"),
        ("https://LOCALHOST/", "Loopback"),
        ("https://a.localhost/", "Loopback"),
        ("https://10.0.0.1/", "Private"),
        ("https://[fd12::1]/", "Private"),
        ("//127.0.0.1/token", "Loopback"),
    ] {
        assert_eq!(refused(REGISTRY, realm), class, "{realm}");
    }
    // A realm over http is already refused for dropping TLS; from a registry over http, the address decides.
    assert_eq!(refused(REGISTRY, "http://169.254.169.254/"), "Downgrade");
    assert_eq!(refused("http://r.test/", "http://169.254.169.254/"), "LinkLocal");
}

#[test]
fn registry_on_a_forbidden_address_may_name_itself() {
    for (registry, realm, why) in [
        ("http://169.254.1.1:5000/", "http://169.254.1.1:5000/token", "SameOrigin"),
        ("http://169.254.1.1:5000/", "http://169.254.1.1:80/token", "OtherOrigin"),
        ("http://169.254.1.1:5000/", "http://169.254.169.254/", "LinkLocal"),
        ("http://10.0.0.1/", "http://10.0.0.2/token", "OtherOrigin"),
        ("http://10.0.0.1/", "http://192.168.1.2/token", "OtherOrigin"),
        ("http://10.0.0.1/", "http://127.0.0.1/token", "Loopback"),
        ("http://localhost:5000/", "http://10.0.0.2/token", "OtherOrigin"),
        ("http://203.0.113.1/", "http://10.0.0.2/token", "Private"),
        ("http://0.0.0.0:5000/", "http://127.0.0.1:5000/token", "Loopback"),
    ] {
        assert_eq!(refused(registry, realm), why, "{registry} {realm}");
    }
}

#[test]
fn realms_that_are_no_plain_address() {
    for (realm, expected) in [
        ("", "Empty"),
        ("https://r.test@evil.test/", "UserInformation"),
        ("https://r.test:password@evil.test/", "UserInformation"),
        ("https://@evil.test/", "UserInformation"),
        ("//r.test@evil.test/", "UserInformation"),
        (r"https://r.test\@evil.test/", "IllegalCharacter"),
        ("ht\ttps://evil.test/", "IllegalCharacter"),
        (" https://r.test/", "IllegalCharacter"),
        ("https://r.test/token\n", "IllegalCharacter"),
        ("https://r.test/a b", "IllegalCharacter"),
        ("https:evil.test/t", "NotAUrl"),
        ("https:///evil.test/t", "NotAUrl"),
        ("///evil.test/t", "NotAUrl"),
        ("https:/evil.test/t", "NotAUrl"),
        ("auth.r.test/token", "NotAUrl"),
        ("token", "NotAUrl"),
        ("?token", "NotAUrl"),
        ("auth.r.test:443/token", "UnsupportedScheme"),
        ("javascript:1", "UnsupportedScheme"),
        ("file:///etc/passwd", "UnsupportedScheme"),
        ("data:text/plain,x", "UnsupportedScheme"),
        ("https://r.test:99999/", "Unparsable"),
        ("https://", "Unparsable"),
        ("https://[::1", "Unparsable"),
        ("https://a b.test", "IllegalCharacter"),
        ("http://r.test/token", "Downgrade"),
    ] {
        assert_eq!(refused(REGISTRY, realm), expected, "{realm:?}");
    }
    assert_eq!(refused(REGISTRY, &format!("https://r.test/{}", "a".repeat(REALM_LIMIT))), "TooLong");
}

#[test]
fn an_incomplete_realm_is_completed_and_remarked_on() {
    let path = judged("https://r.test:8443/v2/", "/token?a=b:c", &[]).expect("a path");
    assert_eq!(path.url().as_str(), "https://r.test:8443/token?a=b:c");
    assert_eq!((path.why(), path.remarks()), (Trust::SameOrigin, &[RealmRemark::Relative][..]));

    let host = judged(REGISTRY, "//evil.test/t", &[]).expect("a host");
    assert_eq!(host.url().as_str(), "https://evil.test/t");
    assert_eq!((host.why(), host.remarks()), (Trust::OtherOrigin, &[RealmRemark::Relative][..]));

    let fragment = judged(REGISTRY, "https://evil.test#@r.test/", &[]).expect("a fragment");
    assert_eq!(fragment.url().as_str(), "https://evil.test/");
    assert_eq!((fragment.why(), fragment.remarks()), (Trust::OtherOrigin, &[RealmRemark::Fragment][..]));
}

#[test]
fn a_name_in_another_script_is_seen_for_what_it_is() {
    let realm = judged("https://apple.test/", "https://аpple.test/", &[]).expect("a Cyrillic letter");
    assert_eq!(realm.why(), Trust::OtherOrigin);
    assert_eq!(realm.trust_name().printable(), "xn--pple-43d.test");
}

#[test]
fn trusted_name_is_a_host_or_a_host_and_port() {
    for (by_user, realm) in [
        ("evil.test", "https://evil.test/token"),
        ("EVIL.test:443", "https://evil.test/token"),
        ("evil.test:8443", "https://evil.test:8443/token"),
        ("10.96.0.10", "https://10.96.0.10/token"),
        ("[fd12::1]", "https://[fd12::1]/token"),
        ("[fd12::1]:8443", "https://[FD12:0::1]:8443/token"),
        ("аpple.test", "https://xn--pple-43d.test/token"),
        ("localhost:5001", "https://localhost:5001/token"),
    ] {
        assert!(names_a_host(by_user), "{by_user}");
        assert_eq!(trust_of(REGISTRY, realm, &["other.test", by_user]), Trust::TrustedByUser, "{by_user}");
    }
    for by_user in ["evil.test", "evil.test:80", "sub.evil.test", "test", "https://evil.test:8443", "", "*", "*:8443"] {
        assert_eq!(trust_of(REGISTRY, "https://evil.test:8443/", &[by_user]), Trust::OtherOrigin, "{by_user}");
    }
    for no_host in
        ["", "https://evil.test", "a b", "u@evil.test", "evil.test/x", "evil.test:", "a:+80", "a:99999", "*.a"]
    {
        assert!(!names_a_host(no_host), "{no_host}");
    }
}

/// Naming a realm makes it trusted, not sensible: TLS is still required, and the metadata service is not a token
/// service.
#[test]
fn trusted_realm_is_still_judged() {
    for (realm, named) in [
        ("http://evil.test/", "evil.test"),
        ("https://169.254.169.254/", "169.254.169.254"),
        ("https://[fd00:ec2::254]/", "[fd00:ec2::254]"),
        ("https://0.0.0.0/", "0.0.0.0"),
        ("https://u@evil.test/", "evil.test"),
    ] {
        assert!(names_a_host(named));
        assert!(judged(REGISTRY, realm, &[named]).is_err(), "{realm}");
    }
}

/// A registry inside a cluster names its token service by address, in good faith.
#[test]
fn the_refusal_of_a_private_address_says_how_to_allow_it() {
    let refusal = judged("https://reg.ns.svc/", "https://10.96.0.10:8443/token", &[]).expect_err("a private address");
    assert_eq!(
        refusal.to_string(),
        "the realm points to 10.96.0.10, which is on a private network; the registry is not at that address. \
         If this is its token service, allow it with --trust-realm 10.96.0.10:8443"
    );
    let realm = judged("https://reg.ns.svc/", "https://10.96.0.10:8443/token", &["10.96.0.10:8443"]);
    let realm = realm.expect("the user named it");
    assert!(realm.may_receive_credentials());
    assert_eq!(realm.address_class(), Some(AddressClass::Private));
    assert_eq!(
        judged(REGISTRY, "https://2852039166/", &[]).expect_err("a metadata service").to_string(),
        "the realm points to 169.254.169.254, which is link-local, the range of cloud metadata services; the registry \
         is not at that address"
    );
}

proptest! {
    #[test]
    fn judging_never_panics(realm in "\\PC{0,60}|.{0,60}", by_user in "\\PC{0,20}|[a-z:.\\[\\]0-9]{0,20}") {
        for registry in [REGISTRY, "http://localhost:5000/", "https://[::1]/", "data:x"] {
            let _ = judged(registry, &realm, &[&by_user]);
        }
    }

    /// Credentials stay at the registry's origin for any realm made of pieces of URLs.
    #[test]
    fn without_trust_credentials_stay_at_the_origin(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("https:"), Just("http:"), Just("/"), Just("//"), Just("r.test"), Just("evil.test"), Just("@"),
                Just("\\"), Just("#"), Just("?"), Just(":443"), Just(":80"), Just("."), Just("%2e"), Just("\t"),
                Just("127.1"), Just("[::1]"), Just("localhost"), Just("token"),
            ],
            0..9,
        ),
    ) {
        let registry = Url::parse(REGISTRY).expect("a URL");
        if let Ok(realm) = judged(REGISTRY, &pieces.concat(), &[]) {
            prop_assert_eq!(realm.may_receive_credentials(), realm.url().origin() == registry.origin());
            prop_assert_eq!(realm.url().scheme(), "https");
            prop_assert!(realm.url().username().is_empty() && realm.url().password().is_none());
            prop_assert!(matches!(realm.address_class(), None | Some(AddressClass::Public)));
            prop_assert!(realm.trust_name().as_str().chars().all(crate::text::is_safe));
        }
    }
}
