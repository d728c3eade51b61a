use super::route_remark;
use crate::diagnosis::case::presented::presenter;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CertificateFault, FailureKind, TlsFault};

rule! {
    /// TLS handshake failed
    ///
    /// ## What it means
    /// Both sides speak TLS, but could not agree. The server's alert names its reason: a version or cipher that it does
    /// not support, a name that it does not know, a client certificate that it requires, a fault of its own. Or its
    /// certificate is malformed, revoked or not meant for servers.
    ///
    /// ## How it is recognised
    /// The handshake ended with an error or an alert; its message is the proof. An alert `handshake_failure` before the
    /// server has presented its certificate means that there was no agreement; one after it, that the server requires a
    /// client certificate.
    ///
    /// ## What to do
    /// Depending on the alert: enable TLS 1.2 or 1.3 on the server, use the name that it serves, get a client
    /// certificate from its operator, or have its operator read the server log.
    ///
    /// ## References
    /// RFC 8446 §6.2; distribution/distribution#2715; moby/moby#33432; docker/for-mac#985
    "tls-handshake-failed" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure()?;
    let host = presenter(case, id);
    let (title, reading, fix) = match failure.kind {
        FailureKind::Tls(fault) => of_handshake(fault, &host),
        FailureKind::Certificate(CertificateFault::AuthorityAsServer) => (
            format!("the certificate of {host} is a CA certificate"),
            "Clients built on OpenSSL or Go accept such a certificate if its authority is trusted; ociscope and other \
             clients built on rustls do not.",
            "The operator has to reissue the certificate without CA:TRUE in its basic constraints.".to_owned(),
        ),
        FailureKind::Certificate(CertificateFault::Other) => (
            format!("the certificate of {host} cannot be used"),
            "",
            "The operator of the registry has to replace the certificate.".to_owned(),
        ),
        _ => return None,
    };
    let words = failure.message.printable_within(200);
    let reading = if reading.is_empty() { String::new() } else { format!(" {reading}") };
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone())
        .cause(format!("The handshake ended: {words}.{reading}{}", route_remark(case, id)))
        .fix(fix);
    Some(finding)
}

/// The title, the reading and the fix for each reason of a failed handshake.
fn of_handshake(fault: TlsFault, host: &str) -> (String, &'static str, String) {
    let log = format!("The operator of {host} finds the reason in the server log.");
    match fault {
        TlsFault::ProtocolVersion => (
            format!("{host} supports no TLS version that current clients accept"),
            "Current clients accept only TLS 1.2 and 1.3.",
            format!("The operator has to enable TLS 1.2 or 1.3 on {host}, or on the proxy in front of it."),
        ),
        TlsFault::NoAgreement => (
            format!("{host} and this client have no TLS parameters in common"),
            "The server refused before it presented a certificate: it supports none of the ciphers and key exchanges \
             of this client, or it does not serve this name.",
            format!(
                "The operator has to enable a current cipher suite (ECDHE with AES-GCM or ChaCha20) on {host}; check the \
                 host name, too."
            ),
        ),
        TlsFault::ClientCertificate => (
            format!("{host} requires a client certificate"),
            "The server presented its certificate and then rejected this client, which presented none that it accepts.",
            format!(
                "Get a client certificate for {host} from its operator. Docker reads it as client.cert and client.key in \
                 /etc/docker/certs.d/{host}/."
            ),
        ),
        TlsFault::UnknownName => (
            format!("the server at {host} does not serve that name"),
            "The server has no certificate for the name in the handshake (SNI).",
            "Check the host name for misspellings, and whether its DNS entry points to the right server.".to_owned(),
        ),
        TlsFault::AccessDenied => (
            format!("{host} does not admit this client"),
            "The server, or a firewall in front of it, recognizes this client or its certificate and refuses it.",
            format!("Ask the operator of {host} to admit this machine."),
        ),
        TlsFault::ServerFault => (
            format!("{host} reports an internal TLS error"),
            "The server reports a fault of its own; often it has no certificate for this name, or cannot read its key.",
            log,
        ),
        TlsFault::ApplicationProtocol => (
            format!("{host} speaks TLS, but not HTTP over it"),
            "",
            "Check host and port: most likely the port is for another service.".to_owned(),
        ),
        TlsFault::Broken | TlsFault::TooLarge => (
            format!("{host} violates the TLS protocol"),
            "",
            format!("Check host and port, and the proxies in front of {host}."),
        ),
        TlsFault::SetUp => (
            "TLS cannot be set up on this machine".to_owned(),
            "",
            "Check the certificate store of this machine, and the file given with --cacert.".to_owned(),
        ),
        TlsFault::Other => (format!("the TLS connection to {host} fails"), "", log),
    }
}
