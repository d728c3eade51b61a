//! The client certificate: how it is read, and to which servers it is presented.
//!
//! A handshake presents it only if its request goes to an origin that may receive it, and the handshake is with the
//! host of that origin and not with a proxy. All other requests are sent without it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SignatureScheme};

use super::file::UnreadFile;
use super::notes::Notes;
use crate::evidence::{CertificateRequest, x509_version};

/// The maximum size of a certificate or key file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// A client certificate with its key.
#[derive(Clone)]
pub struct ClientIdentity {
    key: Arc<CertifiedKey>,
    certificate_file: PathBuf,
    key_file: PathBuf,
}

/// Why a client certificate cannot be used. The contents of the files are never repeated.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A file is longer than 1 MiB.
    #[error("{} is longer than 1 MiB, and not a certificate or a key", .0.display())]
    TooLong(PathBuf),
    /// The file contains no certificate.
    #[error("{} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", .0.display())]
    NoCertificate(PathBuf),
    /// The certificate's file contains no key, and no other file was named.
    #[error("{} holds a certificate and no private key; name the file of the key with --key FILE", .0.display())]
    NoKeyBeside(PathBuf),
    /// The file contains no key.
    #[error("{} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)", .0.display())]
    NoKey(PathBuf),
    /// The key is encrypted.
    #[error(
        "the private key in {} is encrypted, and ociscope asks for no passphrases; decrypt a copy of it: \
         openssl pkey -in FILE -out KEY",
        .0.display()
    )]
    Encrypted(PathBuf),
    /// The PEM form is damaged.
    #[error("{} is damaged: it is not well-formed PEM", .0.display())]
    Damaged(PathBuf),
    /// The certificate has a version that the TLS library does not support; the first number is the version.
    #[error(
        "the certificate in {} is an X.509 certificate of version {version}, and the TLS library reads those of version 3; \
         have it issued with extensions (RFC 5280), as current authorities do",
        path.display()
    )]
    OldVersion {
        /// The file.
        path: PathBuf,
        /// 1 or 2.
        version: u32,
    },
    /// The PEM content is not a certificate that the TLS library can read.
    #[error("the first certificate in {} is not readable as an X.509 certificate", .0.display())]
    NotX509(PathBuf),
    /// The TLS library does not support this kind of key.
    #[error("the private key in {} cannot be used: it is not an RSA, ECDSA (P-256, P-384) or Ed25519 key", .0.display())]
    UnsupportedKey(PathBuf),
    /// The key and the certificate do not match.
    #[error("the private key in {} does not belong to the first certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

impl ClientIdentity {
    /// Reads a certificate, followed by those of its issuers, and its key. Without a file of its own, the key is read
    /// from that of the certificate, as in curl.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn read(certificate: &Path, key: Option<&Path>) -> Result<Self, IdentityError> {
        let damaged = |path: &Path| IdentityError::Damaged(path.to_owned());
        let text = contents(certificate)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let chain = chain.map_err(|_| damaged(certificate))?;
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate(certificate.to_owned()));
        }
        let key_file = key.unwrap_or(certificate);
        let text = if key.is_some() { contents(key_file)? } else { text };
        let private = match PrivateKeyDer::pem_slice_iter(&text).next() {
            Some(Ok(_)) if is_encrypted(&text) => return Err(IdentityError::Encrypted(key_file.to_owned())),
            Some(Ok(private)) => private,
            _ if is_encrypted(&text) => return Err(IdentityError::Encrypted(key_file.to_owned())),
            Some(Err(_)) => return Err(damaged(key_file)),
            None if key.is_none() => return Err(IdentityError::NoKeyBeside(key_file.to_owned())),
            None => return Err(IdentityError::NoKey(key_file.to_owned())),
        };
        let private = rustls::crypto::ring::sign::any_supported_type(&private);
        let private = private.map_err(|_| IdentityError::UnsupportedKey(key_file.to_owned()))?;
        let pair = CertifiedKey::new(chain, private);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                let (certificate, key) = (certificate.to_owned(), key_file.to_owned());
                return Err(IdentityError::Mismatch { certificate, key });
            }
            Err(_) => {
                let path = certificate.to_owned();
                return Err(match pair.cert.first().and_then(|first| x509_version(first)) {
                    Some(version @ (1 | 2)) => IdentityError::OldVersion { path, version },
                    _ => IdentityError::NotX509(path),
                });
            }
        }
        Ok(Self { key: Arc::new(pair), certificate_file: certificate.to_owned(), key_file: key_file.to_owned() })
    }

    /// The key's file, if users other than its owner can read it.
    pub fn exposed_key_file(&self) -> Option<&Path> {
        is_readable_by_others(&self.key_file).then_some(&self.key_file)
    }
}

/// Two identities are equal if they present the same certificates and came from the same files.
impl PartialEq for ClientIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.key.cert == other.key.cert
            && self.certificate_file == other.certificate_file
            && self.key_file == other.key_file
    }
}

/// Shows nothing of the key.
impl fmt::Debug for ClientIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientIdentity")
            .field("certificate_file", &self.certificate_file)
            .finish_non_exhaustive()
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, IdentityError> {
    super::file::read_file(path, FILE_LIMIT).map_err(|unread| match unread {
        UnreadFile::TooLong => IdentityError::TooLong(path.to_owned()),
        other => IdentityError::File { path: path.to_owned(), reason: other.words(FILE_LIMIT) },
    })
}

/// Whether the key in a PEM text is encrypted: PKCS #8 marks it by its label (RFC 7468 §11), the older form by a header
/// (RFC 1421 §4.6.1.1).
fn is_encrypted(text: &[u8]) -> bool {
    let has = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    has(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || has(b"Proc-Type: 4,ENCRYPTED")
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

/// Notes that a server requests a client certificate, and presents it if this request may.
#[derive(Debug)]
pub(super) struct Identifying(pub Option<ClientIdentity>);

impl ResolvesClientCert for Identifying {
    fn resolve(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // Without notes, the request of this handshake is unknown.
        let notes = Notes::current()?;
        let mut noted = notes.lock();
        let may = notes.identifies_to.is_some() && notes.identifies_to == noted.handshake_with;
        let key = self.0.as_ref().filter(|_| may).map(|identity| Arc::clone(&identity.key));
        let key = key.filter(|key| key.key.choose_scheme(schemes).is_some());
        noted.certificate_request = Some(CertificateRequest::read(authorities, key.is_some()));
        key
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
