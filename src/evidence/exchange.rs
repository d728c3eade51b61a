//! One request and its outcome. Everything else in this program is derived from these.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Body, CertificateRequest, Failure, FailureKind, LeafTrust, PresentedChain, Purpose, RequestForm, RequestHeader,
    RequestValue, Withheld,
};
use crate::oci::{Origin, Place, media_type};
use crate::text::Untrusted;

/// The number of an exchange, from 1; findings cite it as `#3`.
///
/// In a shell, numbers continue from command to command, so a number does not determine a position in a journal or a
/// report. It is not a `usize` and does not convert to one, so that no list can be indexed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("minimum" = 1))]
pub struct ExchangeId(u64);

impl ExchangeId {
    /// The exchange with a number, as a user enters it or as a journal counts it.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, for JSON and for counting on.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The bare number; citations add a `#`.
impl fmt::Display for ExchangeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One request and its answer, or the reason why there was none. An exchange is a fact, never an error.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// The request, with its purpose.
    pub request: Request,
    /// The answer; present as soon as a status line and headers were read, whatever happened to the body.
    pub response: Option<Response>,
    /// The failure; along with a response it means that the body did not arrive as announced.
    pub failure: Option<Failure>,
    /// The connection that carried it.
    pub connection: Connection,
    /// The start, counted from the first request of the run.
    #[serde(with = "super::nanoseconds")]
    pub started: Duration,
    /// The duration, up to the last byte of the body.
    #[serde(with = "super::nanoseconds")]
    pub duration: Duration,
    /// The duration of each step.
    pub timing: Timing,
}

/// The methods in use. Nothing is ever changed on a registry: POST is for token services only, which accept an identity
/// token in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename_all = "UPPERCASE", inline)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
    /// Not an HTTP request: a TLS handshake, or its first message, and nothing after it.
    Tls,
}

impl Method {
    /// The method as it appears in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Tls => "TLS",
        }
    }
}

/// A request as it was sent, but without its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The purpose.
    #[serde(with = "crate::text::spelled")]
    pub purpose: Purpose,
    /// The method.
    pub method: Method,
    /// The address. May carry secrets in its query; shown only through the redactor.
    #[serde(with = "crate::text::spelled")]
    pub url: Url,
    /// The headers in the order in which they were set.
    pub headers: Vec<RequestHeader>,
    /// The form in its body.
    pub form: Option<RequestForm>,
}

impl Request {
    /// How many bytes were requested, if only the beginning was (RFC 9110 §14.2).
    pub fn beginning(&self) -> Option<u64> {
        let range = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case("range"))?;
        range.value.sent_text()?.strip_prefix("bytes=0-")?.parse::<u64>().ok()?.checked_add(1)
    }

    /// The withheld values of its headers.
    pub fn withheld(&self) -> impl Iterator<Item = &Withheld> {
        self.headers.iter().filter_map(|header| match &header.value {
            RequestValue::Withheld(withheld) => Some(withheld),
            RequestValue::Sent(_) => None,
        })
    }

    /// The host of the address, with its port unless it is the scheme's default.
    pub fn host(&self) -> Untrusted {
        Untrusted::new(Origin::of(&self.url).map(|origin| origin.authority()).unwrap_or_default())
    }
}

/// An answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase, if the server chose its own (HTTP/1 only).
    #[serde(default, with = "crate::text::raw")]
    pub reason: Option<Untrusted>,
    /// The protocol version, such as `HTTP/1.1`.
    pub http_version: Cow<'static, str>,
    /// Names in lower case, in the order of arrival; repeated ones are kept, next to each other.
    #[serde(default, with = "crate::text::raw")]
    pub headers: Vec<(String, Untrusted)>,
    /// The body, as far as it was read.
    pub body: Body,
}

