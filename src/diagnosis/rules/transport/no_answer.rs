use super::{addresses, on_the_way, tls_port, tls_question};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{FailureKind, Step};

rule! {
    /// The registry was reached, but no answer came.
    ///
    /// ## What it means
    /// Something accepted the connection and then closed it or stayed silent: an overloaded registry, a load balancer
    /// with nothing behind it, or a device on the way that does not let the request through.
    ///
    /// ## How it is recognised
    /// The connection ended, or time ran out, before a status line came. After plain HTTP the server is asked once whether
    /// it speaks TLS, and does not.
    ///
    /// ## What to do
    /// Try again, with more time if it was a matter of time. If it stays like this, ask whoever runs the registry, or
    /// the network between.
    ///
    /// ## References
    /// RFC 9112 §9.6
    "no-answer" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure()?;
    if tls_port(case, id).is_some() {
        return None;
    }
    let host = case.host_of(id);
    let nothing = case.journal().get(id).response.is_none();
    let (title, cause) = match &failure.kind {
        FailureKind::Closed if nothing => {
            (format!("{host} closes the connection without an answer"), "The connection ended before an answer came.")
        }
        FailureKind::Timeout(Step::Headers) => (
            format!("{host} accepts the request and does not answer"),
            "The request was sent, and nothing came back in time.",
        ),
        FailureKind::Timeout(Step::Tls) => (
            format!("{host} does not go on with the TLS handshake"),
            "The connection was made, and then nothing came in time while TLS was being negotiated.",
        ),
        FailureKind::Deadline => {
            (format!("{host} did not answer in the time for the whole run"), "The time for the whole run is used up.")
        }
        FailureKind::Other if nothing => (format!("the request to {host} failed"), "No answer came."),
        _ => return None,
    };
    let asked_for_tls = tls_question(case, id);
    let neither =
        if asked_for_tls.is_some() { " It was sent a TLS ClientHello too, and did not answer in TLS." } else { "" };
    let cause = format!("{cause}{neither}{}{}", addresses(case, id), on_the_way(case, id));
    let finding =
        Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(cause).fix(match failure.kind {
            FailureKind::Closed | FailureKind::Other => {
                "Try again. If it always ends so, look at what stands in front of the registry, and at its log."
            }
            _ => "Try again; --timeout SECONDS sets how long to wait.",
        });
    Some(match asked_for_tls {
        Some((by, hello)) => match &hello.failure {
            Some(failure) => finding.because(by, failure.message.clone()),
            None => finding,
        },
        None => finding,
    })
}
