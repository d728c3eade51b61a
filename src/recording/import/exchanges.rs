//! Requests and answers as a log has them, whatever program wrote it. Their texts still contain secrets.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::NotImported;
use crate::evidence::{Failure, Method, Timing};

/// The maximum number of requests in a file.
pub(super) const MOST_EXCHANGES: usize = 4000;
/// The maximum number of header lines of a message that are kept.
const MOST_HEADERS: usize = 200;
/// The maximum length of a header line that is kept, in bytes.
const LONGEST_HEADER: usize = 64 << 10;
/// The maximum length of a body that is kept, in bytes.
pub(super) const LONGEST_BODY: usize = 16 << 20;

/// The header lines of a message: names in lower case, with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Adds a header line, within the bounds. The pseudo-headers of HTTP/2 are not header lines.
    pub fn push(&mut self, name: &str, value: &str) {
        let fits = self.0.len() < MOST_HEADERS && name.len() + value.len() <= LONGEST_HEADER;
        if fits && !name.is_empty() && !name.starts_with(':') {
            self.0.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// The first value of a header, by its name in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// All values of a header, by its name in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// All header lines, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A body, as far as a log has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LoggedBody {
    /// The bytes in the log.
    pub bytes: Bytes,
    /// How many bytes arrived, if that is known.
    pub size: Option<u64>,
    /// Whether the bytes are known to be the received ones, and all of them.
    pub is_whole: bool,
}

impl LoggedBody {
    /// All bytes of a body.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { size: Some(bytes.len() as u64), is_whole: true, bytes }.bounded()
    }

    /// A body of which the log has some bytes, or none, or other ones.
    pub fn partial(bytes: impl Into<Bytes>, size: Option<u64>) -> Self {
        Self { bytes: bytes.into(), size, is_whole: false }.bounded()
    }

    /// The body without bytes beyond the bound.
    fn bounded(mut self) -> Self {
        if self.bytes.len() > LONGEST_BODY {
            self.bytes.truncate(LONGEST_BODY);
            self.is_whole = false;
        }
        self
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoggedResponse {
    /// The status code.
    pub status: u16,
    /// The reason phrase, unless it is empty.
    pub reason: Option<String>,
    /// The protocol version, such as `HTTP/1.1`; `HTTP` if the log does not have it.
    pub version: String,
    /// The header lines.
    pub headers: Headers,
    /// The body.
    pub body: LoggedBody,
}

impl LoggedResponse {
    /// An answer whose headers and body follow.
    pub fn new(status: u16, reason: &str, version: &str) -> Self {
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let version = match version.to_ascii_lowercase().as_str() {
            "" | "unknown" => "HTTP".to_owned(),
            "h2" | "http/2.0" => "HTTP/2".to_owned(),
            "h3" | "http/3.0" => "HTTP/3".to_owned(),
            other => other.to_ascii_uppercase(),
        };
        Self { status, reason, version, headers: Headers::default(), body: LoggedBody::default() }
    }

    /// The announced length of the body.
    pub fn length(&self) -> Option<u64> {
        self.headers.get("content-length")?.trim().parse().ok()
    }

    /// Whether it has no body, whatever its headers say (RFC 9110 §6.4.1).
    pub fn is_bodiless(&self, method: Method) -> bool {
        method == Method::Head || matches!(self.status, 100..=199 | 204 | 304)
    }
}

/// A request, and what came of it.
#[derive(Debug, Clone)]
pub(super) struct LoggedExchange {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// The header lines of the request.
    pub headers: Headers,
    /// The body of the request.
    pub sent: String,
    /// The answer.
    pub response: Option<LoggedResponse>,
    /// Why there is no answer, or not all of it.
    pub failure: Option<Failure>,
    /// The addresses of the host, in the order in which they were tried.
    pub addresses: Vec<SocketAddr>,
    /// The address that answered.
    pub remote: Option<SocketAddr>,
    /// The start: since 1970 if the log has a zone, else since any moment that is the same for all of its requests.
    pub started: Option<Duration>,
    /// The duration, up to the end of the answer.
    pub duration: Option<Duration>,
    /// The duration of its steps.
    pub timing: Timing,
}

impl LoggedExchange {
    /// A request without an answer yet.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Headers::default(),
            sent: String::new(),
            response: None,
            failure: None,
            addresses: Vec::new(),
            remote: None,
            started: None,
            duration: None,
            timing: Timing::default(),
        }
    }
}

/// The requests of a file, in its order.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The requests that have an answer, or a reason why they have none.
    pub exchanges: Vec<LoggedExchange>,
    /// Whether the start of each request is known by a clock with a zone.
    pub has_clock: bool,
    /// The text of command lines in it, which may contain passwords.
    pub commands: String,
    /// The errors that a client ended with, which name the image.
    pub errors: String,
}

impl Log {
    /// Adds a request, if anything is known about its outcome.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn push(&mut self, exchange: LoggedExchange) -> Result<(), NotImported> {
        if exchange.response.is_none() && exchange.failure.is_none() {
            return Ok(());
        }
        if self.exchanges.len() == MOST_EXCHANGES {
            return Err(NotImported::TooMany);
        }
        self.exchanges.push(exchange);
        Ok(())
    }
}
