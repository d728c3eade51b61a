//! `tls`: the certificates that a server presents, and whether a pull would get past them.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::document::assert_described;
use crate::support::hostile::{Asking, Names, Server, manifest};
use crate::support::ociscope::{Run, ociscope};

fn lab(scenario: &str, server: &str) -> Run {
    let run = ociscope(&[&format!("--lab={scenario}"), "tls", "--json", server]).run();
    assert_described("docs/tls.schema.json", &run.stdout);
    run
}

fn of(names: &Names, more: &[&str]) -> Run {
    ociscope(&[&["tls", "registry.test"], &names.options()[..], more].concat()).run()
}

/// A server with a certificate for this name.
fn serving(names: &mut Names, name: &str) -> Server {
    let server = Server::answering_over_tls(&names.authority, &[name], |_| manifest());
    names.lead("registry.test", &server);
    server
}

#[test]
fn trusted_chain_is_shown_with_what_was_agreed_on() {
    let run = lab("certificate-with-intermediate", "registry.example");
    let told = run.json();
    assert_eq!((run.status, &told["failure"], &told["findings"]), (0, &json!(null), &json!([])), "{told}");
    assert_eq!((&told["version"], &told["alpn"]), (&json!("TLS 1.3"), &json!("h2")));
    assert!(told["cipher"].as_str().is_some_and(|cipher| cipher.starts_with("TLS_")), "{told}");
    let certificates = told["presented"]["certificates"].as_array().expect("certificates");
    assert_eq!((certificates.len(), &certificates[0]["names"][0]), (2, &json!("registry.example")));
    assert_eq!(told["fingerprint"], certificates[0]["sha256"]);
    assert_eq!(told["client_certificate"], json!(null));
}

#[test]
fn every_fault_of_a_certificate_is_status_16_and_marked() {
    for (scenario, rule, at, fault) in [
        ("certificate-unknown-authority", "unknown-ca", 1, "untrusted"),
        ("certificate-self-signed", "unknown-ca", 0, "untrusted"),
        ("certificate-intermediate-missing", "unknown-ca", 0, "untrusted-issuer"),
        ("certificate-expired", "certificate-dates", 0, "expired"),
        ("certificate-other-name", "certificate-name-mismatch", 0, "other-name"),
    ] {
        let run = lab(scenario, "registry.example");
        let told = run.json();
        assert_eq!((run.status, &told["exit_code"]), (16, &json!(16)), "{scenario}: {told}");
        assert_eq!(told["findings"][0]["rule"], rule, "{scenario}: {told}");
        assert_eq!(told["presented"]["certificates"][at]["fault"], fault, "{scenario}: {told}");
        assert_eq!(told["version"], json!(null), "{scenario}");
        assert!(!told.to_string().contains("oci://"), "{told}");
    }
}

#[test]
fn other_ends_of_a_handshake_have_a_status_each() {
    for (scenario, server, status, rule) in [
        ("client-certificate-required", "registry.example", 16, "client-certificate-required"),
        ("tls-no-agreement", "registry.example", 16, "tls-handshake-failed"),
        ("https-to-http", "registry.example:5000", 16, "http-registry-asked-as-https"),
        ("nothing-listens", "registry.example:5001", 15, "tcp-timeout-or-refused"),
    ] {
        let run = lab(scenario, server);
        let told = run.json();
        assert_eq!((run.status, told["findings"][0]["rule"].as_str()), (status, Some(rule)), "{scenario}: {told}");
    }
    let asked = lab("client-certificate-optional", "registry.example/asks-anyway/app:1.0");
    let request = asked.json()["client_certificate"].clone();
    assert_eq!((asked.status, &request["shown"]), (0, &json!(false)));
    assert!(request["authorities"][0].as_str().is_some_and(|name| name.contains("ociscope lab")), "{request}");
}

#[test]
fn people_are_told_to_compare_the_fingerprint() {
    let mut names = Names::new();
    let _server = serving(&mut names, "registry.test");
    let told = of(&names, &["--json"]).json();
    let own = told["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let run = of(&names, &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let flowing = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = format!("SHA-256 {own}: compare it with the operator of registry.test before you trust it");
    assert!(flowing.contains(&words), "{run:?}");
    assert!(run.stdout.contains("✓ TLS succeeds"), "{run:?}");
    let markdown = of(&names, &["--format", "markdown"]);
    assert!(markdown.stdout.contains(&own), "{markdown:?}");
}

#[test]
fn raw_is_the_pem_of_what_was_presented_trusted_or_not() {
    let mut names = Names::new();
    let _server = serving(&mut names, "elsewhere.test");
    let fingerprint = of(&names, &["--json"]).json()["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let run = of(&names, &["--raw"]);
    assert_eq!(run.status, 16, "{run:?}");
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(run.stdout.as_bytes()).collect();
    let certificates = certificates.expect("PEM");
    assert_eq!(certificates.len(), 1);
    let digest: String = Sha256::digest(&certificates[0]).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, fingerprint);
}

#[test]
fn nothing_is_sent_over_the_connection() {
    for name in ["registry.test", "elsewhere.test"] {
        let mut names = Names::new();
        let server = serving(&mut names, name);
        let run = of(&names, &["--header", "X-Key: CANARY"]);
        assert_eq!(run.status, if name == "registry.test" { 0 } else { 16 }, "{run:?}");
        assert_eq!(
            (server.received(), server.connections()),
            (Vec::<u8>::new(), 1),
            "one handshake, and no byte in it"
        );
    }
}

#[test]
fn insecure_is_ignored_and_said_to_be() {
    let mut names = Names::new();
    let server = serving(&mut names, "elsewhere.test");
    let run = of(&names, &["--insecure"]);
    assert_eq!(run.status, 16, "{run:?}");
    assert!(run.stdout.contains("--insecure has no effect here"), "{run:?}");
    assert!(!run.stderr.contains("INSECURE"), "{run:?}");
    assert_eq!(server.received(), b"");
}

#[test]
fn proxy_is_asked_for_a_tunnel() {
    let mut names = Names::new();
    let server = serving(&mut names, "registry.test");
    let address = server.address;
    let proxy = Server::behaving(move |mut connection| {
        if connection.request().is_some_and(|sent| sent.method == "CONNECT") {
            connection.send(b"HTTP/1.1 200 OK\r\n\r\n");
            connection.pass_on(address);
        }
    });
    let options = [&["tls", "registry.test"], &names.options()[..]].concat();
    let run = ociscope(&options).env("https_proxy", proxy.origin("http")).run();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("a proxy: http://127.0.0.1"), "{run:?}");
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn client_certificate_is_shown_where_it_is_asked_for() {
    let mut names = Names::new();
    let asking = Asking::strictly();
    let server = Server::asking_for_client_certificates(&names.authority, &["registry.test"], asking, |_| manifest());
    names.lead("registry.test", &server);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("both.pem");
    let (certificate, key) = names.authority.sign(&["client.test"]);
    std::fs::write(&file, certificate + &key).expect("to write it");
    let run = of(&names, &["--cert", file.to_str().expect("a path")]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(server.client_certificates(), [1]);
    let flowing = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("yours was sent"), "{run:?}");
    assert_eq!(of(&names, &[]).status, 16);
}

#[test]
fn what_is_no_server_is_wrong_usage() {
    for wrong in ["r.test:99999", "a b", ""] {
        assert_eq!(ociscope(&["tls", wrong]).run().status, 2, "{wrong}");
    }
}
