//! Why a request has no complete answer.

use crate::text::Untrusted;
use serde::{Deserialize, Serialize};

/// The failure of one exchange: a kind for the rules, and a message from the component that noticed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// The message of the operating system, of the TLS or HTTP library, or of this program. Without any URL.
    #[serde(with = "crate::text::raw")]
    pub message: Untrusted,
}

impl Failure {
    /// A failure with its message.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: Untrusted::new(message) }
    }
}

/// The step in progress when time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The DNS lookup.
    Dns,
    /// Connecting to the address.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Waiting for the status line and the headers.
    Headers,
    /// Reading the body.
    Body,
}

impl Step {
    /// The step in words, after "while".
    pub fn words(self) -> &'static str {
        match self {
            Self::Dns => "looking the name up",
            Self::Connect => "connecting",
            Self::Tls => "negotiating TLS",
            Self::Headers => "waiting for the answer",
            Self::Body => "reading the body",
        }
    }
}

/// The fault of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateFault {
    /// It is not signed by an authority that is trusted here.
    UnknownAuthority,
    /// It is for other names, which are listed.
    WrongName(#[serde(with = "crate::text::raw")] Vec<Untrusted>),
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is marked as an authority's (`CA:TRUE`), and signed by another authority.
    AuthorityAsServer,
    /// Anything else: revoked, malformed, not meant for servers.
    Other,
}

/// Why a TLS connection failed, apart from the certificate of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsFault {
    /// The two sides have no version of TLS in common.
    ProtocolVersion,
    /// The two sides have no cipher, key exchange or signature in common, or the server does not say what is missing.
    NoAgreement,
    /// The server requires a client certificate, or rejected the one presented.
    ClientCertificate,
    /// The server does not know the requested name.
    UnknownName,
    /// The server denies this client access.
    AccessDenied,
    /// The server reports a fault of its own.
    ServerFault,
    /// The two sides have no version of HTTP in common.
    ApplicationProtocol,
    /// The server violates the protocol.
    Broken,
    /// The server sends more than the limit.
    TooLarge,
    /// TLS could not be configured on this machine.
    SetUp,
    /// Anything else.
    Other,
}

/// The kinds of failure. Deliberately closed: a rule is written for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The name does not resolve.
    Dns,
    /// The port is closed.
    Refused,
    /// There is no route to the address.
    Unreachable,
    /// Nothing arrived in time.
    Timeout(Step),
    /// The certificate was rejected.
    Certificate(CertificateFault),
    /// The server does not speak TLS; most often it speaks plain HTTP.
    NotTls,
    /// The TLS handshake failed for another reason.
    Tls(TlsFault),
    /// The answer is not HTTP.
    NotHttp,
    /// More headers than the limit allows.
    HeadersTooLarge,
    /// The other side closed or reset the connection before it answered.
    Closed,
    /// The body ended before the announced length.
    BodyCutShort,
    /// The body is longer than the limit.
    BodyTooLarge,
    /// The framing of the body is not valid HTTP, or endless: chunk sizes, chunk extensions, trailers.
    Framing,
    /// The name of the request's proxy does not resolve.
    ProxyUnknown,
    /// The proxy refused or is not usable.
    Proxy,
    /// A server must not send us to the address.
    ForbiddenAddress,
    /// A redirect that was not followed: too many, a loop, a bad or a weaker target.
    Redirect,
    /// The user interrupted.
    Interrupted,
    /// The time for the whole run is used up.
    Deadline,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// The kind in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout(_) => "timeout",
            Self::Certificate(_) => "certificate",
            Self::NotTls => "not-tls",
            Self::Tls(_) => "tls",
            Self::NotHttp => "not-http",
            Self::HeadersTooLarge => "headers-too-large",
            Self::Closed => "closed",
            Self::BodyCutShort => "body-cut-short",
            Self::BodyTooLarge => "body-too-large",
            Self::Framing => "framing",
            Self::ProxyUnknown => "proxy-unknown",
            Self::Proxy => "proxy",
            Self::ForbiddenAddress => "forbidden-address",
            Self::Redirect => "redirect",
            Self::Interrupted => "interrupted",
            Self::Deadline => "deadline",
            Self::Other => "other",
        }
    }
}
