//! The certificate authority of a lab, made anew each time, and the certificates of its hosts.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use super::scenario::Certificate;

/// An authority that nobody trusts but who is told to.
pub(super) struct Authority {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuthorityError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// From yesterday, for clocks that go wrong, until long after any run has ended; some clients refuse certificates that
/// are good for years.
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

    /// Its own certificate in PEM form.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// An authority that this one has signed.
    fn intermediate(&self, name: &str) -> Result<Issuer<'static, KeyPair>, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        (params.not_before, params.not_after) = for_this_run();
        Ok(Issuer::new(params, key))
    }

    /// What a host needs to speak TLS, HTTP/2 and HTTP/1.1 in it. The certificate is also good for the loopback names,
    /// by which clients other than ociscope ask.
    pub fn server(&self, host: &str, certificate: Certificate) -> Result<Arc<ServerConfig>, AuthorityError> {
        let mut names = vec![host.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned()];
        if certificate == Certificate::OtherName {
            names = vec![format!("other.{host}")];
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, host);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        (params.not_before, params.not_after) = for_this_run();
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2023, 1, 1);
            params.not_after = date_time_ymd(2024, 1, 1);
        }
        let (stranger, intermediate);
        let issuer = match certificate {
            Certificate::UnknownAuthority => {
                stranger = Self::new("An authority that is not known here")?;
                &stranger.issuer
            }
            Certificate::MissingIntermediate => {
                intermediate = self.intermediate("ociscope lab, intermediate authority")?;
                &intermediate
            }
            _ => &self.issuer,
        };
        let key = KeyPair::generate()?;
        let signed = params.signed_by(&key, issuer)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![signed.der().clone()], key.into())?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(server))
    }
}
