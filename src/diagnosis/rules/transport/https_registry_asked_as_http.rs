use super::{TlsPort, tls_port};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{Purpose, Response};
use crate::oci::Scheme;

rule! {
    /// Plain HTTP was sent to a port that speaks TLS.
    ///
    /// ## What it means
    /// The registry wants HTTPS on this port. The reference begins with `http://`, or `--plain-http` was given.
    ///
    /// ## How it is recognised
    /// A 400 with the message that servers written in Go, or nginx, have for it; or an answer that begins as a TLS record
    /// does. A server that closes the connection or is silent is sent one TLS ClientHello and nothing else: a ServerHello
    /// or an alert proves it. Where that is not sent (a proxy is in between), ports 443 and 8443 make it likely.
    ///
    /// ## What to do
    /// Leave out `http://` or `--plain-http`.
    ///
    /// ## References
    /// distribution/distribution#3336; docker/for-mac#3359
    "https-registry-asked-as-http" in Transport
}

/// What Go's server and nginx say.
const WORDS: [&str; 2] =
    ["Client sent an HTTP request to an HTTPS server", "The plain HTTP request was sent to HTTPS port"];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, exchange) = case.decisive()?;
    if exchange.request.url.scheme() != "http" {
        return None;
    }
    let host = case.host_of(id);
    let title = format!("{host} wants HTTPS on this port");
    let finding = if let Some(words) = exchange.response.as_ref().and_then(said) {
        Finding::error(ExitStatus::Tls, title, id, words)
    } else {
        let failure = exchange.failure.as_ref()?;
        let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone());
        match tls_port(case, id)? {
            TlsPort::Seen(by) if case.journal().get(by).request.purpose == Purpose::SpeaksTls => {
                finding.because(by, "answers a TLS ClientHello in TLS")
            }
            TlsPort::Seen(by) => finding.because(by, "what came begins as a TLS record does"),
            TlsPort::ByNumber => finding.likely(),
        }
    };
    let finding = finding.cause(format!("The request to {host} was sent without TLS, and this port is for TLS."));
    Some(if case.reference().scheme() == Some(Scheme::Http) {
        finding.fix_with("Leave out http:// in front of the reference.", words!["ociscope", "probe", case.reference()])
    } else {
        // With its scheme: the other commands of a run with that option have it as well.
        let secure = Word::over(Scheme::Https, case.reference());
        finding.fix_with("Leave out --plain-http.", words!["ociscope", "probe", secure])
    })
}

fn said(response: &Response) -> Option<&'static str> {
    let text = String::from_utf8_lossy(&response.body.bytes);
    WORDS.into_iter().find(|words| response.status == 400 && text.contains(words))
}
