//! Maps the errors of the libraries below to kinds of failure that rules can judge.
//!
//! The error types are deeply nested (an HTTP error contains an I/O error that contains a TLS error), so the whole
//! chain is searched.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use super::interim::Flood;
use super::limits::{HEADER_BYTES, HEADER_LINES};
use super::notes::Noted;
use super::system_words::plain_io_words;
use super::tls::words;
use crate::evidence::{Failure, FailureKind, Step};
use crate::oci::{AddressClass, Scheme};

/// The name of the proxy for a request does not resolve.
#[derive(Debug, thiserror::Error)]
#[error("the name of the proxy does not resolve ({})", plain_io_words(.0))]
pub(crate) struct ProxyUnknown(pub String);

/// Why a request got no answer.
pub(crate) fn failure(error: &(dyn Error + 'static), noted: &Noted, scheme: Scheme, waited: Duration) -> Failure {
    if let Some((address, class)) = noted.forbidden {
        return forbidden(address, class);
    }
    if let Some((fault, words)) = &noted.certificate {
        return Failure::new(FailureKind::Certificate(fault.clone()), words.clone());
    }
    if let Some(words) = &noted.dns_failed {
        return Failure::new(FailureKind::Dns, plain_io_words(words));
    }
    let chain = Chain::of(error);
    if let Some(flood) = chain.find::<Flood>() {
        return Failure::new(flood.kind(), flood.to_string());
    }
    if let Some(unknown) = chain.find::<ProxyUnknown>() {
        return Failure::new(FailureKind::ProxyUnknown, unknown.to_string());
    }
    if let Some(tls) = chain.find::<rustls::Error>() {
        return words::tls_failure(tls, noted.presented.is_some());
    }
    if let Some(failure) = words::alert_in(&chain.deepest(), noted.presented.is_some()) {
        return failure;
    }
    if chain.find::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout) {
        return timeout(noted, scheme, waited);
    }
    if let Some(hyper) = chain.find::<hyper::Error>()
        && let Some(failure) = http_failure(hyper)
    {
        return failure;
    }
    if let Some(io) = chain.find::<io::Error>() {
        return io_failure(io, noted);
    }
    let deepest = chain.deepest();
    if deepest.contains("tunnel") || deepest.contains("proxy") {
        return Failure::new(FailureKind::Proxy, deepest);
    }
    Failure::new(FailureKind::Other, deepest)
}

/// A timeout; `noted` says how far the request got.
pub(crate) fn timeout(noted: &Noted, scheme: Scheme, waited: Duration) -> Failure {
    let step = step(noted, scheme);
    let words = format!("nothing came for {} s while {}", waited.as_secs(), step.words());
    Failure::new(FailureKind::Timeout(step), words)
}

/// The step that was in progress, derived from the steps noted so far.
fn step(noted: &Noted, scheme: Scheme) -> Step {
    if noted.connected.is_some() || noted.connect_began.is_none() {
        Step::Headers
    } else if noted.hello.is_some() && scheme == Scheme::Https {
        Step::Tls
    } else if noted.dns.is_none() && noted.addresses.is_empty() {
        Step::Dns
    } else {
        Step::Connect
    }
}

/// An address that a server may not send us to.
pub(crate) fn forbidden(address: IpAddr, class: AddressClass) -> Failure {
    Failure::new(FailureKind::ForbiddenAddress, format!("{address} is {}", class.words()))
}

/// More headers than the limit allows.
pub(crate) fn too_many_headers() -> Failure {
    let words =
        format!("the answer has more than {HEADER_LINES} headers or more than {} KiB of them", HEADER_BYTES >> 10);
    Failure::new(FailureKind::HeadersTooLarge, words)
}

/// Why a body ended early.
pub(crate) fn body_failure(error: &(dyn Error + 'static), received: u64) -> Failure {
    let chain = Chain::of(error);
    if let Some(flood) = chain.find::<Flood>() {
        return Failure::new(flood.kind(), flood.to_string());
    }
    if let Some(tls) = chain.find::<rustls::Error>() {
        return words::tls_failure(tls, true);
    }
    if let Some(words) = chain.find::<io::Error>().and_then(framing) {
        return Failure::new(FailureKind::Framing, words);
    }
    Failure::new(
        FailureKind::BodyCutShort,
        format!("the connection ended after {received} bytes, before the body was complete"),
    )
}

/// The fault in the chunked framing of a body, from the library's message (RFC 9112 §7.1). The message may quote the
/// server, so none of it is repeated.
fn framing(error: &io::Error) -> Option<String> {
    // The library's bound on chunk extensions and trailers.
    const LIBRARY: usize = 16;
    if !matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) {
        return None;
    }
    let words = error.to_string();
    Some(match words.as_str() {
        "chunk extensions over limit" => format!("the chunk extensions are longer than {LIBRARY} KiB"),
        "chunk trailers bytes over limit" => format!("the trailers are longer than {LIBRARY} KiB"),
        "chunk trailers count overflow" => format!("there are more than {HEADER_LINES} trailers"),
        _ => "a chunk of the body, or the data after it, is not valid HTTP".to_owned(),
    })
}

fn http_failure(error: &hyper::Error) -> Option<Failure> {
    if error.is_parse() && error.to_string().contains("too large") {
        return Some(too_many_headers());
    }
    if error.is_parse() {
        return Some(Failure::new(FailureKind::NotHttp, format!("the answer is not HTTP ({error})")));
    }
    // It arrived before a request was sent: SSH and mail servers greet every client.
    if error.to_string().contains("unexpected message") {
        return Some(Failure::new(FailureKind::NotHttp, "the other side speaks first, which no HTTP server does"));
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Some(Failure::new(FailureKind::Closed, "the connection was closed before an answer came"));
    }
    None
}

fn io_failure(error: &io::Error, noted: &Noted) -> Failure {
    let words = plain_io_words(&error.to_string());
    // The TLS library's buffer for messages without content.
    if words == "message buffer full" {
        return words::too_much_handshake();
    }
    let kind = match error.kind() {
        io::ErrorKind::ConnectionRefused => FailureKind::Refused,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => {
            FailureKind::Unreachable
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => FailureKind::Closed,
        io::ErrorKind::TimedOut => FailureKind::Timeout(step(noted, Scheme::Http)),
        _ => FailureKind::Other,
    };
    Failure::new(kind, words)
}

/// An error and all its causes, including those that an I/O error wraps without naming them as its source.
struct Chain<'a>(Vec<&'a (dyn Error + 'static)>);

impl<'a> Chain<'a> {
    fn of(error: &'a (dyn Error + 'static)) -> Self {
        const LIMIT: usize = 32;
        let mut chain = vec![error];
        while let Some(&last) = chain.last()
            && chain.len() < LIMIT
        {
            let wrapped = last.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            match wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| last.source()) {
                Some(next) => chain.push(next),
                None => break,
            }
        }
        Self(chain)
    }

    fn find<E: Error + 'static>(&self) -> Option<&'a E> {
        self.0.iter().rev().find_map(|error| error.downcast_ref::<E>())
    }

    fn deepest(&self) -> String {
        self.0.last().map(|error| error.to_string()).unwrap_or_default()
    }
}
