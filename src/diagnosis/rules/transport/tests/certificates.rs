//! The evidence in presented certificates about the reason for their rejection.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::{PUBLIC, commands};
use crate::diagnosis::testing::{Canned, DOCKER_IMAGE, failed, scene, served};
use crate::diagnosis::{Certainty, Finding, Severity};
use crate::evidence::{CertificateFault, FailureKind, LeafTrust, PresentedChain, TlsFault};
use crate::oci::media_type;

/// The parameters of a certificate, and its key.
struct Made(CertificateParams, KeyPair);

fn named(name: &str, is_authority: bool) -> Made {
    let mut params = CertificateParams::new(vec!["registry.example.com".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = if is_authority { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::NoCa };
    Made(params, KeyPair::generate().unwrap())
}

impl Made {
    fn by_itself(&self) -> Vec<u8> {
        self.0.self_signed(&self.1).unwrap().der().to_vec()
    }

    fn by(&self, issuer: &Self) -> Vec<u8> {
        self.0.signed_by(&self.1, &Issuer::from_params(&issuer.0, &issuer.1)).unwrap().der().to_vec()
    }
}

fn presenting(fault: CertificateFault, chain: &[Vec<u8>]) -> Canned {
    let mut reply = failed(FailureKind::Certificate(fault));
    let read = PresentedChain::read("registry.example.com", chain.iter().map(Vec::as_slice));
    reply.connection.presented = Some(read);
    reply
}

fn unknown_ca(reference: &str, chain: &[Vec<u8>]) -> Finding {
    let reply = presenting(CertificateFault::UnknownAuthority, chain);
    scene(reference).others(&reply).finding("unknown-ca").unwrap()
}

#[test]
fn self_signed_certificate_is_certain_and_says_where_to_install_it() {
    let finding = unknown_ca(PUBLIC, &[named("registry.example.com", true).by_itself()]);
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.title.ends_with("is self-signed and not trusted here"), "{finding:?}");
    assert_eq!(commands(&finding), [format!("ociscope probe --cacert FILE {PUBLIC}")]);
    let fixes = format!("{:?}", finding.fix);
    for place in ["/etc/docker/certs.d/registry.example.com/ca.crt", "/etc/containers/certs.d/", "hosts.toml"] {
        assert!(fixes.contains(place), "{place}: {fixes}");
    }
}

/// moby/moby#31602, #10150: reported as a private authority, certain, when the intermediate was missing.
#[test]
fn lone_certificate_of_another_issuer_is_likely_and_says_how_to_check() {
    let intermediate = named("Intermediate", true);
    let finding = unknown_ca(PUBLIC, &[named("registry.example.com", false).by(&intermediate)]);
    assert_eq!(finding.certainty, Certainty::Likely);
    for expected in ["intermediate", "private authority", "CN=Intermediate"] {
        assert!(finding.cause.contains(expected), "{expected}: {finding:?}");
    }
    let showcerts = "openssl s_client -showcerts -servername registry.example.com -connect registry.example.com:443";
    assert_eq!(commands(&finding)[0], showcerts);
    assert!(finding.fix.iter().any(|fix| fix.text.contains("fullchain.pem")), "{finding:?}");
}

#[test]
fn chain_with_its_own_root_is_certain_and_names_the_root() {
    let root = named("Acme Root", true);
    let finding = unknown_ca(PUBLIC, &[named("registry.example.com", false).by(&root), root.by_itself()]);
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("the root “CN=Acme Root”"), "{finding:?}");
}

#[test]
fn chain_without_its_root_names_the_issuer_that_is_missing() {
    let (root, middle) = (named("Acme Root", true), named("Acme Issuing", true));
    let finding = unknown_ca(PUBLIC, &[named("registry.example.com", false).by(&middle), middle.by(&root)]);
    assert!(finding.cause.contains("“CN=Acme Root” was not presented"), "{finding:?}");
}

