//! Values that get a pseudonym in an anonymized report, and public ones that do not.

use super::*;

fn pseudonyms() -> Pseudonyms {
    let mut made =
        Pseudonyms::new(Some("/home/alice".to_owned()), vec!["alice".to_owned()], Some("laptop7".to_owned()));
    made.hide_hosts(["registry-1.acme.example".to_owned(), "auth".to_owned(), "127.0.0.1".to_owned()]);
    made
}

/// Cases E14, E16, E17: equal values stay equal.
#[test]
fn the_same_thing_has_the_same_label() {
    for (text, expected) in [
        ("https://registry-1.acme.example:5000/v2/", "https://HOST1:5000/v2/"),
        ("REGISTRY-1.acme.example. and auth:443", "HOST1. and HOST2:443"),
        ("sub.registry-1.acme.example", "HOST1"),
        ("service=registry-1.acme.example&account=alice", "service=HOST1&account=USER1"),
        ("service%3Dregistry-1.acme.example%26", "service%3DHOST1%26"),
        (r#"{"a":"x\nregistry-1.acme.example\tb"}"#, r#"{"a":"x\nHOST1\tb"}"#),
        ("db.prod.svc, nas.lan, x.internal", "HOST1, HOST2, HOST3"),
        ("/home/alice/.docker and /home/bob/x and /Users/carol", "~/.docker and /home/USER/x and /Users/USER"),
        ("10.1.2.3:443 10.1.2.3 10.9.9.9.", "IPV4-1:443 IPV4-1 IPV4-2."),
        ("[2600:3c00::f03c]:5000 and fe80::1", "[IPV6-1]:5000 and IPV6-2"),
        ("on laptop7", "on HOST1"),
    ] {
        assert_eq!(pseudonyms().text(text), expected, "{text}");
    }
}

#[test]
fn public_names_stay() {
    for text in [
        "ghcr.io/acme/app:1.2.3 at 127.0.0.1:5000, [::1]:80, 0.0.0.0, localhost",
        "author authorization malice 12:30:45 sha256:0123456789abcdef 192.0.2.1",
        "2026-11-26T12:00:00Z application/vnd.oci.image.index.v1+json",
        "",
    ] {
        assert_eq!(pseudonyms().text(text), text);
    }
}

/// Case E36: by shape, from any source.
#[test]
fn what_tells_whose_it_is_has_a_label_by_its_shape() {
    for (text, expected) in [
        ("Via: 1.1 cache7.acme.com (squid)", "Via: 1.1 HOST1 (squid)"),
        ("<https://mirror.acme.de/v2/>; rel=next, http://build7/x", "<https://HOST1/v2/>; rel=next, http://HOST2/x"),
        ("access-control-allow-origin: https://ui.acme.io", "access-control-allow-origin: https://HOST1"),
        ("service=\"tokens.acme.net\"", "service=\"HOST1\""),
        ("from ip-10-20-30-40 and ec2-3-120-1-2.x.acme.org", "from HOST1 and HOST2"),
        ("Alice, ALICE and alice", "USER1, USER1 and USER1"),
        ("mail joe.doe+x@acme.com, Joe.Doe+x@acme.com or bob%40acme.de", "mail EMAIL1, EMAIL1 or EMAIL2"),
        ("arn:aws:iam::123456789012:user/carol is not", "arn:aws:iam::ACCOUNT1:user/NAME1 is not"),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/a/b", "arn:aws:ecr:eu-west-1:ACCOUNT1:repository/a/b"),
        ("for account 123456789012: no", "for account ACCOUNT1: no"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/a", "HOST1/a"),
        ("tenant 0f8fad5b-d9cb-469f-a165-70867728950e", "tenant GUID1"),
        ("at 00:1B:44:11:3A:B7: and 00-1b-44-11-3a-b7", "at MAC1: and MAC1"),
        ("\"C:\\\\\\\\Users\\\\\\\\carol\"", "\"C:\\\\\\\\Users\\\\\\\\USER\""),
        ("C:\\Users\\carol\\x and C:\\\\Users\\\\carol\\\\x", "C:\\Users\\USER\\x and C:\\\\Users\\\\USER\\\\x"),
        ("REGISTRY.ACME.COM:5000 and registry.acme.com", "HOST1:5000 and HOST1"),
    ] {
        assert_eq!(pseudonyms().text(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    for text in [
        "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json",
        "org.opencontainers.image.base.name=docker.io/library/alpine:3.20, com.example.vendor, io.k8s.display-name",
        "layer.tar.gz index.json setup.py main.rs install.sh config.toml a.so.1.2",
        "v1.2.3-rc.1+build.5 1.22.4 24.04 go1.22.3 docker/27.1.1",
        "order 123456789012, size 100000000000 bytes, 202611301200",
        "git@github.com:owner/name.git name:1.0@sha256:0123 @scope/pkg",
        "12:30:45 2026-11-30T12:00:00Z v1-2-3-4 AB:CD:EF",
        "https://docs.docker.com/x https://github.com/o/n https://ghcr.io/v2/ http://localhost:5000/",
        "platform-not-in-index, tag-typo: e.g. this, i.e. that",
    ] {
        assert_eq!(pseudonyms().text(text), text);
    }
}

#[test]
fn what_has_a_label_is_counted() {
    let mut made = pseudonyms();
    made.text("alice at registry-1.acme.example registry-1.acme.example 10.0.0.1");
    let made = made.redactions();
    let counted: Vec<_> = made.iter().map(|one| (&*one.what, one.count)).collect();
    assert_eq!(counted, [("address", 1), ("host name", 1), ("user name", 1)]);
}

proptest::proptest! {
    #[test]
    fn a_hidden_host_is_in_no_text(before in "[\\PC]{0,10}", after in "[\\PC]{0,10}") {
        let shown = pseudonyms().text(&format!("{before}registry-1.acme.example{after}"));
        proptest::prop_assert!(!shown.to_ascii_lowercase().contains("registry-1.acme.example"), "{}", shown);
    }
}
