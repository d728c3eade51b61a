//! Messages for the TLS library's errors: its own texts never reach a user.

use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};

use crate::evidence::{CertificateDetails, CertificateFault, Failure, FailureKind, TlsFault};
use crate::text::Untrusted;

/// The fault of a certificate with these details, with a message.
pub(super) fn certificate_fault(
    error: &rustls::Error,
    details: Option<&CertificateDetails>,
) -> (CertificateFault, String) {
    let rustls::Error::InvalidCertificate(error) = error else {
        return (CertificateFault::Other, "the certificate could not be checked".to_owned());
    };
    let is_authority = details.is_some_and(|details| details.is_authority);
    let is_self_signed = details.is_some_and(|details| details.self_signed);
    let (fault, words) = match error {
        // The library has no type for an authority's certificate that is presented as a server's.
        CertificateError::UnknownIssuer | CertificateError::Other(_) if is_self_signed && is_authority => {
            (CertificateFault::UnknownAuthority, "the certificate is self-signed and not trusted here")
        }
        CertificateError::Other(_) if is_authority => {
            (CertificateFault::AuthorityAsServer, "the certificate is marked as that of an authority (CA:TRUE)")
        }
        CertificateError::UnknownIssuer if is_self_signed => {
            (CertificateFault::UnknownAuthority, "the certificate is self-signed and not trusted here")
        }
        CertificateError::UnknownIssuer => {
            (CertificateFault::UnknownAuthority, "the certificate is not signed by an authority that is trusted here")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().take(16).map(|name| Untrusted::from(plain_name(name))).collect();
            (CertificateFault::WrongName(names), "the certificate is for other names")
        }
        CertificateError::NotValidForName => {
            (CertificateFault::WrongName(Vec::new()), "the certificate is for other names")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => NOT_YET_VALID,
        CertificateError::Revoked => (CertificateFault::Other, "its authority has revoked the certificate"),
        CertificateError::BadEncoding => (CertificateFault::Other, "the certificate is malformed"),
        CertificateError::UnhandledCriticalExtension => {
            (CertificateFault::Other, "the certificate has a critical extension that clients do not support")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            (CertificateFault::Other, "the certificate is not meant for servers (extended key usage)")
        }
        CertificateError::BadSignature => {
            (CertificateFault::Other, "the signature of a certificate is wrong, or uses an obsolete algorithm")
        }
        _ => (CertificateFault::Other, "the certificate, or one that signed it, violates RFC 5280"),
    };
    (fault, words.to_owned())
}

const EXPIRED: (CertificateFault, &str) = (CertificateFault::Expired, "the certificate has expired");
const NOT_YET_VALID: (CertificateFault, &str) = (CertificateFault::NotYetValid, "the certificate is not valid yet");

/// The fault of a certificate at this time, in seconds since 1970.
pub(super) fn fault_in_time(details: &CertificateDetails, time: i64) -> Option<(CertificateFault, String)> {
    let (fault, words) = match details {
        _ if details.is_valid_at(time) => return None,
        _ if time < details.not_before => NOT_YET_VALID,
        _ => EXPIRED,
    };
    Some((fault, words.to_owned()))
}

/// The fault of a certificate whose key does not verify the signature of a handshake.
pub(super) fn handshake_signature(error: &rustls::Error) -> (CertificateFault, String) {
    let words = match error {
        rustls::Error::InvalidCertificate(CertificateError::BadSignature) => {
            "the server does not prove that it holds the key of the certificate"
        }
        _ => "the key of the certificate is too short, or of an obsolete kind",
    };
    (CertificateFault::Other, words.to_owned())
}

/// The name in the library's form, such as `DnsName("a.test")` or `IpAddress(127.0.0.1)`.
fn plain_name(presented: &str) -> &str {
    let inner = presented.split_once('(').map_or(presented, |(_, inner)| inner.trim_end_matches(')'));
    inner.trim_matches('"')
}

/// Why a TLS connection failed. `presented` says whether the server had presented its certificate before that.
pub(in crate::transport) fn tls_failure(error: &rustls::Error, presented: bool) -> Failure {
    use rustls::InvalidMessage::{CertificatePayloadTooLarge, HandshakePayloadTooLarge, MessageTooLarge};
    let tls = |fault: TlsFault, words: &str| Failure::new(FailureKind::Tls(fault), words);
    match error {
        rustls::Error::InvalidMessage(CertificatePayloadTooLarge | HandshakePayloadTooLarge | MessageTooLarge) => {
            too_much_handshake()
        }
        rustls::Error::InvalidMessage(_) if !presented && !is_within_tls(error) => {
            Failure::new(FailureKind::NotTls, "the server did not answer in TLS")
        }
        rustls::Error::AlertReceived(alert) => alert_failure(*alert, presented),
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => tls(TlsFault::ProtocolVersion, "the server speaks only TLS 1.1 or older, or SSL"),
        rustls::Error::PeerIncompatible(_) => {
            tls(TlsFault::NoAgreement, "the server and this client support no common TLS parameters")
        }
        rustls::Error::InvalidCertificate(CertificateError::BadSignature) => {
            let (fault, words) = handshake_signature(error);
            Failure::new(FailureKind::Certificate(fault), words)
        }
        rustls::Error::InvalidCertificate(_) => {
            let (fault, words) = certificate_fault(error, None);
            Failure::new(FailureKind::Certificate(fault), words)
        }
        rustls::Error::NoCertificatesPresented => tls(TlsFault::Broken, "the server presents no certificate"),
        rustls::Error::NoApplicationProtocol => {
            tls(TlsFault::ApplicationProtocol, "the server speaks neither HTTP/2 nor HTTP/1.1 over this connection")
        }
        rustls::Error::PeerSentOversizedRecord => {
            tls(TlsFault::Broken, "the server sends a record longer than TLS allows")
        }
        rustls::Error::FailedToGetCurrentTime => tls(TlsFault::Other, "the clock of this machine could not be read"),
        rustls::Error::FailedToGetRandomBytes => tls(TlsFault::Other, "this machine provides no random numbers"),
        _ => tls(TlsFault::Broken, "the server violates the TLS protocol"),
    }
}

/// Whether an unreadable message was a TLS message all the same.
fn is_within_tls(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidMessage(message) = error else { return false };
    !matches!(
        message,
        InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::InvalidEmptyPayload
    )
}

/// Excessive handshake data, such as an endless chain of certificates.
pub(in crate::transport) fn too_much_handshake() -> Failure {
    Failure::new(
        FailureKind::Tls(TlsFault::TooLarge),
        "the server sends more than 64 KiB of TLS handshake messages at once",
    )
}

/// The failure for an alert with which the server ended the connection (RFC 8446 §6), found in an error message: HTTP/2
/// keeps only the TLS library's text of a connection error.
pub(in crate::transport) fn alert_in(words: &str, presented: bool) -> Option<Failure> {
    let is_called = |alert: &AlertDescription| words.ends_with(&rustls::Error::AlertReceived(*alert).to_string());
    let alert = (0..=u8::MAX).map(AlertDescription::from).find(is_called)?;
    Some(alert_failure(alert, presented))
}

fn alert_failure(alert: AlertDescription, presented: bool) -> Failure {
    let number = u8::from(alert);
    let fault = match alert {
        AlertDescription::ProtocolVersion => TlsFault::ProtocolVersion,
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => TlsFault::ClientCertificate,
        // Before version 1.3 there is no specific alert for a client without a certificate.
        AlertDescription::HandshakeFailure if presented => TlsFault::ClientCertificate,
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => TlsFault::NoAgreement,
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA => TlsFault::ClientCertificate,
        AlertDescription::UnrecognisedName => TlsFault::UnknownName,
        AlertDescription::AccessDenied => TlsFault::AccessDenied,
        AlertDescription::InternalError => TlsFault::ServerFault,
        AlertDescription::NoApplicationProtocol => TlsFault::ApplicationProtocol,
        _ => TlsFault::Other,
    };
    let name = alert_name(number).map_or_else(|| number.to_string(), |name| format!("{name} ({number})"));
    Failure::new(FailureKind::Tls(fault), format!("the server ended the TLS handshake with the alert {name}"))
}

/// The name of an alert in the IANA registry "TLS Alerts".
fn alert_name(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => return None,
    })
}

