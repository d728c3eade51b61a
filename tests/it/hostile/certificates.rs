//! Certificates that are not trusted: what is said of them, and that nothing is sent to whoever presents them.

use rcgen::{CertificateParams, CustomExtension, DnType, DnValue, ExtendedKeyUsagePurpose, SanType, date_time_ymd};
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::{IMAGE, asking, assert_status, checked, failures, manifest_of};
use crate::support::certificates::{Authority, SelfSigned};
use crate::support::hostile::{Names, Server};
use crate::support::ociscope::{Ociscope, Run, ociscope};

/// A server that presents these certificates and would serve an image.
fn server(chain: &[&CertificateDer<'static>], key: &SelfSigned) -> Server {
    let chain = chain.iter().map(|&certificate| certificate.clone()).collect();
    Server::presenting(chain, &key.key(), |_| manifest_of("close"))
}

/// The options under which `registry.test` is this server, and these certificates are trusted.
struct Trusting(NamedTempFile, String);

impl Trusting {
    fn new(server: &Server, pem: &str) -> Self {
        let file = NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), pem).expect("to write it");
        Self(file, format!("registry.test:443:{}", server.address))
    }

    fn options(&self) -> [&str; 4] {
        ["--resolve", &self.1, "--cacert", self.0.path().to_str().expect("a path in UTF-8")]
    }
}

fn reference() -> String {
    format!("registry.test/{IMAGE}")
}

/// Asks a server, trusting these certificates besides those of the system.
#[track_caller]
fn asked(server: &Server, pem: &str) -> Run {
    checked(asking(&reference(), &Trusting::new(server, pem).options()).run())
}

/// Asks a server, trusting those of the system alone.
fn untrusting(server: &Server, options: &[&str]) -> Ociscope {
    let address = format!("registry.test:443:{}", server.address);
    asking(&reference(), &[&["--resolve", &address], options].concat())
}

/// The findings, as `rule certainty`.
fn findings(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list").iter();
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    findings.map(|finding| format!("{} {}", word(&finding["rule"]), word(&finding["certainty"]))).collect()
}

/// The certificates that the first exchange shows.
fn presented(run: &Run) -> Value {
    run.json()["exchanges"][0]["presented"].clone()
}

/// Checks that a run was refused, why, and that the server was sent nothing but a handshake.
#[track_caller]
fn assert_refused(run: &Run, server: &Server, rule: &str) {
    assert_status(run, 16);
    assert_eq!(findings(run), [rule]);
    assert_eq!(String::from_utf8_lossy(&server.received()), "", "something was sent");
}

/// `openssl req -x509` makes such certificates; curl, skopeo and Docker accept them where they are given the file.
#[test]
fn self_signed_certificate_is_accepted_where_cacert_names_it() {
    let own = SelfSigned::new();
    let server = server(&[&own.certificate], &own);
    let run = asked(&server, &own.pem);
    assert_status(&run, 0);
    assert!(findings(&run).contains(&"certificate-trusted-directly certain".to_owned()), "{run:?}");
    assert!(!server.requests().is_empty());
    let shown = presented(&run);
    assert_eq!(shown["certificates"][0]["self_signed"], true, "{shown}");
    assert_eq!(shown["certificates"][0]["fault"], Value::Null, "{shown}");
}

#[test]
fn self_signed_certificate_is_accepted_where_the_system_names_it() {
    let own = SelfSigned::new();
    let server = server(&[&own.certificate], &own);
    let store = NamedTempFile::new().expect("a file");
    std::fs::write(store.path(), &own.pem).expect("to write it");
    let run = checked(untrusting(&server, &[]).env("SSL_CERT_FILE", store.path().to_str().unwrap()).run());
    assert_status(&run, 0);
    let noted = run.json()["findings"].as_array().unwrap().iter().any(|finding| {
        finding["rule"] == "certificate-trusted-directly"
            && finding["cause"].as_str().unwrap().contains("of this system")
    });
    assert!(noted, "{run:?}");
}

