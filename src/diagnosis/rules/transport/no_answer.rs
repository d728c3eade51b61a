use super::{addresses, route_remark, tls_port, tls_question};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{FailureKind, Step};

rule! {
    /// Registry accepted the connection but did not answer
    ///
    /// ## What it means
    /// A server accepted the connection and then closed it or stayed silent: an overloaded registry, a load balancer
    /// without a backend, or a device in between that drops the request.
    ///
    /// ## How it is recognised
    /// The connection ended, or the time limit was reached, before a status line arrived. After plain HTTP, the server
    /// gets one TLS ClientHello, and does not answer it in TLS.
    ///
    /// ## What to do
    /// Try again, with a longer timeout if the time limit was reached. If it persists, ask the operator of the registry
    /// or of the network.
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
            "The request was sent, and no response arrived in time.",
        ),
        FailureKind::Timeout(Step::Tls) => (
            format!("{host} does not complete the TLS handshake"),
            "The connection was made, and then nothing arrived in time during the TLS handshake.",
        ),
        FailureKind::Deadline => {
            (format!("{host} did not answer within the time limit"), "The time limit for the whole run was reached.")
        }
        FailureKind::Other if nothing => (format!("the request to {host} failed"), "No response arrived."),
        _ => return None,
    };
    let asked_for_tls = tls_question(case, id);
    let neither = if asked_for_tls.is_some() { " It did not answer a TLS ClientHello in TLS either." } else { "" };
    let cause = format!("{cause}{neither}{}{}", addresses(case, id), route_remark(case, id));
    let finding =
        Finding::error(ExitStatus::Network, title, id, failure.message.clone()).cause(cause).fix(match failure.kind {
            FailureKind::Closed | FailureKind::Other => {
                "Try again. If this persists, check the proxies in front of the registry, and its log."
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
