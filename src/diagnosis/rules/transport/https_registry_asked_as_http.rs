use super::{TlsPort, tls_port};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{Purpose, Response};
use crate::oci::Scheme;

rule! {
    /// Plain HTTP request to a TLS port
    ///
    /// ## What it means
    /// The registry requires HTTPS on this port. The reference begins with `http://`, or `--plain-http` was given.
    ///
    /// ## How it is recognised
    /// A 400 with the message that Go servers or nginx send for it; or an answer that begins like a TLS record. A
    /// server that closes the connection or is silent gets one TLS ClientHello and nothing else: a ServerHello or an
    /// alert proves it. If that cannot be sent (there is a proxy in between), ports 443 and 8443 make it likely.
    ///
    /// ## What to do
    /// Leave out `http://` or `--plain-http`.
    ///
    /// ## References
    /// distribution/distribution#3336; docker/for-mac#3359
    "https-registry-asked-as-http" in Transport
}

/// The messages of Go's server and of nginx.
const WORDS: [&str; 2] =
    ["Client sent an HTTP request to an HTTPS server", "The plain HTTP request was sent to HTTPS port"];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    if exchange.request.url.scheme() != "http" {
        return None;
    }
    let host = case.host_of(id);
    let title = format!("{host} requires HTTPS on this port");
    let finding = if let Some(words) = exchange.response.as_ref().and_then(said) {
        Finding::error(ExitStatus::Tls, title, id, words)
    } else {
        let failure = exchange.failure.as_ref()?;
        let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone());
        match tls_port(case, id)? {
            TlsPort::Seen(by) if case.journal().get(by).request.purpose == Purpose::SpeaksTls => {
                finding.because(by, "answers a TLS ClientHello in TLS")
            }
            TlsPort::Seen(by) => finding.because(by, "the answer begins like a TLS record"),
            TlsPort::ByNumber => finding.likely(),
        }
    };
    let finding = finding.cause(format!("The request to {host} was sent without TLS, to a port for TLS."));
    Some(if case.reference().scheme() == Some(Scheme::Http) {
        finding.fix_with("Leave out http:// before the reference:", words!["ociscope", "probe", case.reference()])
    } else {
        // With its scheme, because a run with --plain-http gives the option to other printed commands too.
        let secure = Word::over(Scheme::Https, case.reference());
        finding.fix_with("Leave out --plain-http:", words!["ociscope", "probe", secure])
    })
}

fn said(response: &Response) -> Option<&'static str> {
    let text = String::from_utf8_lossy(&response.body.bytes);
    WORDS.into_iter().find(|words| response.status == 400 && text.contains(words))
}