#[test]
fn self_signed_certificate_is_refused_with_the_places_that_would_trust_it() {
    let own = SelfSigned::new();
    let server = server(&[&own.certificate], &own);
    let run = checked(untrusting(&server, &[]).run());
    assert_refused(&run, &server, "unknown-ca certain");
    let finding = run.json()["findings"][0].to_string();
    for place in ["self-signed", "--cacert FILE", "/etc/docker/certs.d/registry.test/ca.crt", "hosts.toml"] {
        assert!(finding.contains(place), "{place}: {finding}");
    }
    assert!(!run.stdout.contains("CaUsedAsEndEntity"), "{run:?}");
    let shown = presented(&run);
    assert_eq!(shown["asked_for"], "registry.test");
    assert_eq!(shown["certificates"][0]["fault"], "untrusted");
    // FIPS 180-4, by another implementation than the one under test.
    let digest = ring::digest::digest(&ring::digest::SHA256, &own.certificate);
    let hexadecimal: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(shown["certificates"][0]["sha256"], hexadecimal);
}

#[test]
fn named_certificate_is_refused_for_another_name() {
    let own = SelfSigned::with(|params| {
        params.subject_alt_names = vec![SanType::DnsName("other.test".try_into().unwrap())];
    });
    let server = server(&[&own.certificate], &own);
    let run = asked(&server, &own.pem);
    assert_refused(&run, &server, "certificate-name-mismatch certain");
    assert_eq!(presented(&run)["certificates"][0]["fault"], "other-name");
}

/// Go does not fall back on the common name, and no current client does.
#[test]
fn named_certificate_is_refused_without_alternative_names() {
    let own = SelfSigned::with(|params| params.subject_alt_names.clear());
    let server = server(&[&own.certificate], &own);
    assert_refused(&asked(&server, &own.pem), &server, "certificate-name-mismatch certain");
}

#[test]
fn named_certificate_is_refused_outside_its_dates() {
    for (from, to, fault) in [(2020, 2021, "expired"), (2090, 2091, "not-yet-valid")] {
        let own = SelfSigned::with(|params| {
            (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        });
        let server = server(&[&own.certificate], &own);
        let run = asked(&server, &own.pem);
        assert_refused(&run, &server, "certificate-dates certain");
        assert_eq!(presented(&run)["certificates"][0]["fault"], fault);
    }
}

/// Whoever has seen the certificate can present it; only its owner has the key.
#[test]
fn named_certificate_is_refused_without_its_key() {
    let (own, other) = (SelfSigned::new(), SelfSigned::new());
    let server = server(&[&own.certificate], &other);
    let run = asked(&server, &own.pem);
    assert_refused(&run, &server, "tls-handshake-failed certain");
    assert!(run.stdout.contains("does not prove that it holds the key"), "{run:?}");
}

#[test]
fn named_certificate_is_refused_where_it_is_for_clients() {
    let own = SelfSigned::with(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let server = server(&[&own.certificate], &own);
    assert_refused(&asked(&server, &own.pem), &server, "tls-handshake-failed certain");
}

#[test]
fn certificate_with_the_subject_of_a_named_one_is_refused() {
    let (named, other) = (SelfSigned::new(), SelfSigned::new());
    let server = server(&[&other.certificate], &other);
    assert_refused(&asked(&server, &named.pem), &server, "unknown-ca certain");
}

/// One bit of difference is a difference.
#[test]
fn certificate_that_only_resembles_a_named_one_is_refused() {
    let own = SelfSigned::new();
    let mut bytes = own.certificate.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let server = server(&[&CertificateDer::from(bytes)], &own);
    let run = asked(&server, &own.pem);
    assert_status(&run, 16);
    assert_eq!(String::from_utf8_lossy(&server.received()), "", "something was sent");
}

/// moby/moby#31602, #10150: the issuer of the only certificate is somebody else.
#[test]
fn lone_certificate_has_two_likely_causes() {
    let (authority, key) = (Authority::new(), SelfSigned::new());
    let (chain, private) = authority.sign_for(&["registry.test"]);
    let server = Server::presenting(chain, &private, |_| manifest_of("close"));
    let run = checked(untrusting(&server, &[]).run());
    assert_refused(&run, &server, "unknown-ca likely");
    let finding = run.json()["findings"][0].to_string();
    for told in ["intermediate", "private authority", "fullchain.pem", "openssl s_client -showcerts", "--cacert FILE"] {
        assert!(finding.contains(told), "{told}: {finding}");
    }
    assert_eq!(presented(&run)["certificates"][0]["fault"], "untrusted-issuer");
    drop(key);
}

#[test]
fn eleven_certificates_are_ten_and_one_more() {
    let own = SelfSigned::new();
    let server = server(&[&own.certificate; 11], &own);
    let run = checked(untrusting(&server, &[]).run());
    assert_refused(&run, &server, "unknown-ca certain");
    let shown = presented(&run);
    assert_eq!((shown["certificates"].as_array().unwrap().len(), &shown["omitted"]), (10, &Value::from(1)));
    let text = checked(
        ociscope(&["diagnose", "-v", "--resolve", &format!("registry.test:443:{}", server.address), &reference()])
            .run(),
    );
    assert!(text.stdout.contains("and 1 more"), "{text:?}");
}

#[test]
fn certificate_of_70_kib_is_more_than_is_read() {
    let own = SelfSigned::with(|params| {
        params.custom_extensions =
            vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![0; 70 << 10])];
    });
    let server = server(&[&own.certificate], &own);
    let run = asked(&server, &own.pem);
    assert_status(&run, 2);
    assert!(run.stderr.contains("longer than 64 KiB"), "{run:?}");
    let run = checked(untrusting(&server, &[]).run());
    assert_refused(&run, &server, "tls-handshake-failed certain");
    assert!(run.stdout.contains("more than 64 KiB"), "{run:?}");
}

