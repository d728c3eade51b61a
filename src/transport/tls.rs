//! TLS: which authorities are trusted, and what is noted about certificates that are not.

mod either;
mod verifier;
pub(super) mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, NamedGroup, RootCertStore};
use tokio::time::Instant;

use self::either::Either;
use self::verifier::NotingVerifier;
use super::file::{UnreadFile, read_file};
use super::identity::{ClientIdentity, Identifying};
use super::notes::Notes;
use crate::evidence::PresentedCertificate;

/// The source of the trusted authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roots {
    /// The certificate store of this system.
    System,
    /// The system has none; Mozilla's list, which is bundled with this program, is used instead.
    Bundled,
    /// A single authority, for hosts that exist for one run.
    OneAlone,
}

/// The maximum size of a file with authorities, in bytes: the lists of whole systems have a tenth of it.
const AUTHORITIES: u64 = 4 << 20;

/// Why TLS cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file given with `--cacert` cannot be used.
    #[error("{} cannot be used as a certificate authority: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The certificate store named by the environment cannot be used.
    #[error("SSL_CERT_FILE names {}, which cannot be used: {reason}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The verifier could not be created.
    #[error("TLS cannot be set up: the TLS library refuses its settings or one of the trusted certificates")]
    SetUp,
}

/// The library's error texts are its own names, so only the fact of the error is reported.
fn set_up<E>(_: &E) -> TlsError {
    TlsError::SetUp
}

/// Reads the certificates of a PEM file.
pub(crate) fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let fault = |reason: String| TlsError::Authority { path: path.to_owned(), reason };
    let bytes = read_file(path, AUTHORITIES).map_err(|unread| fault(unread.words(AUTHORITIES)))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| fault(words::pem_fault(&error)))?;
    if found.is_empty() {
        return Err(fault("it holds no certificate in PEM form".to_owned()));
    }
    for (certificate, number) in found.iter().zip(1..) {
        if let Err(unread) = PresentedCertificate::read(certificate).details {
            return Err(fault(format!("certificate {number} in it is {}", unread.words())));
        }
    }
    Ok(found)
}

/// A client configuration that notes the certificates presented. `insecure_host` is the one host whose certificate
/// faults are ignored.
pub(crate) fn configuration(
    authorities: &[CertificateDer<'static>],
    insecure_host: Option<&str>,
    identity: Option<ClientIdentity>,
) -> Result<(ClientConfig, Roots), TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (verifier, roots) = verifier(authorities, &provider)?;
    let verifier = NotingVerifier {
        inner: verifier,
        insecure_host: insecure_host.map(str::to_owned),
        named: authorities.to_vec(),
        trusts_system: roots == Roots::System,
    };
    Ok((noting(verifier, provider, identity)?, roots))
}

/// A configuration like [`configuration`] that trusts a single authority; no certificate store is read.
pub(crate) fn trusting_only(
    authority: &CertificateDer<'static>,
    insecure_host: Option<&str>,
    identity: Option<ClientIdentity>,
) -> Result<(ClientConfig, Roots), TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = NotingVerifier {
        inner: by_list([authority], &provider)?,
        insecure_host: insecure_host.map(str::to_owned),
        named: vec![authority.clone()],
        trusts_system: false,
    };
    Ok((noting(verifier, provider, identity)?, Roots::OneAlone))
}

fn noting(
    verifier: NotingVerifier,
    provider: Arc<CryptoProvider>,
    identity: Option<ClientIdentity>,
) -> Result<ClientConfig, TlsError> {
    let mut configuration = ClientConfig::builder_with_details(provider, Arc::new(ClockOfTheSystem))
        .with_safe_default_protocol_versions()
        .map_err(|error| set_up(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(Identifying(identity)));
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A resumed session presents no certificate, so none is resumed; the store is only there to note when the handshake
    // begins.
    configuration.resumption = Resumption::store(Arc::new(HandshakeClock));
    Ok(configuration)
}

/// A configuration for a client that only uses plain HTTP: creating it reads no files, and it trusts no one.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(ClockOfTheSystem));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| set_up(&error))?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

type Verifier = Arc<dyn ServerCertVerifier>;

fn verifier(
    authorities: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<(Verifier, Roots), TlsError> {
    // The library reads the file whatever it is, and would block on a pipe. It reports all other errors itself.
    if let Some(named) = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from)
        && let Err(unread @ (UnreadFile::NotRegular | UnreadFile::Folder | UnreadFile::Endless)) =
            read_file(&named, AUTHORITIES)
    {
        return Err(TlsError::Store { path: named, reason: UnreadFile::words(&unread, AUTHORITIES) });
    }
    if let Some(system) = either::of_the_system(provider) {
        if authorities.is_empty() {
            return Ok((system, Roots::System));
        }
        let named = by_list(authorities, provider)?;
        return Ok((Arc::new(Either { system, named }), Roots::System));
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
        store.add(certificate.clone()).map_err(|error| set_up(&error))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
    Ok(verifier.map_err(|error| set_up(&error))?)
}

/// The system's clock. The library's own reader of it panics if it is set to a time before 1970, as on a machine whose
/// clock has no battery.
#[derive(Debug)]
struct ClockOfTheSystem;

impl TimeProvider for ClockOfTheSystem {
    fn current_time(&self) -> Option<UnixTime> {
        time_of_tls(SystemTime::now())
    }
}

/// A time in the representation of TLS, which begins in 1970.
fn time_of_tls(now: SystemTime) -> Option<UnixTime> {
    now.duration_since(SystemTime::UNIX_EPOCH).ok().map(UnixTime::since_unix_epoch)
}

/// Stores no sessions. It is queried when the first handshake message is made: that moment is noted.
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
    use std::time::Duration;

    use super::*;

    #[test]
    fn clock_before_1970_is_no_time_for_tls() {
        let at =
            |seconds| time_of_tls(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).map(|time| time.as_secs());
        assert_eq!([at(0), at(1), at(1_800_000_000)], [Some(0), Some(1), Some(1_800_000_000)]);
        for seconds in [1, 86_400, 1_800_000_000] {
            let before = SystemTime::UNIX_EPOCH - Duration::from_secs(seconds);
            assert!(time_of_tls(before).is_none(), "{seconds} s before");
        }
        assert!(time_of_tls(SystemTime::UNIX_EPOCH - Duration::from_nanos(1)).is_none());
    }
}
