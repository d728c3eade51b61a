use super::{route_remark, speaks_neither, tls_port};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::FailureKind;
use crate::text::Untrusted;

rule! {
    /// Response is not HTTP, or exceeds the limits of HTTP framing
    ///
    /// ## What it means
    /// Another service answers on this port, or a device in between corrupts the response.
    ///
    /// ## How it is recognised
    /// The response has no HTTP status line, or its headers exceed the limit of 256 lines or 64 KiB. Or the framing of
    /// its body (chunk sizes, chunk extensions, trailers) is malformed or exceeds the limit. If HTTPS failed, the
    /// server gets one plain HTTP request (`GET /`), and its response to that is not HTTP either.
    ///
    /// ## What to do
    /// Check the port. If there are too many headers, the registry operator has to find out what adds them. If the
    /// framing is wrong, look for a proxy in front of the registry that rewrites bodies.
    ///
    /// ## References
    /// RFC 9112 §4 and §7.1; RFC 9113 §8.1; RFC 9110 §5.4
    "answer-is-not-http" in Transport, instead_of: ["http-registry-asked-as-https"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure) = case.failure()?;
    if tls_port(case, id).is_some() {
        return None;
    }
    let host = case.host_of(id);
    let plain = case.journal().get(id).request.url.scheme() == "http";
    let greeting =
        case.journal().iter().find_map(|(by, exchange)| Some((by, exchange.connection.begins_with.as_ref()?)));
    let (title, fix) = match failure.kind {
        // A greeting that can be quoted is not TLS: `tls_port` would have found that.
        FailureKind::NotHttp if plain && greeting.is_none() => (
            format!("the server at {host} does not speak plain HTTP"),
            "Check the port. A TLS port answers like this too: if this is one, leave out http:// or --plain-http.",
        ),
        FailureKind::NotHttp => (format!("the server at {host} does not speak HTTP"), "Check the port."),
        // The server got a plain HTTP request as well, and did not answer in HTTP.
        FailureKind::NotTls if speaks_neither(case, id) => {
            (format!("the server at {host} speaks neither TLS nor HTTP"), "Check the port.")
        }
        FailureKind::HeadersTooLarge => (
            format!("{host} sends more headers than ociscope reads"),
            "Ask the registry operator what adds the headers.",
        ),
        FailureKind::Framing => (
            format!("{host} frames a body in a way that cannot be read"),
            "Look for a proxy in front of the registry that rewrites bodies.",
        ),
        _ => return None,
    };
    let words = failure.message.printable_within(160);
    let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
        .cause(format!("The response is unusable: {words}.{}", route_remark(case, id)))
        .fix(fix);
    Some(match greeting {
        Some((by, bytes)) => {
            finding.because(by, format!("begins with: {}", Untrusted::from_bytes(bytes).printable_within(80)))
        }
        None => finding,
    })
}
