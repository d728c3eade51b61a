use super::{on_the_way, speaks_neither, tls_port};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::FailureKind;
use crate::text::Untrusted;

rule! {
    /// What came back is not HTTP, or more headers or framing than are read.
    ///
    /// ## What it means
    /// Another service answers on this port, or something on the way mangles the answer.
    ///
    /// ## How it is recognised
    /// The answer has no status line of HTTP, or its headers exceed the limit: 256 lines or 64 KiB. Or what frames its body,
    /// chunk sizes, chunk extensions and trailers, is malformed, or longer than is read. After HTTPS, what answers is asked
    /// once over plain HTTP (`GET /`), and does not answer that in HTTP either.
    ///
    /// ## What to do
    /// Check the port. Where the headers are too many, whoever runs the registry has to find out what adds them. Where the
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
        // A greeting that can be quoted is no TLS: that was looked for above.
        FailureKind::NotHttp if plain && greeting.is_none() => (
            format!("what answers at {host} does not speak plain HTTP"),
            "Check the port. A port that speaks TLS answers like this too: leave out http:// or --plain-http then.",
        ),
        FailureKind::NotHttp => (format!("what answers at {host} does not speak HTTP"), "Check the port."),
        // It was asked for HTTP as well, and answered with something else.
        FailureKind::NotTls if speaks_neither(case, id) => {
            (format!("what answers at {host} speaks neither TLS nor HTTP"), "Check the port.")
        }
        FailureKind::HeadersTooLarge => (
            format!("{host} answers with more headers than are read"),
            "Whoever runs the registry has to find out what adds the headers.",
        ),
        FailureKind::Framing => (
            format!("{host} frames a body in a way that cannot be read"),
            "Look for a proxy in front of the registry that rewrites bodies.",
        ),
        _ => return None,
    };
    let words = failure.message.printable_within(160);
    let finding = Finding::error(ExitStatus::Network, title, id, failure.message.clone())
        .cause(format!("An answer came that cannot be used: {words}.{}", on_the_way(case, id)))
        .fix(fix);
    Some(match greeting {
        Some((by, bytes)) => {
            finding.because(by, format!("begins with: {}", Untrusted::from_bytes(bytes).printable_within(80)))
        }
        None => finding,
    })
}
