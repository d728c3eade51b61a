//! The system's certificate store, read once per process, combined with authorities that a user names.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::Verifier;

/// The system's own verifier; `None` if the system has no trusted authorities. Reading them takes milliseconds, and
/// several networks may need them.
pub(super) fn of_the_system(provider: &Arc<CryptoProvider>) -> Option<Verifier> {
    static SYSTEM: OnceLock<Option<Verifier>> = OnceLock::new();
    let read = || Some(Arc::new(rustls_platform_verifier::Verifier::new(Arc::clone(provider)).ok()?) as Verifier);
    SYSTEM.get_or_init(read).clone()
}

/// Accepts a certificate that either of two verifiers accepts.
#[derive(Debug)]
pub(super) struct Either {
    /// The system's verifier.
    pub system: Verifier,
    /// The verifier for the authorities that the user names.
    pub named: Verifier,
}

impl ServerCertVerifier for Either {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |verifier: &Verifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        verify(&self.system).or_else(|of_the_system| {
            verify(&self.named).map_err(|of_the_named| match of_the_named {
                // The certificate is unrelated to these authorities.
                Error::InvalidCertificate(CertificateError::UnknownIssuer) => of_the_system,
                other => other,
            })
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}
