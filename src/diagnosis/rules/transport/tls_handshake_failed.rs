use super::{client_certificate_required, on_the_way};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CertificateFault, FailureKind};

rule! {
    /// The TLS handshake failed.
    ///
    /// ## What it means
    /// Both sides speak TLS, but could not agree: a version or cipher that one side no longer takes, a name that the
    /// server does not know, a certificate that is malformed, revoked or not meant for servers. Or the server lets only
    /// those in who show a certificate of their own.
    ///
    /// ## How it is recognised
    /// The handshake ended with an error or an alert; its words are the proof.
    ///
    /// ## What to do
    /// Check the host name, whether the registry supports TLS 1.2 or 1.3, and whether it asks clients for a certificate.
    /// ociscope has none to show.
    ///
    /// ## References
    /// RFC 8446 §6.2; moby/moby#33432; docker/for-mac#985
    "tls-handshake-failed" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure().filter(|_| !client_certificate_required::is_demanded(case))?;
    let host = case.host_of(id);
    let (title, fix) = match failure.kind {
        FailureKind::Tls => (
            format!("no TLS connection with {host} comes about"),
            "Check the host name, whether the registry supports TLS 1.2 or 1.3, and whether it asks for a certificate of \
             the client.",
        ),
        FailureKind::Certificate(CertificateFault::Other) => (
            format!("the certificate of {host} cannot be used"),
            "Whoever runs the registry has to replace the certificate.",
        ),
        _ => return None,
    };
    let words = failure.message.printable_within(160);
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone())
        .cause(format!("The handshake ended with: {words}.{}", on_the_way(case, id)))
        .fix(fix);
    Some(finding)
}
