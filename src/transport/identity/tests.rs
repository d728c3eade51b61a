use std::io::Write;

use rcgen::{CertificateParams, KeyPair};
use tempfile::NamedTempFile;

use super::*;

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// A certificate and its key.
fn pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["client.test".to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn refused(certificate: &str, key: Option<&str>) -> String {
    let (certificate, key) = (file(certificate), key.map(file));
    let refused = ClientIdentity::read(certificate.path(), key.as_ref().map(NamedTempFile::path)).unwrap_err();
    let words = refused.to_string();
    let named = words.replace(&certificate.path().display().to_string(), "CERT");
    key.map_or(named.clone(), |key| named.replace(&key.path().display().to_string(), "KEY"))
}

#[test]
fn certificate_and_key_are_read_from_two_files_or_from_one() {
    let (certificate, key) = pair();
    let two = (file(&certificate), file(&key));
    assert!(ClientIdentity::read(two.0.path(), Some(two.1.path())).is_ok());
    for both in [format!("{certificate}{key}"), format!("{key}{certificate}")] {
        assert!(ClientIdentity::read(file(&both).path(), None).is_ok());
    }
}

/// Made with `openssl x509 -req -in client.csr -signkey client.key`, which writes version 1 if no extensions are
/// requested.
const VERSION_1: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBEjCBuQIUY0hI3gO/09zwW7XnmG35PYxdRP0wCgYIKoZIzj0EAwIwDDEKMAgG\n\
    A1UEAwwBYzAeFw0yNjExMzAxMTE4NTZaFw0zNjExMjcxMTE4NTZaMAwxCjAIBgNV\n\
    BAMMAWMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATa+Fku7ezpGxpTUpScmCBa\n\
    tTMngzj5q+CIBabrlSBY1uE8yX9aelQnJKx3JCyQQioB/aJnjxvc7TpcjZQ8mgzA\n\
    MAoGCCqGSM49BAMCA0gAMEUCIQD1YQZ0gJjfbLhzmPOFM6Ll2Fb92gDimRcxkW+V\n\
    t7FhDgIgR+uM4TrV6ba+dWv1lIpZtCHUgV6Mt3FR6TL5J7iZuso=\n\
    -----END CERTIFICATE-----\n";
const ITS_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+YrutYIbeSdgSmIa\n\
    PYRpSjDPwHO1c5dMYJ1zSiifpz2hRANCAATa+Fku7ezpGxpTUpScmCBatTMngzj5\n\
    q+CIBabrlSBY1uE8yX9aelQnJKx3JCyQQioB/aJnjxvc7TpcjZQ8mgzA\n\
    -----END PRIVATE KEY-----\n";

#[test]
fn certificate_that_the_library_does_not_read_is_called_what_it_is() {
    assert_eq!(
        refused(VERSION_1, Some(ITS_KEY)),
        "the certificate in CERT is an X.509 certificate of version 1, and the TLS library reads those of version 3; have \
         it issued with extensions (RFC 5280), as current authorities do"
    );
    let (certificate, key) = pair();
    let wrapped = |bytes: &[u8]| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    for bytes in [&b"no certificate"[..], &[0x30, 0x03, 0x02, 0x01, 0x00], &[0x30, 0x82], b"", &[0; 64]] {
        let words = refused(&wrapped(bytes), Some(&key));
        assert_eq!(words, "the first certificate in CERT is not readable as an X.509 certificate", "{bytes:?}");
    }
    // Certificates after the first are sent as they are.
    let (own, own_key) = (file(&format!("{certificate}{VERSION_1}")), file(&key));
    assert!(ClientIdentity::read(own.path(), Some(own_key.path())).is_ok());
}

#[test]
fn each_fault_of_the_files_has_a_sentence() {
    let ((certificate, key), (_, other_key)) = (pair(), pair());
    let missing = ClientIdentity::read(Path::new("/nowhere/client.pem"), None).unwrap_err().to_string();
    assert_eq!(missing, "/nowhere/client.pem cannot be read: No such file or directory");
    let begin = "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)";
    assert_eq!(refused(&key, Some(&key)), format!("CERT {begin}"));
    assert_eq!(refused("", None), format!("CERT {begin}"));
    assert_eq!(
        refused(&certificate, None),
        "CERT holds a certificate and no private key; name the file of the key with --key FILE"
    );
    let none = "KEY holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)";
    assert_eq!(refused(&certificate, Some(&certificate)), none);
    assert_eq!(
        refused(&certificate, Some(&other_key)),
        "the private key in KEY does not belong to the first certificate in CERT"
    );
    let damaged = key.replace("-----END", "----END");
    assert_eq!(refused(&certificate, Some(&damaged)), "KEY is damaged: it is not well-formed PEM");
    assert!(refused(&certificate, Some(&"x".repeat((1 << 20) + 1))).starts_with("KEY is longer than 1 MiB"));
}

/// The forms in which OpenSSL writes encrypted keys: PKCS #8, and the older one.
#[test]
fn encrypted_keys_are_called_encrypted() {
    let (certificate, key) = pair();
    let pkcs8 = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let older = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n\
                 -----END RSA PRIVATE KEY-----\n";
    for encrypted in [pkcs8.as_str(), older] {
        let words = refused(&certificate, Some(encrypted));
        assert!(words.starts_with("the private key in KEY is encrypted"), "{words}");
        assert!(words.ends_with("openssl pkey -in FILE -out KEY"), "{words}");
    }
}

#[test]
fn key_is_in_no_debug_output() {
    let (certificate, key) = pair();
    let identity = ClientIdentity::read(file(&format!("{certificate}{key}")).path(), None).unwrap();
    let shown = format!("{identity:?}");
    assert!(shown.starts_with("ClientIdentity { certificate_file: ") && !shown.contains("key: "), "{shown}");
}

#[cfg(unix)]
#[test]
fn key_file_that_others_may_read_is_noticed() {
    use std::os::unix::fs::PermissionsExt;
    let (certificate, key) = pair();
    let (certificate, key) = (file(&certificate), file(&key));
    let identity = ClientIdentity::read(certificate.path(), Some(key.path())).unwrap();
    let with = |mode| {
        std::fs::set_permissions(key.path(), PermissionsExt::from_mode(mode)).unwrap();
        identity.exposed_key_file()
    };
    assert_eq!((with(0o600), with(0o400)), (None, None));
    assert_eq!((with(0o640), with(0o644)), (Some(key.path()), Some(key.path())));
}
