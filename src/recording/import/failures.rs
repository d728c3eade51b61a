//! Why there was no answer, by the messages of curl, of Go's standard library, and of the programs that write HAR files.

use crate::evidence::{CertificateFault, Failure, FailureKind, Step, TlsFault};
use crate::text::Untrusted;

/// The failure that a message reports. A message that is not known is kept, and its kind is not.
pub(super) fn failure_of(message: &str) -> Failure {
    let lower = message.to_ascii_lowercase();
    let known = messages().into_iter().find(|(words, _)| words.iter().all(|word| lower.contains(word)));
    let kind = match known.map(|(_, kind)| kind) {
        Some(FailureKind::Certificate(CertificateFault::WrongName(_))) => {
            FailureKind::Certificate(CertificateFault::WrongName(names_in(message)))
        }
        kind => kind.unwrap_or(FailureKind::Other),
    };
    Failure::new(kind, message.trim())
}

/// Parts of messages in lower case, all of which have to occur; the first entry decides.
fn messages() -> Vec<(&'static [&'static str], FailureKind)> {
    let certificate = FailureKind::Certificate;
    vec![
        // curl.
        (&["could not resolve proxy"], FailureKind::ProxyUnknown),
        (&["could not resolve host"], FailureKind::Dns),
        (&["connect tunnel failed"], FailureKind::Proxy),
        (&["from proxy after connect"], FailureKind::Proxy),
        (&["connection refused"], FailureKind::Refused),
        (&["couldn't connect to server"], FailureKind::Refused),
        (&["no alternative certificate subject name"], certificate(CertificateFault::WrongName(Vec::new()))),
        (&["certificate subject name", "does not match"], certificate(CertificateFault::WrongName(Vec::new()))),
        (&["certificate has expired", "is before"], certificate(CertificateFault::NotYetValid)),
        (&["certificate has expired"], certificate(CertificateFault::Expired)),
        (&["certificate", "not yet valid"], certificate(CertificateFault::NotYetValid)),
        (&["unable to get local issuer certificate"], certificate(CertificateFault::UnknownAuthority)),
        (&["self-signed certificate"], certificate(CertificateFault::UnknownAuthority)),
        (&["self signed certificate"], certificate(CertificateFault::UnknownAuthority)),
        (&["wrong version number"], FailureKind::NotTls),
        (&["packet length too long"], FailureKind::NotTls),
        (&["empty reply from server"], FailureKind::Closed),
        (&["transfer closed with", "remaining"], FailureKind::BodyCutShort),
        (&["maximum", "redirects followed"], FailureKind::Redirect),
        (&["received http/0.9"], FailureKind::NotHttp),
        // Go.
        (&["proxyconnect"], FailureKind::Proxy),
        (&["no such host"], FailureKind::Dns),
        (&["server misbehaving"], FailureKind::Dns),
        (&["signed by unknown authority"], certificate(CertificateFault::UnknownAuthority)),
        (&["certificate is valid for"], certificate(CertificateFault::WrongName(Vec::new()))),
        (&["doesn't contain any ip sans"], certificate(CertificateFault::WrongName(Vec::new()))),
        (&["certificate is not valid for any names"], certificate(CertificateFault::WrongName(Vec::new()))),
        (&["x509:"], certificate(CertificateFault::Other)),
        (&["server gave http response to https client"], FailureKind::NotTls),
        (&["first record does not look like a tls handshake"], FailureKind::NotTls),
        (&["tls handshake timeout"], FailureKind::Timeout(Step::Tls)),
        (&["tls", "certificate required"], FailureKind::Tls(TlsFault::ClientCertificate)),
        (&["tls", "protocol version"], FailureKind::Tls(TlsFault::ProtocolVersion)),
        (&["tls", "handshake failure"], FailureKind::Tls(TlsFault::NoAgreement)),
        (&["tls", "unrecognized name"], FailureKind::Tls(TlsFault::UnknownName)),
        (&["ssl certificate problem"], certificate(CertificateFault::Other)),
        (&["remote error: tls"], FailureKind::Tls(TlsFault::Other)),
        (&["malformed http"], FailureKind::NotHttp),
        // Chromium.
        (&["err_name_not_resolved"], FailureKind::Dns),
        (&["err_connection_refused"], FailureKind::Refused),
        (&["err_address_unreachable"], FailureKind::Unreachable),
        (&["err_cert_authority_invalid"], certificate(CertificateFault::UnknownAuthority)),
        (&["err_cert_date_invalid"], certificate(CertificateFault::Expired)),
        (&["err_cert_common_name_invalid"], certificate(CertificateFault::WrongName(Vec::new()))),
        (&["err_ssl_protocol_error"], FailureKind::NotTls),
        (&["err_connection_timed_out"], FailureKind::Timeout(Step::Connect)),
        (&["err_empty_response"], FailureKind::Closed),
        (&["err_connection_closed"], FailureKind::Closed),
        (&["err_proxy"], FailureKind::Proxy),
        (&["err_too_many_redirects"], FailureKind::Redirect),
        // Python, in which mitmproxy is written.
        (&["errno 111"], FailureKind::Refused),
        (&["errno 113"], FailureKind::Unreachable),
        (&["name or service not known"], FailureKind::Dns),
        // All of them, by the system's own messages.
        (&["no route to host"], FailureKind::Unreachable),
        (&["network is unreachable"], FailureKind::Unreachable),
        (&["timeout awaiting response headers"], FailureKind::Timeout(Step::Headers)),
        (&["awaiting headers"], FailureKind::Timeout(Step::Headers)),
        (&["dial tcp", "timeout"], FailureKind::Timeout(Step::Connect)),
        (&["connection timed out"], FailureKind::Timeout(Step::Connect)),
        (&["connection timeout"], FailureKind::Timeout(Step::Connect)),
        (&["timed out"], FailureKind::Timeout(Step::Headers)),
        (&["timeout"], FailureKind::Timeout(Step::Headers)),
        (&["deadline exceeded"], FailureKind::Timeout(Step::Headers)),
        (&["connection reset"], FailureKind::Closed),
        (&["broken pipe"], FailureKind::Closed),
        (&["eof"], FailureKind::Closed),
        (&["ssl"], FailureKind::Tls(TlsFault::Other)),
        (&["tls:"], FailureKind::Tls(TlsFault::Other)),
    ]
}