/// What is known about the connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Connection {
    /// The addresses that the name resolved to, in the order in which they would be tried.
    pub addresses: Vec<SocketAddr>,
    /// The addresses to which connecting failed, each with the system's message. Unknown if the HTTP library opened the
    /// connection, through some kinds of proxies: it does not report failures before a success.
    pub failed: Vec<(SocketAddr, String)>,
    /// The address that answered; that of the proxy if one was used.
    pub remote: Option<SocketAddr>,
    /// The location of the server that answered, as far as it limits which other servers it may name. `None` if it is
    /// unknown.
    pub place: Option<Place>,
    /// Whether an existing connection was reused.
    pub reused: bool,
    /// Whether it was not sent, because another reference of the command already had the answer to the same request.
    #[serde(default)]
    pub shared: bool,
    /// Whether a reused connection was tried first, but the other side had closed it meanwhile.
    pub reopened: bool,
    /// The proxy that was used, with the environment variable that names it.
    pub proxy: Option<ProxyChoice>,
    /// The first bytes received, if they were not HTTP and are known; after a ClientHello always.
    pub begins_with: Option<Vec<u8>>,
    /// A certificate fault that was ignored because the user requested that.
    pub tls_fault_ignored: Option<String>,
    /// The certificates presented in the last TLS handshake of this exchange, accepted or not. `None` without one: over
    /// plain HTTP, on a reused connection, and if it ended earlier.
    pub presented: Option<PresentedChain>,
    /// The parameters negotiated in a handshake for its own sake.
    pub handshake: Option<TlsHandshake>,
    /// The server's request for a client certificate, in the last handshake of this exchange.
    pub certificate_request: Option<CertificateRequest>,
    /// The store that contains the server's own certificate, if it was accepted for that reason instead of for an
    /// authority's signature.
    pub leaf_trusted_by: Option<LeafTrust>,
}

impl Connection {
    /// Whether the answer begins with a TLS record of a server: an alert, or a handshake message (RFC 8446 §5.1) that
    /// is a ServerHello (§4). A server that echoes the ClientHello does not speak TLS.
    pub fn answers_in_tls(&self) -> bool {
        match self.begins_with.as_deref() {
            Some([0x16, 0x03, _, _, _, message, ..]) => *message == 0x02,
            Some([0x15 | 0x16, 0x03, ..]) => true,
            _ => false,
        }
    }
}

/// The parameters negotiated in a TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsHandshake {
    /// The version: `TLS 1.3`.
    pub version: Cow<'static, str>,
    /// The cipher suite, by its IANA name.
    pub cipher: Cow<'static, str>,
    /// The protocol that the server chose (ALPN, RFC 7301): `h2`, `http/1.1`. `None` if it chose none.
    #[serde(default, with = "crate::text::raw")]
    pub protocol: Option<Untrusted>,
}

/// A proxy, and why it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyChoice {
    /// Scheme, host and port; never its credentials.
    pub address: String,
    /// The environment variable that names it.
    pub because: Cow<'static, str>,
}

/// The duration of each step of an exchange. `None` if the step did not happen, as on a reused connection.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Timing {
    /// The DNS lookup.
    #[serde(default, with = "super::nanoseconds")]
    pub dns: Option<Duration>,
    /// Connecting, including the proxy's tunnel if there is one.
    #[serde(default, with = "super::nanoseconds")]
    pub connect: Option<Duration>,
    /// The TLS handshake.
    #[serde(default, with = "super::nanoseconds")]
    pub tls: Option<Duration>,
    /// From the request to its status line.
    #[serde(default, with = "super::nanoseconds")]
    pub first_byte: Option<Duration>,
}

impl Exchange {
    /// The status code, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// The presented certificates, if they matter: the connection failed in TLS, a fault of theirs was ignored, or the
    /// server's own was accepted because it is itself a trusted one.
    pub fn certificates_at_issue(&self) -> Option<&PresentedChain> {
        let kind = self.failure.as_ref().map(|failure| &failure.kind);
        let in_tls = matches!(kind, Some(FailureKind::Certificate(_) | FailureKind::Tls(_)));
        let connection = &self.connection;
        let for_its_own_sake = self.request.purpose == Purpose::Handshake;
        let at_issue = for_its_own_sake
            || in_tls
            || connection.tls_fault_ignored.is_some()
            || connection.leaf_trusted_by.is_some();
        connection.presented.as_ref().filter(|_| at_issue)
    }

