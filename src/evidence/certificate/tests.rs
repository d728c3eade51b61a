use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, date_time_ymd,
};

use super::*;

fn details(der: &[u8]) -> CertificateDetails {
    PresentedCertificate::read(der).details.expect("a certificate")
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(["registry.test".to_owned(), "10.0.0.7".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// The certificates of a root, an intermediate and a server.
fn three() -> [Vec<u8>; 3] {
    let keys = [(); 3].map(|()| KeyPair::generate().unwrap());
    let authority = |name: &str| {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let root = authority("Root").self_signed(&keys[0]).unwrap();
    let of_root = Issuer::from_params(&authority("Root"), &keys[0]).der_of(&authority("Intermediate"), &keys[1]);
    let of_intermediate = Issuer::from_params(&authority("Intermediate"), &keys[1]).der_of(&named("Server"), &keys[2]);
    [root.der().to_vec(), of_root, of_intermediate]
}

trait Signs {
    fn der_of(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8>;
}

impl Signs for Issuer<'_, &KeyPair> {
    fn der_of(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
        params.signed_by(key, self).unwrap().der().to_vec()
    }
}

#[test]
fn certificate_is_read_as_it_was_made() {
    let key = KeyPair::generate().unwrap();
    let mut params = named("registry.test");
    params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
    params.not_before = date_time_ymd(2026, 1, 3);
    params.not_after = date_time_ymd(2027, 1, 3);
    let der = params.self_signed(&key).unwrap().der().to_vec();
    let read = details(&der);
    assert_eq!(read.subject.as_str(), "O=Example\\, Inc., CN=registry.test");
    assert_eq!(read.issuer, read.subject);
    assert_eq!(read.names.iter().map(Untrusted::as_str).collect::<Vec<_>>(), ["registry.test", "10.0.0.7"]);
    assert_eq!((day(read.not_before), day(read.not_after)), ("2026-01-03".to_owned(), "2027-01-03".to_owned()));
    assert_eq!(instant(read.not_before), "2026-01-03T00:00:00Z");
    assert!(read.self_signed && !read.is_authority && read.for_servers && !read.unknown_critical_extension);
    assert!(read.is_valid_at(1_780_000_000) && !read.is_valid_at(1_700_000_000) && !read.is_valid_at(1_900_000_000));
}

#[test]
fn self_issued_certificate_signed_with_another_key_is_not_self_signed() {
    let (own, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let der = Issuer::from_params(&named("Same"), &other).der_of(&named("Same"), &own);
    let read = details(&der);
    assert!(read.self_issued && !read.self_signed);
}

#[test]
fn chain_ends_where_no_presented_certificate_is_the_issuer() {
    let [root, intermediate, server] = three();
    let top = |chain: &[&Vec<u8>]| PresentedChain::read("registry.test", chain.iter().map(|der| der.as_slice())).top();
    assert_eq!(top(&[&server]), Some(0));
    assert_eq!(top(&[&server, &intermediate]), Some(1));
    assert_eq!(top(&[&server, &intermediate, &root]), Some(2));
    // Some servers send them in another order, and some send the root without the intermediate.
    assert_eq!(top(&[&server, &root, &intermediate]), Some(1));
    assert_eq!(top(&[&server, &root]), Some(0));
    assert_eq!(top(&[&b"no certificate".to_vec(), &root]), None);
}

#[test]
fn two_certificates_that_issue_each_other_have_an_end() {
    let keys = [(); 2].map(|()| KeyPair::generate().unwrap());
    let one = Issuer::from_params(&named("Two"), &keys[1]).der_of(&named("One"), &keys[0]);
    let two = Issuer::from_params(&named("One"), &keys[0]).der_of(&named("Two"), &keys[1]);
    let chain = PresentedChain::read("registry.test", [one.as_slice(), two.as_slice()]);
    assert_eq!(chain.top(), Some(1));
}

#[test]
fn chain_keeps_ten_certificates_and_counts_the_others() {
    let [root, ..] = three();
    let chain = PresentedChain::read("registry.test", std::iter::repeat_n(root.as_slice(), 14));
    assert_eq!((chain.certificates.len(), chain.omitted), (10, 4));
}

#[test]
fn certificate_of_more_than_64_kib_has_a_fingerprint_and_no_details() {
    let read = PresentedCertificate::read(&vec![0x30; (64 << 10) + 1]);
    assert_eq!((read.size, read.details), ((64 << 10) + 1, Err(Unread::TooLarge)));
    // Of the empty input, by FIPS 180-4.
    let empty = PresentedCertificate::read(b"");
    assert_eq!(empty.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(empty.details, Err(Unread::NotX509));
}

#[test]
fn bytes_that_are_not_a_certificate_are_reported_and_do_not_panic() {
    let [der, ..] = three();
    for cut in 0..der.len() {
        assert_eq!(PresentedCertificate::read(&der[..cut]).details, Err(Unread::NotX509), "{cut}");
    }
    for at in 0..der.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut damaged = der.clone();
            damaged[at] ^= bit;
            let _ = PresentedCertificate::read(&damaged);
        }
    }
}

/// A certificate chooses its own text: it stays untrusted, and cannot be mistaken for another attribute.
#[test]
fn hostile_subject_stays_one_attribute() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["a.test".to_owned()]).unwrap();
    let words = "\u{1b}[2J, O=Zscaler Inc.\n| **trusted** |";
    params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(words.to_owned()));
    let read = details(params.self_signed(&key).unwrap().der());
    assert_eq!(read.subject.printable(), "CN=\\x1b[2J\\, O\\=Zscaler Inc.\\n| **trusted** |");
}

#[test]
fn more_names_than_64_are_counted() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new((0..100).map(|at| format!("n{at}.test")).collect::<Vec<_>>()).unwrap();
    let read = details(params.self_signed(&key).unwrap().der());
    assert_eq!((read.names.len(), read.omitted_names), (64, 36));
}

#[test]
fn certificate_for_clients_alone_is_not_for_servers() {
    let key = KeyPair::generate().unwrap();
    let mut params = named("client");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    assert!(!details(params.self_signed(&key).unwrap().der()).for_servers);
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    assert!(details(params.self_signed(&key).unwrap().der()).for_servers);
}

#[test]
fn critical_extension_that_nobody_knows_is_noticed() {
    let key = KeyPair::generate().unwrap();
    let mut params = named("registry.test");
    let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
    params.custom_extensions = vec![extension.clone()];
    assert!(!details(params.self_signed(&key).unwrap().der()).unknown_critical_extension);
    extension.set_criticality(true);
    params.custom_extensions = vec![extension];
    assert!(details(params.self_signed(&key).unwrap().der()).unknown_critical_extension);
}

/// `openssl x509 -text` of the certificate of a public authority says: `CA Issuers - URI:http://r3.i.lencr.org/`.
#[test]
fn address_of_the_issuer_is_read() {
    let key = KeyPair::generate().unwrap();
    let mut params = named("registry.test");
    let address = b"http://r3.i.lencr.org/";
    // AuthorityInfoAccessSyntax with one caIssuers (1.3.6.1.5.5.7.48.2) of the form [6] URI, RFC 5280 §4.2.2.1.
    let mut description = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, address.len() as u8];
    description.extend(address);
    let mut content = vec![0x30, description.len() as u8 + 2, 0x30, description.len() as u8];
    content.extend(description);
    let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content);
    params.custom_extensions = vec![extension];
    let read = details(params.self_signed(&key).unwrap().der());
    assert_eq!(read.issuer_addresses, [Untrusted::from("http://r3.i.lencr.org/")]);
}
