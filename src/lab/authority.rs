//! The certificate authority of a lab, created anew for each lab, and the certificates of its hosts.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use time::{Duration, OffsetDateTime};

use super::scenario::{Certificate, ClientCertificate};

/// An authority that only explicitly configured clients trust.
pub(super) struct Authority {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// An error while creating certificates.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuthorityError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Clients(#[from] VerifierBuilderError),
}

/// The validity of certificates: from yesterday, to tolerate wrong clocks, until long after any run has ended; not for
/// years, because some clients reject certificates that are valid for so long.
fn for_this_run() -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now - Duration::days(1), now + Duration::days(30))
}

impl Authority {
    /// A new authority with a new key.
    pub fn new(name: &str) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        (params.not_before, params.not_after) = for_this_run();
        let certificate = params.self_signed(&key)?;
        Ok(Self { certificate: certificate.der().clone(), pem: certificate.pem(), issuer: Issuer::new(params, key) })
    }

    /// Its own certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Creates the verifier for the certificates of a host's clients.
    fn clients(&self, wanted: ClientCertificate) -> Result<Arc<dyn ClientCertVerifier>, AuthorityError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        Ok(match wanted {
            ClientCertificate::Unasked => WebPkiClientVerifier::no_client_auth(),
            ClientCertificate::Required => builder.build()?,
            ClientCertificate::Optional => builder.allow_unauthenticated().build()?,
        })
    }

    /// Its own certificate in PEM form.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Creates the TLS configuration of a host, with HTTP/2 and HTTP/1.1. The certificate also covers the loopback
    /// names, which clients other than ociscope use.
    pub fn server(
        &self,
        host: &str,
        certificate: Certificate,
        client_certificate: ClientCertificate,
    ) -> Result<Arc<ServerConfig>, AuthorityError> {
        let mut names = vec![host.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned()];
        if certificate == Certificate::OtherName {
            names = vec![format!("other.{host}")];
        }
        if certificate == Certificate::CommonNameOnly {
            names.clear();
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, host);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        (params.not_before, params.not_after) = for_this_run();
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2023, 1, 1);
            params.not_after = date_time_ymd(2024, 1, 1);
        }
        let key = KeyPair::generate()?;
        let (chain, private) = match certificate {
            Certificate::UnknownAuthority => {
                let stranger = Self::new("An authority that is not known here")?;
                let signed = params.signed_by(&key, &stranger.issuer)?;
                (vec![signed.der().clone(), stranger.certificate], key)
            }
            Certificate::Inspected => {
                let product = Self::new("Zscaler Intermediate Root CA (zscaler.example)")?;
                let signed = params.signed_by(&key, &product.issuer)?;
                (vec![signed.der().clone(), product.certificate], key)
            }
            Certificate::WithIntermediate => {
                let (intermediate, der) = self.intermediate()?;
                (vec![params.signed_by(&key, &intermediate)?.der().clone(), der], key)
            }
            Certificate::IntermediateMissing => {
                let (intermediate, _) = self.intermediate()?;
                params.custom_extensions = vec![issuer_is_at(INTERMEDIATE_AT)];
                (vec![params.signed_by(&key, &intermediate)?.der().clone()], key)
            }
            Certificate::SelfSigned => {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                (vec![params.self_signed(&key)?.der().clone()], key)
            }
            Certificate::Good | Certificate::Expired | Certificate::OtherName | Certificate::CommonNameOnly => {
                (vec![params.signed_by(&key, &self.issuer)?.der().clone()], key)
            }
        };
        let private = PrivatePkcs8KeyDer::from(private.serialize_der());
        let mut server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(self.clients(client_certificate)?)
            .with_single_cert(chain, private.into())?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(server))
    }

    /// Creates an intermediate authority, signed by this one, and its certificate.
    fn intermediate(&self) -> Result<(Issuer<'static, KeyPair>, CertificateDer<'static>), AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "ociscope lab, intermediate");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        (params.not_before, params.not_after) = for_this_run();
        let certificate = params.signed_by(&key, &self.issuer)?.der().clone();
        Ok((Issuer::new(params, key), certificate))
    }
}

/// The URL of the intermediate's certificate. No client fetches it.
const INTERMEDIATE_AT: &[u8] = b"http://pki.example/intermediate.der";

/// The extension with the URL of the issuer's certificate: one `caIssuers` with a URI (RFC 5280 §4.2.2.1).
fn issuer_is_at(address: &[u8]) -> CustomExtension {
    // Short lengths in DER are one byte, below 128.
    let length = |content: &[u8]| u8::try_from(content.len()).unwrap_or(0x7f);
    let mut description = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, length(address)];
    description.extend(address);
    let inner = [&[0x30, length(&description)], &description[..]].concat();
    let content = [&[0x30, length(&inner)], &inner[..]].concat();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}