    /// Whether the answer is a 2xx with a complete body, if it has one.
    pub fn is_success(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| (200..300).contains(&status))
    }
}

/// Whether bytes begin as this content coding does (RFC 9110 §8.4.1; RFC 1952 §2.3.1; RFC 1950 §2.2; RFC 8878 §3.1.1).
/// `None` if that is undecidable: for no bytes, for several codings, and for one without a magic number. A JSON object
/// is in none.
pub fn is_in_encoding(bytes: &[u8], encoding: &str) -> Option<bool> {
    let is_json = || bytes.trim_ascii_start().starts_with(b"{") && crate::text::is_json(bytes);
    match (encoding.trim().to_ascii_lowercase().as_str(), bytes) {
        (_, []) => None,
        ("gzip" | "x-gzip", _) => Some(bytes.starts_with(&[0x1f, 0x8b])),
        ("zstd", _) => Some(bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])),
        ("deflate", [first, second, ..]) => {
            let sum = u16::from(*first) * 256 + u16::from(*second);
            // Some servers send bare DEFLATE data, which has no magic number.
            let zlib = first & 0x0f == 8 && sum % 31 == 0;
            if zlib { Some(true) } else { is_json().then_some(false) }
        }
        _ => is_json().then_some(false),
    }
}

/// An HTTP date (RFC 9110 §5.6.7), in seconds since 1970.
pub fn http_date(text: &str) -> Option<i64> {
    let read = |date: &str| httpdate::parse_http_date(date).ok();
    i64::try_from(read(text)?.duration_since(read("Thu, 01 Jan 1970 00:00:00 GMT")?).ok()?.as_secs()).ok()
}

impl Response {
    /// The first header with a name (in lower case).
    pub fn header(&self, name: &str) -> Option<&Untrusted> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// All headers with a name (in lower case), in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Untrusted> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value)
    }

    /// The full length of the requested content, of which only a part may have arrived: by the `Content-Range` of a
    /// part, or of the refusal of one past the end (RFC 9110 §14.4), else by `Content-Length`.
    pub fn whole_length(&self) -> Option<u64> {
        match self.status {
            206 | 416 => self.part_of(),
            200 if self.header("content-range").is_some() => self.part_of(),
            200 => self.header("content-length")?.as_str().trim().parse().ok(),
            _ => None,
        }
    }

    /// The full length by `Content-Range` (RFC 9110 §14.4), for any status.
    pub fn part_of(&self) -> Option<u64> {
        self.header("content-range")?.as_str().rsplit_once('/')?.1.trim().parse().ok()
    }

    /// The time by the server's clock when it answered (RFC 9110 §6.6.1), in seconds since 1970.
    pub fn date(&self) -> Option<i64> {
        http_date(self.header("date")?.as_str().trim())
    }

    /// The encoding of the body (RFC 9110 §8.4), although none was requested.
    pub fn encoding(&self) -> Option<&Untrusted> {
        self.header("content-encoding").filter(|value| {
            let named = value.as_str().trim();
            !named.is_empty() && !named.eq_ignore_ascii_case("identity")
        })
    }

    /// Whether an intermediary encoded the body: it is labelled so, and its bytes do not contradict that. A label on
    /// bytes that are not in that encoding is only a wrong header, and the bytes are the stored ones.
    pub fn is_transformed(&self) -> bool {
        self.encoding().is_some_and(|encoding| is_in_encoding(&self.body.bytes, encoding.as_str()) != Some(false))
    }

    /// The served media type, without parameters.
    pub fn served_type(&self) -> Option<Untrusted> {
        let value = self.header("content-type")?;
        Some(Untrusted::new(media_type::essence(value.as_str())))
    }
}
