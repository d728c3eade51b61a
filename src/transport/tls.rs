//! TLS: whose certificates are trusted, and what is noted about those that are not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, NamedGroup, RootCertStore, SignatureScheme};
use tokio::time::Instant;

use super::identity::{ClientIdentity, Identifying};
use super::notes::Notes;
use crate::evidence::{CertificateFault, PresentedChain, Untrusted};

/// Where the trusted authorities came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roots {
    /// The certificate store of this system.
    System,
    /// The system has none; Mozilla's list, which comes with this program, is used instead.
    Bundled,
    /// One authority alone, that of hosts which exist for one run.
    OneAlone,
}

/// Why there can be no TLS at all.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file given with `--cacert` cannot be used.
    #[error("{} cannot be used as a certificate authority: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The verifier could not be made.
    #[error("TLS cannot be set up: {0}")]
    SetUp(String),
}

/// Reads the certificates of a PEM file.
pub(crate) fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let fault = |reason: String| TlsError::Authority { path: path.to_owned(), reason };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| fault(error.to_string()))?;
    if found.is_empty() { Err(fault("it holds no certificate in PEM form".to_owned())) } else { Ok(found) }
}

/// A client configuration that notes what it sees. `insecure_host` is the one host whose certificate may have faults.
pub(crate) fn configuration(
    authorities: &[CertificateDer<'static>],
    insecure_host: Option<&str>,
    identity: Option<ClientIdentity>,
) -> Result<(ClientConfig, Roots), TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (verifier, roots) = verifier(authorities, &provider)?;
    Ok((noting(verifier, provider, insecure_host, identity)?, roots))
}

/// The same, with one authority alone; no certificate store is read.
pub(crate) fn trusting_only(
    authority: &CertificateDer<'static>,
    insecure_host: Option<&str>,
    identity: Option<ClientIdentity>,
) -> Result<(ClientConfig, Roots), TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = by_list([authority], &provider)?;
    Ok((noting(verifier, provider, insecure_host, identity)?, Roots::OneAlone))
}

fn noting(
    verifier: Verifier,
    provider: Arc<CryptoProvider>,
    insecure_host: Option<&str>,
    identity: Option<ClientIdentity>,
) -> Result<ClientConfig, TlsError> {
    let verifier = Arc::new(NotingVerifier { inner: verifier, insecure_host: insecure_host.map(str::to_owned) });
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::SetUp(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(Identifying(identity)));
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A resumed session shows no certificate, so none is resumed; the store only tells when the handshake begins.
    configuration.resumption = Resumption::store(Arc::new(HandshakeClock));
    Ok(configuration)
}

/// A configuration for a client that only speaks plain HTTP: making it reads no files, and it trusts nobody.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| TlsError::SetUp(error.to_string()))?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

type Verifier = Arc<dyn ServerCertVerifier>;

fn verifier(
    authorities: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<(Verifier, Roots), TlsError> {
    // Asked without the extra authorities first: with them, the verifier does not say that it found no others.
    if let Ok(system) = rustls_platform_verifier::Verifier::new(Arc::clone(provider)) {
        if authorities.is_empty() {
            return Ok((Arc::new(system), Roots::System));
        }
        let extra = authorities.to_vec();
        let both = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(provider));
        return Ok((Arc::new(both.map_err(|error| TlsError::SetUp(error.to_string()))?), Roots::System));
    }
    let bundled = by_list(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().chain(authorities), provider)?;
    Ok((bundled, Roots::Bundled))
}

fn by_list<'a>(
    authorities: impl IntoIterator<Item = &'a CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Verifier, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in authorities {
        store.add(certificate.clone()).map_err(|error| TlsError::SetUp(error.to_string()))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
    Ok(verifier.map_err(|error| TlsError::SetUp(error.to_string()))?)
}

/// Asks the real verifier and notes its verdict in the request's notes.
#[derive(Debug)]
struct NotingVerifier {
    inner: Verifier,
    insecure_host: Option<String>,
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
        if let Some(notes) = &notes {
            let shown = std::iter::once(end_entity).chain(intermediates).map(|certificate| certificate.as_ref());
            notes.lock().presented = Some(PresentedChain::read(host.as_ref(), shown));
        }
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let Err(error) = verdict else { return verdict };
        let (fault, words) = certificate_fault(&error);
        if self.insecure_host.as_deref() == Some(host.trim_end_matches('.')) {
            if let Some(notes) = notes {
                notes.lock().ignored_fault = Some(words);
            }
            return Ok(ServerCertVerified::assertion());
        }
        if let Some(notes) = notes {
            notes.lock().certificate = Some((fault, words));
        }
        Err(error)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// What is wrong with a certificate, in words that name no library.
fn certificate_fault(error: &rustls::Error) -> (CertificateFault, String) {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return (CertificateFault::Other, error.to_string());
    };
    match certificate {
        CertificateError::UnknownIssuer => (
            CertificateFault::UnknownAuthority,
            "the certificate is not signed by an authority that is trusted here".to_owned(),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().take(16).map(|name| Untrusted::from(plain_name(name))).collect();
            (CertificateFault::WrongName(names), "the certificate is for other names".to_owned())
        }
        CertificateError::NotValidForName => {
            (CertificateFault::WrongName(Vec::new()), "the certificate is for other names".to_owned())
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (CertificateFault::Expired, "the certificate has expired".to_owned())
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (CertificateFault::NotYetValid, "the certificate is not valid yet".to_owned())
        }
        other => (CertificateFault::Other, other.to_string()),
    }
}

/// The library presents names as `DnsName("a.test")` or `IpAddress(127.0.0.1)`.
fn plain_name(presented: &str) -> &str {
    let inner = presented.split_once('(').map_or(presented, |(_, inner)| inner.trim_end_matches(')'));
    inner.trim_matches('"')
}

/// Stores no session. It is asked for one as the first handshake message is made: that moment is noted.
#[derive(Debug)]
struct HandshakeClock;

impl ClientSessionStore for HandshakeClock {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        if let Some(notes) = Notes::current() {
            let mut noted = notes.lock();
            noted.hello.get_or_insert_with(Instant::now);
            noted.handshake_with = Some(name.to_str().into_owned());
        }
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_certificate_are_shown_as_names() {
        assert_eq!(plain_name("DnsName(\"a.test\")"), "a.test");
        assert_eq!(plain_name("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(plain_name("a.test"), "a.test");
    }
}
