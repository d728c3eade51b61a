//! One request and what came of it. Everything else in this program is made from these.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use url::Url;

use super::{Failure, Untrusted};
use crate::oci::{Origin, media_type};

/// The number of an exchange, from 1; findings cite it as `#3`.
///
/// In a shell, numbers go on from command to command, so a number says nothing about a position in a journal or a report.
/// It is not a `usize` and does not become one, so that no list can be indexed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ExchangeId(u64);

impl ExchangeId {
    /// The exchange of a number, as a user types it or as a journal counts it.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, for JSON and for counting on.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The bare number; whoever cites it writes `#` before it.
impl fmt::Display for ExchangeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One request and its answer, or the reason why there was none. An exchange is a fact, never an error.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked, and why.
    pub request: Request,
    /// What came back; present as soon as a status line and headers were read, whatever happened to the body.
    pub response: Option<Response>,
    /// What went wrong; beside a response it means that the body did not arrive as announced.
    pub failure: Option<Failure>,
    /// The connection that carried it.
    pub connection: Connection,
    /// When it began, counted from the first request of the run.
    pub started: Duration,
    /// How long it took, up to the last byte of the body.
    pub duration: Duration,
    /// Where the time went.
    pub timing: Timing,
}

/// Why a request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A manifest, asked for with the Accept variant of this name.
    Manifest(&'static str),
    /// A manifest that an index lists.
    Child,
    /// Whether a digest is that of a blob.
    Blob,
    /// The configuration of an image.
    Config,
    /// The first bytes of a layer.
    Layer,
    /// The tags of the repository.
    Tags,
    /// What refers to a manifest.
    Referrers,
    /// The same manifest, without the credentials.
    Anonymous,
    /// Another name, for comparison.
    Comparison,
    /// The base of the API, `/v2/`, which many clients ask first.
    Ping,
    /// Whatever the user asked for.
    Other,
    /// A token, from the realm that a challenge named.
    Token,
}

impl Purpose {
    /// The purpose in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest(_) => "manifest",
            Self::Child => "child",
            Self::Blob => "blob",
            Self::Config => "config",
            Self::Layer => "layer",
            Self::Tags => "tags",
            Self::Referrers => "referrers",
            Self::Anonymous => "anonymous",
            Self::Comparison => "comparison",
            Self::Ping => "ping",
            Self::Other => "other",
            Self::Token => "token",
        }
    }
}

/// The methods that are used. Nothing is ever changed on a registry: POST is for token services alone, which take an
/// identity token in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
}

impl Method {
    /// The method as it stands on the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

/// A request as it was sent, with every secret already replaced by a description of it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Why it was sent.
    pub purpose: Purpose,
    /// How.
    pub method: Method,
    /// Where it went. May carry secrets in its query; shown only through the redactor.
    pub url: Url,
    /// The headers in the order in which they were set; the values of secret ones are descriptions.
    pub headers: Vec<(String, String)>,
    /// What the values are that were replaced in the headers: `password`, `token`, `header value`.
    pub withheld: Vec<&'static str>,
    /// The form in its body but for the secret at its end, which is the value of the last field.
    pub form: Option<String>,
}

impl Request {
    /// The host that it goes to, with its port where that is not the scheme's own.
    pub fn host(&self) -> Untrusted {
        Untrusted::new(Origin::of(&self.url).map(|origin| origin.authority()).unwrap_or_default())
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The words after the status code, where the server chose its own (HTTP/1 only).
    pub reason: Option<Untrusted>,
    /// `HTTP/1.1` or the like.
    pub http_version: &'static str,
    /// Names in lower case, in the order of arrival; repeated ones are kept, next to each other.
    pub headers: Vec<(String, Untrusted)>,
    /// The body, as far as it was read.
    pub body: Body,
}

/// A body as it was received: never decompressed, never normalised, because digests are over bytes.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The bytes that were kept.
    pub bytes: Bytes,
    /// How many bytes came in all; more than were kept where the body was longer than the limit.
    pub size: u64,
    /// Whether bytes are missing: past the limit, or cut off.
    pub truncated: bool,
}