#[test]
fn tls_inspection_product_is_named_and_only_likely() {
    let product = named("Zscaler Intermediate Root CA (zscalerthree.net)", true);
    let finding = unknown_ca("ghcr.io/acme/api:1", &[named("ghcr.io", false).by(&product)]);
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.title.ends_with("is from Zscaler"), "{finding:?}");
    assert!(finding.fix[0].text.contains("root certificate of Zscaler"), "{finding:?}");
    let other = unknown_ca("ghcr.io/acme/api:1", &[named("ghcr.io", true).by_itself()]);
    assert!(other.cause.contains("not its own"), "{other:?}");
}

/// A file given with --cacert does not fix these faults, so the finding lists them at once.
#[test]
fn further_faults_of_an_untrusted_certificate_are_reported_with_it() {
    let mut made = named("registry.example.com", true);
    made.0.subject_alt_names.clear();
    let finding = unknown_ca(PUBLIC, &[made.by_itself()]);
    assert!(finding.cause.contains("no subject alternative names"), "{finding:?}");
    let elsewhere = presenting(CertificateFault::UnknownAuthority, &[named("x", true).by_itself()]);
    let chain = PresentedChain { asked_for: "10.0.0.7".to_owned(), ..elsewhere.connection.presented.clone().unwrap() };
    let mut reply = elsewhere.from("https://10.0.0.7/v2/");
    reply.connection.presented = Some(chain);
    let finding = scene(PUBLIC).others(&reply).finding("unknown-ca").unwrap();
    assert!(finding.cause.contains("names do not cover 10.0.0.7 either"), "{finding:?}");
}

#[test]
fn expired_intermediate_is_not_reported_as_the_server_s_certificate() {
    let mut middle = named("Old Issuing", true);
    middle.0.not_after = rcgen::date_time_ymd(2021, 9, 30);
    let root = named("Root", true);
    let chain = [named("registry.example.com", false).by(&middle), middle.by(&root)];
    let mut reply = presenting(CertificateFault::Expired, &chain);
    // 2026-11-30T00:00:00Z.
    reply.connection.presented.as_mut().unwrap().judged_at = Some(1_795_996_800);
    let finding = scene(PUBLIC).others(&reply).finding("certificate-dates").unwrap();
    assert_eq!(finding.title, "an intermediate certificate of registry.example.com has expired");
    assert!(finding.cause.contains("“CN=Old Issuing”") && finding.cause.contains("to 2021-09-30"), "{finding:?}");
}

/// distribution/distribution#2715: the alert names the reason, so the finding has one fix and not three guesses. A
/// requested client certificate has a rule of its own.
#[test]
fn alert_chooses_the_advice() {
    let of = |fault: TlsFault| {
        let finding = scene(PUBLIC).others(&failed(FailureKind::Tls(fault))).finding("tls-handshake-failed").unwrap();
        assert_eq!((finding.fix.len(), finding.certainty), (1, Certainty::Certain), "{finding:?}");
        format!("{} {}", finding.title, finding.fix[0].text)
    };
    for (fault, expected) in [
        (TlsFault::ProtocolVersion, "enable TLS 1.2 or 1.3"),
        (TlsFault::NoAgreement, "cipher suite"),
        (TlsFault::UnknownName, "Check the host name"),
        (TlsFault::AccessDenied, "admit this machine"),
        (TlsFault::ServerFault, "server log"),
        (TlsFault::ApplicationProtocol, "Check host and port"),
    ] {
        assert!(of(fault).contains(expected), "{fault:?}: {}", of(fault));
    }
    // Each fix is for its own reason.
    assert!(!of(TlsFault::ProtocolVersion).contains("certificate") && !of(TlsFault::UnknownName).contains("TLS 1.2"));
}

#[test]
fn certificate_trusted_directly_is_a_note_of_answered_requests() {
    let mut reply = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    reply.connection.leaf_trusted_by = Some(LeafTrust::AuthorityFile);
    let finding = scene(PUBLIC).others(&reply).finding("certificate-trusted-directly").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Info, Certainty::Certain));
    let mut failed = failed(FailureKind::Closed);
    failed.connection.leaf_trusted_by = Some(LeafTrust::AuthorityFile);
    assert!(scene(PUBLIC).others(&failed).finding("certificate-trusted-directly").is_none());
    let trusted = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    assert!(scene(PUBLIC).others(&trusted).finding("certificate-trusted-directly").is_none());
}