/// Why a file of trusted certificates cannot be read.
pub(super) fn pem_fault(error: &rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error;
    match error {
        Error::Io(error) => super::super::system_words::plain_io_words(&error.to_string()),
        Error::MissingSectionEnd { .. } => "a certificate in it does not end".to_owned(),
        Error::IllegalSectionStart { .. } => "a line that begins a certificate is malformed".to_owned(),
        Error::Base64Decode(_) => "a certificate in it is not valid base64".to_owned(),
        _ => "it holds no certificate in PEM form".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over HTTP/2 an alert arrives only as text of the library, which is not for users.
    #[test]
    fn alert_that_lost_its_type_is_found_by_its_words() {
        let failure = alert_in("received fatal alert: CertificateRequired", true).unwrap();
        assert_eq!(failure.kind, FailureKind::Tls(TlsFault::ClientCertificate));
        assert!(!failure.message.as_str().contains("CertificateRequired"), "{failure:?}");
        assert_eq!(alert_in("connection reset by peer", true), None);
    }

    #[test]
    fn names_of_a_certificate_are_shown_as_names() {
        assert_eq!(plain_name("DnsName(\"a.test\")"), "a.test");
        assert_eq!(plain_name("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(plain_name("a.test"), "a.test");
    }

    /// RFC 8446 §6.2 says what each alert is for.
    #[test]
    fn alert_chooses_its_own_fault() {
        for (alert, presented, fault, words) in [
            (AlertDescription::ProtocolVersion, false, TlsFault::ProtocolVersion, "protocol_version (70)"),
            (AlertDescription::CertificateRequired, true, TlsFault::ClientCertificate, "certificate_required (116)"),
            (AlertDescription::HandshakeFailure, false, TlsFault::NoAgreement, "handshake_failure (40)"),
            (AlertDescription::HandshakeFailure, true, TlsFault::ClientCertificate, "handshake_failure (40)"),
            (AlertDescription::UnrecognisedName, false, TlsFault::UnknownName, "unrecognized_name (112)"),
            (AlertDescription::InternalError, false, TlsFault::ServerFault, "internal_error (80)"),
            (AlertDescription::AccessDenied, true, TlsFault::AccessDenied, "access_denied (49)"),
            (AlertDescription::Unknown(200), false, TlsFault::Other, "alert 200"),
        ] {
            let failure = tls_failure(&rustls::Error::AlertReceived(alert), presented);
            assert_eq!(failure.kind, FailureKind::Tls(fault), "{words}");
            assert!(failure.message.as_str().ends_with(words), "{failure:?}");
        }
    }

    /// The library's texts are names of its variants: `CaUsedAsEndEntity`, `ServerDoesNotSupportTls12Or13`.
    #[test]
    fn no_word_of_the_library_reaches_a_user() {
        let certificates = [
            CertificateError::BadEncoding,
            CertificateError::Revoked,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownRevocationStatus,
            CertificateError::BadSignature,
            CertificateError::InvalidPurpose,
            CertificateError::ApplicationVerificationFailure,
            CertificateError::InvalidOcspResponse,
        ];
        let mut errors: Vec<_> = certificates.into_iter().map(rustls::Error::InvalidCertificate).collect();
        errors.extend([
            rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
            rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            rustls::Error::PeerMisbehaved(rustls::PeerMisbehaved::WrongGroupForKeyShare),
            rustls::Error::InvalidMessage(InvalidMessage::MissingKeyExchange),
            rustls::Error::General("SomeOfItsOwn".to_owned()),
            rustls::Error::DecryptError,
            rustls::Error::NoCertificatesPresented,
        ]);
        for error in errors {
            let failure = tls_failure(&error, false);
            let words = failure.message.as_str();
            let is_a_variant = |word: &str| {
                word.chars().skip(1).any(char::is_uppercase)
                    && !matches!(word, "TLS" | "SSL," | "SSL" | "RFC" | "HTTP/2" | "HTTP/1.1")
            };
            assert!(!words.is_empty() && !words.split(' ').any(is_a_variant), "{words}");
        }
    }
}