#[test]
fn garbage_in_place_of_a_certificate_is_said_to_be_that() {
    let own = SelfSigned::new();
    let cut = CertificateDer::from(own.certificate[..own.certificate.len() / 2].to_vec());
    for garbage in [
        CertificateDer::from(b"no certificate".to_vec()),
        CertificateDer::from(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
        cut,
    ] {
        let server = server(&[&garbage, &own.certificate], &own);
        let run = checked(untrusting(&server, &[]).run());
        assert_refused(&run, &server, "tls-handshake-failed certain");
        let shown = presented(&run);
        assert_eq!(shown["certificates"][0]["unread"], "not readable as an X.509 certificate", "{shown}");
        assert_eq!(shown["certificates"][0]["subject"], Value::Null, "{shown}");
    }
}

/// What a certificate says reaches the screen in every format, and acts in none.
#[test]
fn hostile_names_in_a_certificate_are_only_words() {
    const WORDS: &str = "\u{1b}[2J\u{202e}](https://evil.test) <img src=x> `code` ```\n# ✓ it can be pulled";
    let own = SelfSigned::with(|params: &mut CertificateParams| {
        params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(WORDS.to_owned()));
        let name = "a\u{1b}[2J](x)<b>`c`\n# d.test";
        params.subject_alt_names.push(SanType::DnsName(name.try_into().unwrap()));
    });
    let server = server(&[&own.certificate], &own);
    let address = format!("registry.test:443:{}", server.address);
    for command in ["probe", "diagnose", "manifest", "get"] {
        for format in ["terminal", "markdown", "html", "json"] {
            let asked_for = if command == "get" { "registry.test/v2/".to_owned() } else { reference() };
            let run = checked(ociscope(&[command, "--format", format, "--resolve", &address, &asked_for]).run());
            assert!(run.stdout.contains("evil.test"), "{command} {format}: {run:?}");
            let mut fenced = false;
            for line in run.stdout.lines().filter(|_| format == "markdown") {
                fenced ^= line.starts_with("```");
                let is_code = fenced || line.split('`').count() > 2;
                assert!(!line.contains("evil.test") || is_code, "{command}: {line}");
                assert!(!line.starts_with("# "), "{command}: {line}");
            }
        }
    }
}

