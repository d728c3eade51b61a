//! Servers that ask their clients for a certificate.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};

use crate::support::certificates::Authority;

/// How a server asks for client certificates.
pub struct Asking {
    required: bool,
    names: Vec<Vec<u8>>,
    versions: &'static [&'static SupportedProtocolVersion],
}

impl Asking {
    /// It asks for one of its authority, and goes on without.
    pub fn optionally() -> Self {
        Self { required: false, names: Vec::new(), versions: rustls::ALL_VERSIONS }
    }

    /// It asks for one of its authority, and ends the handshake without.
    pub fn strictly() -> Self {
        Self { required: true, ..Self::optionally() }
    }

    /// The same with one version of TLS alone.
    pub fn over(self, version: &'static [&'static SupportedProtocolVersion]) -> Self {
        Self { versions: version, ..self }
    }

    /// The same, with these common names as those of the authorities that it accepts.
    pub fn naming(self, names: impl IntoIterator<Item = String>) -> Self {
        Self { names: names.into_iter().map(|name| named(name.as_bytes())).collect(), ..self }
    }

    /// The same, with so many names of authorities that are as short as names can be: empty sequences.
    pub fn naming_nobody(self, times: usize) -> Self {
        Self { names: vec![vec![0x30, 0]; times], ..self }
    }

    pub(super) fn configuration(
        &self,
        authority: &Authority,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        let own = CertificateDer::from_pem_slice(authority.certificate.as_bytes()).expect("a certificate");
        roots.add(own).expect("an authority");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = if self.required { verifier } else { verifier.allow_unauthenticated() };
        let inner = verifier.build().expect("a verifier");
        let mut names: Vec<_> = self.names.iter().map(|name| DistinguishedName::from(name.clone())).collect();
        if names.is_empty() {
            names = inner.root_hint_subjects().to_vec();
        }
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(self.versions);
        let builder = builder.expect("versions").with_client_cert_verifier(Arc::new(Naming { inner, names }));
        builder.with_single_cert(chain, key).expect("a certificate and its key")
    }
}

/// A distinguished name in DER with one common name, of up to 100 bytes.
fn named(common_name: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u8::try_from(bytes).expect("a short name");
    let value = [&[0x0c, length(common_name.len())], common_name].concat();
    let attribute = [&[0x30, length(value.len() + 5), 0x06, 3, 0x55, 4, 3], &value[..]].concat();
    let set = [&[0x31, length(attribute.len())], &attribute[..]].concat();
    [&[0x30, length(set.len())], &set[..]].concat()
}

#[derive(Debug)]
struct Naming {
    inner: Arc<dyn ClientCertVerifier>,
    names: Vec<DistinguishedName>,
}

impl ClientCertVerifier for Naming {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.names
    }

    fn client_auth_mandatory(&self) -> bool {
        self.inner.client_auth_mandatory()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.inner.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
