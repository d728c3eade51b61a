//! An exchange as JSON, in a report and alone.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::Form;
use super::finding::WrittenFinding;
use crate::evidence::ExchangeId;
use crate::report::build::milliseconds;
use crate::report::presented::WrittenChain;
use crate::report::value::{ShownExchange, ShownResponse};
use crate::text::Untrusted;

/// One request and its answer, or the reason why there was none.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "exchange")]
pub struct WrittenExchange<'a> {
    /// Its number.
    id: ExchangeId,
    /// Why it was sent.
    #[schemars(extend("examples" = [
        "manifest", "digest", "child", "blob", "config", "layer", "tags", "referrers", "anonymous", "comparison", "ping",
        "token",
    ]))]
    purpose: &'static str,
    /// What was sent.
    request: WrittenRequest<'a>,
    /// What came back; null where nothing did.
    response: Option<WrittenResponse<'a>>,
    /// What went wrong; together with a response it means that the body did not arrive as announced.
    failure: Option<WrittenFailure<'a>>,
    /// When it began, from the start of the run.
    #[schemars(range(min = 0))]
    started_ms: f64,
    /// How long it took, to the last byte.
    #[schemars(range(min = 0))]
    duration_ms: f64,
    /// Where the time went; null for what did not happen, as on a connection from before.
    timing: WrittenTiming,
    /// true: it was not sent, because another reference of the same command was answered the same request before. Absent
    /// where it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    shared: Option<bool>,
    /// The certificates that were presented in the TLS handshake; only where it failed, or a certificate was accepted with a
    /// remark.
    // Of a connection that is well, nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "WrittenChain")]
    presented: Option<WrittenChain<'a>>,
}

/// A request that was sent.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenRequest<'a> {
    /// The method.
    method: &'static str,
    /// Where it went, without secrets.
    url: &'a str,
    /// The headers that were sent; secret values are replaced.
    headers: Headers<'a>,
}

/// A response.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenResponse<'a> {
    /// The status code.
    #[schemars(range(min = 100, max = 999))]
    status: u16,
    /// The protocol.
    #[schemars(extend("examples" = ["HTTP/1.1", "HTTP/2"]))]
    http_version: &'a str,
    /// The headers, in the order received.
    headers: Headers<'a>,
    /// The body.
    body: WrittenBody<'a>,
}

/// The headers of a message, in their order.
#[derive(Default, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "headers")]
pub(super) struct Headers<'a>(Vec<Header<'a>>);

/// Name and value.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Header<'a>(&'a str, &'a str);

impl<'a> Headers<'a> {
    /// Those of a response.
    pub(super) fn of(response: &'a ShownResponse) -> Self {
        Self(response.headers.iter().map(|(name, value)| Header(name, value.as_str())).collect())
    }
}

/// A body.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenBody<'a> {
    /// How many bytes came.
    size: u64,
    /// The text, where it is text.
    text: Option<&'a str>,
    /// Whether the text is not all of it.
    truncated: bool,
    /// The digest of all its bytes, where all were kept.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    sha256: Option<&'a str>,
}

/// Why there was no answer, or not all of it.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub struct WrittenFailure<'a> {
    /// What kind of failure it is; there may be new ones.
    #[schemars(extend("examples" = ["dns", "refused", "timeout", "certificate", "not-tls"]))]
    kind: &'static str,
    /// In words.
    message: &'a str,
}

/// Where the time of an exchange went, in milliseconds.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenTiming {
    /// Looking the name up.
    #[schemars(range(min = 0))]
    dns_ms: Option<f64>,
    /// Connecting.
    #[schemars(range(min = 0))]
    connect_ms: Option<f64>,
    /// The TLS handshake.
    #[schemars(range(min = 0))]
    tls_ms: Option<f64>,
    /// From the request to its status line.
    #[schemars(range(min = 0))]
    first_byte_ms: Option<f64>,
}

impl<'a> WrittenExchange<'a> {
    /// An exchange that can be shown.
    pub fn of(exchange: &'a ShownExchange) -> Self {
        let time = |duration: Option<Duration>| duration.map(milliseconds);
        let headers = &exchange.request_headers;
        Self {
            id: exchange.id,
            purpose: exchange.purpose,
            request: WrittenRequest {
                method: exchange.method.as_str(),
                url: &exchange.url,
                headers: Headers(headers.iter().map(|(name, value)| Header(name, value)).collect()),
            },
            response: exchange.response.as_ref().map(WrittenResponse::of),
            failure: WrittenFailure::of(exchange),
            started_ms: exchange.started_ms,
            duration_ms: exchange.duration_ms,
            timing: WrittenTiming {
                dns_ms: time(exchange.timing.dns),
                connect_ms: time(exchange.timing.connect),
                tls_ms: time(exchange.timing.tls),
                first_byte_ms: time(exchange.timing.first_byte),
            },
            shared: exchange.connection.shared.then_some(true),
            presented: exchange.connection.presented.as_ref().map(WrittenChain::of),
        }
    }
}

impl<'a> WrittenResponse<'a> {
    fn of(response: &'a ShownResponse) -> Self {
        Self {
            status: response.status,
            http_version: &response.http_version,
            headers: Headers::of(response),
            body: WrittenBody {
                size: response.body.size,
                text: response.body.text.as_ref().map(Untrusted::as_str),
                truncated: response.body.truncated,
                sha256: response.body.sha256.as_deref(),
            },
        }
    }
}

impl<'a> WrittenFailure<'a> {
    /// What went wrong with an exchange.
    pub fn of(exchange: &'a ShownExchange) -> Option<Self> {
        exchange.failure.as_ref().map(|(kind, message)| Self { kind, message: message.as_str() })
    }
}

/// The last exchange, with the fields that exchanges of a report have.
#[derive(Serialize, JsonSchema)]
pub struct ExchangeAlone<'a> {
    /// The lab scenario that answered; null where it was the network.
    pub simulation: Option<&'a str>,
    /// What keeps a manifest from being served as it was asked for, as in a report; most important first.
    pub findings: Vec<WrittenFinding<'a>>,
    /// The exchanges that led to it, each answered by a redirect, in order.
    pub redirects: Vec<WrittenExchange<'a>>,
    /// The exchange.
    #[serde(flatten)]
    pub last: WrittenExchange<'a>,
}

impl Form for ExchangeAlone<'_> {
    const NAME: &'static str = "exchange";
    const TITLE: &'static str = "Output of `ociscope get --json`, `ociscope head --json`, and `show` in the shell";
}
