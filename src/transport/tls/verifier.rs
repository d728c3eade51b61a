//! The verifier of server certificates: it delegates to the real one, and records the certificates and the verdict.

use std::path::Path;
use std::sync::OnceLock;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};

use super::{Verifier, words};
use crate::evidence::{CertificateDetails, CertificateFault, LeafTrust, PresentedChain};
use crate::transport::file::read_file;
use crate::transport::notes::Notes;

/// Delegates to the real verifier, and records its verdict and the presented certificates in the request's notes.
#[derive(Debug)]
pub(super) struct NotingVerifier {
    pub inner: Verifier,
    /// The one host whose certificate faults are ignored.
    pub insecure_host: Option<String>,
    /// The certificates the user names as trusted.
    pub named: Vec<CertificateDer<'static>>,
    /// Whether the system's certificate store is trusted too.
    pub trusts_system: bool,
}

/// Why a certificate is rejected, with a message.
type CertificateRefusal = (CertificateFault, String);

impl NotingVerifier {
    /// Judges a certificate without a chain to a trusted authority.
    ///
    /// A server may present a certificate that is itself one of the trusted ones, as `openssl req -x509` makes them.
    /// The library rejects such a certificate if it is marked as an authority (`CA:TRUE`); OpenSSL and Go accept it.
    /// Here it is accepted if it is byte for byte a trusted one and everything else about it is valid: its name, its
    /// dates, its usage. The signature of the handshake is verified in any case, by the real verifier.
    fn named_itself(
        &self,
        certificate: &CertificateDer<'_>,
        details: Option<&CertificateDetails>,
        name: &ServerName<'_>,
        now: UnixTime,
        error: &rustls::Error,
    ) -> Result<LeafTrust, CertificateRefusal> {
        let refusal = words::certificate_fault(error, details);
        let of_the_chain =
            matches!(refusal.0, CertificateFault::UnknownAuthority | CertificateFault::AuthorityAsServer);
        let (true, Some(details), Some(trust)) = (of_the_chain, details, self.trusts(certificate)) else {
            return Err(refusal);
        };
        let fits = ParsedCertificate::try_from(certificate).and_then(|parsed| verify_server_name(&parsed, name));
        fits.map_err(|error| words::certificate_fault(&error, Some(details)))?;
        let time = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if let Some(fault) = words::fault_in_time(details, time) {
            return Err(fault);
        }
        if !details.for_servers {
            return Err(words::certificate_fault(&CertificateError::InvalidPurpose.into(), Some(details)));
        }
        if details.unknown_critical_extension {
            return Err(words::certificate_fault(&CertificateError::UnhandledCriticalExtension.into(), Some(details)));
        }
        Ok(trust)
    }

    /// The store that contains exactly this certificate.
    fn trusts(&self, certificate: &CertificateDer<'_>) -> Option<LeafTrust> {
        let among = |named: &[CertificateDer<'_>]| named.iter().any(|one| one.as_ref() == certificate.as_ref());
        if among(&self.named) {
            return Some(LeafTrust::AuthorityFile);
        }
        (self.trusts_system && among(system_store())).then_some(LeafTrust::SystemStore)
    }
}

/// The certificates of the system's store, if it is a PEM file: read only when a certificate would be rejected
/// otherwise. These are the paths that the OpenSSL packages of distributions use, unless a variable of OpenSSL names
/// another.
fn system_store() -> &'static [CertificateDer<'static>] {
    const STORE_BYTES: u64 = 16 << 20;
    static STORE: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    const FILES: [&str; 5] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    // On other systems the store is not a file, and only the system knows what it trusts.
    if !cfg!(all(unix, not(target_vendor = "apple"), not(target_os = "android"))) {
        return &[];
    }
    STORE.get_or_init(|| {
        let read = |file: &str| -> Option<Vec<CertificateDer<'static>>> {
            // Unreadable entries are not trusted.
            let bytes = read_file(Path::new(file), STORE_BYTES).ok()?;
            Some(CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect())
        };
        let (file, folder) = (std::env::var("SSL_CERT_FILE"), std::env::var("SSL_CERT_DIR"));
        match (file, folder) {
            (Ok(file), _) => read(&file).unwrap_or_default(),
            // Nothing else is trusted then, and the variable may name a directory.
            (_, Ok(_)) => Vec::new(),
            _ => FILES.into_iter().find_map(read).unwrap_or_default(),
        }
    })
}

impl ServerCertVerifier for NotingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let notes = Notes::current();
        let host = server_name.to_str();
        let shown = std::iter::once(end_entity).chain(intermediates).map(|certificate| certificate.as_ref());
        let mut presented = PresentedChain::read(host.as_ref(), shown);
        presented.judged_at = i64::try_from(now.as_secs()).ok();
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let judged = match &verdict {
            Ok(_) => None,
            Err(error) => Some(self.named_itself(end_entity, presented.leaf(), server_name, now, error)),
        };
        if let Some(notes) = &notes {
            let mut noted = notes.lock();
            if notes.keeps_certificates {
                let whole = std::iter::once(end_entity).chain(intermediates).zip(&presented.certificates);
                noted.presented_der = whole.map(|(der, _)| der.to_vec()).collect();
            }
            noted.presented = Some(presented);
        }
        match judged {
            None => verdict,
            Some(Ok(trust)) => {
                if let Some(notes) = notes {
                    notes.lock().leaf_trusted_by = Some(trust);
                }
                Ok(ServerCertVerified::assertion())
            }
            Some(Err((_, words))) if self.insecure_host.as_deref() == Some(host.trim_end_matches('.')) => {
                if let Some(notes) = notes {
                    notes.lock().ignored_fault = Some(words);
                }
                Ok(ServerCertVerified::assertion())
            }
            Some(Err(refusal)) => {
                if let Some(notes) = notes {
                    notes.lock().certificate = Some(refusal);
                }
                verdict
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss).inspect_err(note_signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss).inspect_err(note_signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Notes that the server has not proved that it holds the key of its certificate.
fn note_signature(error: &rustls::Error) {
    if let Some(notes) = Notes::current() {
        let mut notes = notes.lock();
        notes.certificate = Some(words::handshake_signature(error));
        // Findings in favor of the certificate do not apply to a server that does not hold its key.
        notes.leaf_trusted_by = None;
    }
}