/// What is known about the connection.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The addresses that the name resolved to, in the order in which they would be tried.
    pub addresses: Vec<SocketAddr>,
    /// The addresses that were tried in vain, each with the system's words. Only connections that are opened here tell:
    /// the HTTP library keeps to itself what it tried before it succeeded.
    pub failed: Vec<(SocketAddr, String)>,
    /// The address that answered; a proxy's where one was used.
    pub remote: Option<SocketAddr>,
    /// Whether a connection from before was used.
    pub reused: bool,
    /// Whether a connection from before was tried first, and had been closed by the other side meanwhile.
    pub reopened: bool,
    /// The proxy that was used, and the environment variable that asked for it.
    pub proxy: Option<ProxyChoice>,
    /// The first bytes of what came, where it was not HTTP and they are known.
    pub begins_with: Option<Vec<u8>>,
    /// A certificate fault that was let pass because the user asked for that.
    pub tls_fault_ignored: Option<String>,
}

impl Connection {
    /// Whether the answer to plain HTTP begins as a TLS record does: an alert or a handshake message (RFC 8446 §5.1).
    pub fn answers_in_tls(&self) -> bool {
        matches!(self.begins_with.as_deref(), Some([0x15 | 0x16, 0x03, ..]))
    }
}

/// A proxy, and why it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyChoice {
    /// Scheme, host and port; never its credentials.
    pub address: String,
    /// The environment variable that names it.
    pub because: &'static str,
}

/// Where the time of one exchange went. `None` where the step did not happen, as on a connection from before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// Looking the name up.
    pub dns: Option<Duration>,
    /// Connecting, through the proxy where there is one.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the request to its status line.
    pub first_byte: Option<Duration>,
}

impl Exchange {
    /// The status code, where an answer came.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// Whether the answer is a 2xx whose body, if there is to be one, arrived whole.
    pub fn is_success(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| (200..300).contains(&status))
    }
}

/// A date as HTTP writes it (RFC 9110 §5.6.7), in seconds since 1970.
pub fn http_date(text: &str) -> Option<i64> {
    let read = |date: &str| httpdate::parse_http_date(date).ok();
    i64::try_from(read(text)?.duration_since(read("Thu, 01 Jan 1970 00:00:00 GMT")?).ok()?.as_secs()).ok()
}

impl Response {
    /// The first header of a name (in lower case).
    pub fn header(&self, name: &str) -> Option<&Untrusted> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Every header of a name (in lower case), in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Untrusted> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value)
    }

    /// How long all of what was asked for is, although only a part of it may have come: by `Content-Range` of a part, or
    /// of the refusal of one that is past the end (RFC 9110 §14.4), else by `Content-Length`.
    pub fn whole_length(&self) -> Option<u64> {
        match self.status {
            206 | 416 => self.header("content-range")?.as_str().rsplit_once('/')?.1.trim().parse().ok(),
            200 => self.header("content-length")?.as_str().trim().parse().ok(),
            _ => None,
        }
    }

    /// The time by the server's clock when it answered (RFC 9110 §6.6.1), in seconds since 1970.
    pub fn date(&self) -> Option<i64> {
        http_date(self.header("date")?.as_str().trim())
    }

    /// The encoding that was put on the body (RFC 9110 §8.4), although none was asked for.
    pub fn encoding(&self) -> Option<&Untrusted> {
        self.header("content-encoding").filter(|value| {
            let named = value.as_str().trim();
            !named.is_empty() && !named.eq_ignore_ascii_case("identity")
        })
    }

    /// The media type that was served, without parameters.
    pub fn served_type(&self) -> Option<Untrusted> {
        let value = self.header("content-type")?;
        Some(Untrusted::new(media_type::essence(value.as_str())))
    }
}
