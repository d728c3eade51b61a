//! A private authority and what it signs, made anew for each test.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority that no system trusts.
pub struct Authority {
    /// Its certificate, as `--cacert` takes it.
    pub certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority with a new key.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, "Private authority of one test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate for a server on the loopback device, and its key.
    pub fn sign_loopback(&self) -> (String, String) {
        self.sign(&["localhost", "127.0.0.1"])
    }

    /// A certificate for a server of these names and addresses, and its key.
    pub fn sign(&self, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).expect("parameters");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// A certificate for a server of these names, and its key, as a server in the tests themselves takes them.
    pub fn sign_for(&self, names: &[&str]) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let params = CertificateParams::new(names).expect("parameters");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
    }
}

/// A certificate that signs itself and is marked as an authority's, as `openssl req -x509` makes it, and its key.
pub struct SelfSigned {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// The certificate, as `--cacert` takes it.
    pub pem: String,
    key: KeyPair,
}

impl SelfSigned {
    /// A certificate for `registry.test` alone, with a new key.
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// The same, after these changes to what it says.
    pub fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["registry.test".to_owned()]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, "registry.test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        let made = params.self_signed(&key).expect("a certificate");
        Self { certificate: made.der().clone(), pem: made.pem(), key }
    }

    /// Its key, as a server takes it.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}