/// The names of a certificate in Go's message: `certificate is valid for a.test, b.test, not c.test`.
fn names_in(message: &str) -> Vec<Untrusted> {
    const MOST: usize = 20;
    let Some((_, names)) = message.split_once("certificate is valid for ") else { return Vec::new() };
    let names = names.split_once(", not ").map_or(names, |(names, _)| names);
    names.split(", ").take(MOST).map(Untrusted::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of curl 7.88 and 8.5, and of Go 1.19 to 1.25.
    #[test]
    fn message_of_a_client_has_the_kind_of_the_same_failure_here() {
        use CertificateFault::{Expired, NotYetValid, UnknownAuthority, WrongName};
        use FailureKind::*;
        for (message, kind) in [
            ("Could not resolve host: nowhere.test", Dns),
            ("Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server", Refused),
            ("SSL certificate problem: self-signed certificate", Certificate(UnknownAuthority)),
            ("SSL certificate problem: certificate has expired", Certificate(Expired)),
            (
                "SSL: no alternative certificate subject name matches target host name 'r.test'",
                Certificate(WrongName(vec![])),
            ),
            ("OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number", NotTls),
            ("Empty reply from server", Closed),
            ("Connection timed out after 5001 milliseconds", Timeout(Step::Connect)),
            ("Operation timed out after 5001 milliseconds with 0 bytes received", Timeout(Step::Headers)),
            ("CONNECT tunnel failed, response 407", Proxy),
            ("dial tcp: lookup nowhere.test: no such host", Dns),
            ("dial tcp 127.0.0.1:1: connect: connection refused", Refused),
            ("dial tcp 192.0.2.1:443: i/o timeout", Timeout(Step::Connect)),
            ("tls: failed to verify certificate: x509: certificate signed by unknown authority", {
                Certificate(UnknownAuthority)
            }),
            (
                "x509: certificate has expired or is not yet valid: current time 2026-12-01T01:00:00Z is after \
                 2026-01-01T00:00:00Z",
                Certificate(Expired),
            ),
            (
                "x509: certificate has expired or is not yet valid: current time 2026-12-01T01:00:00Z is before \
                 2027-01-01T00:00:00Z",
                Certificate(NotYetValid),
            ),
            (
                "x509: certificate is valid for a.test, *.b.test, not r.test",
                Certificate(WrongName(vec!["a.test".into(), "*.b.test".into()])),
            ),
            ("http: server gave HTTP response to HTTPS client", NotTls),
            ("tls: first record does not look like a TLS handshake", NotTls),
            ("net/http: TLS handshake timeout", Timeout(Step::Tls)),
            ("remote error: tls: certificate required", Tls(TlsFault::ClientCertificate)),
            ("read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer", Closed),
            ("unexpected EOF", Closed),
            ("net::ERR_NAME_NOT_RESOLVED", Dns),
            ("net::ERR_CERT_AUTHORITY_INVALID", Certificate(UnknownAuthority)),
            ("[Errno 111] Connect call failed ('127.0.0.1', 1)", Refused),
            ("something new", Other),
        ] {
            assert_eq!(failure_of(message).kind, kind, "{message}");
        }
    }
}