/// The product is named by the issuer, and only as likely: whoever makes a certificate chooses its words.
#[test]
fn product_that_opens_connections_is_named_as_likely() {
    let own = SelfSigned::with(|params| params.distinguished_name.push(DnType::CommonName, "mitmproxy"));
    let server = server(&[&own.certificate], &own);
    let run = checked(untrusting(&server, &[]).run());
    assert_refused(&run, &server, "unknown-ca likely");
    assert!(run.json()["findings"][0]["title"].as_str().unwrap().contains("mitmproxy"), "{run:?}");
}

/// A proxy that is spoken to over TLS has a certificate of its own, which is not that of the registry behind it.
#[test]
fn certificate_of_a_proxy_is_told_as_the_proxy_s() {
    let own = SelfSigned::with(|params| {
        params.subject_alt_names = vec![SanType::DnsName("localhost".try_into().unwrap())];
    });
    let proxy = server(&[&own.certificate], &own);
    let at = format!("https://localhost:{}", proxy.address.port());
    let run = checked(asking(&format!("https://registry.test/{IMAGE}"), &[]).env("https_proxy", &at).run());
    let report = run.report();
    assert!(failures(&report).contains(&"certificate"), "{run:?}");
    let shown = run.json();
    let exchange = shown["exchanges"].as_array().unwrap().iter().find(|one| one["failure"]["kind"] == "certificate");
    assert_eq!(exchange.unwrap()["presented"]["asked_for"], "localhost", "{run:?}");
    assert!(shown["findings"][0]["title"].as_str().unwrap().contains("the proxy localhost"), "{run:?}");
    assert_eq!(String::from_utf8_lossy(&proxy.received()), "", "something was sent");
}

#[test]
fn report_for_everybody_does_not_tell_whose_certificate_it_is() {
    let own = SelfSigned::with(|params| {
        params.distinguished_name.push(DnType::OrganizationName, "Acme Widgets Ltd");
        params.subject_alt_names.push(SanType::DnsName("vault.acme-widgets.test".try_into().unwrap()));
    });
    let server = server(&[&own.certificate], &own);
    for format in ["terminal", "markdown", "html", "json"] {
        let address = format!("registry.test:443:{}", server.address);
        let run =
            checked(ociscope(&["diagnose", "--public", "--format", format, "--resolve", &address, &reference()]).run());
        for private in ["Acme", "acme-widgets", "registry.test"] {
            assert!(!run.stdout.contains(private), "{private}: {run:?}");
        }
        assert!(run.stdout.contains("NAME1") && run.stdout.contains("HOST1"), "{run:?}");
    }
}

/// The realm and the storage have certificates, too; the one at fault is shown, of whichever host it is.
#[test]
fn certificate_at_fault_is_shown_of_realm_and_storage() {
    for (scenario, image, host) in [
        ("realm-unknown-authority", "token-service-with-own-authority/app", "auth.example"),
        ("blob-host-intercepted", "intercepted/app", "registry-blobs.s3.eu-west-1.amazonaws.com"),
    ] {
        let lab = format!("--lab={scenario}");
        let run = checked(ociscope(&[&lab, "diagnose", "--json", &format!("registry.example/{image}:1.0")]).run());
        let report = run.json();
        let shown: Vec<_> = report["exchanges"].as_array().unwrap().iter().map(|one| &one["presented"]).collect();
        let shown: Vec<_> = shown.into_iter().filter(|chain| !chain.is_null()).collect();
        assert!(!shown.is_empty() && shown.iter().all(|chain| chain["asked_for"] == host), "{scenario}: {shown:?}");
    }
}

#[test]
fn healthy_connection_shows_no_certificates() {
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["registry.test"], |_| manifest_of("close"));
    names.lead("registry.test", &server);
    let run = checked(asking(&reference(), &names.options()).run());
    assert_status(&run, 0);
    assert!(!run.stdout.contains("\"presented\"") && !run.stdout.contains("certificate-"), "{run:?}");
}
