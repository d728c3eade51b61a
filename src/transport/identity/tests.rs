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

/// The forms in which openssl writes encrypted keys: PKCS #8, and the older one.
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
