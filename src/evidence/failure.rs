//! Why a request has no answer, or only a part of one.

use crate::text::Untrusted;
use serde::{Deserialize, Serialize};

/// What went wrong with one exchange: a kind to judge by, and the words of whoever noticed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What the operating system, the TLS or the HTTP library said, or our own sentence. Without any URL.
    #[serde(with = "crate::text::raw")]
    pub message: Untrusted,
}

impl Failure {
    /// A failure with its words.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: Untrusted::new(message) }
    }
}

/// The step that was under way when time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Looking the name up.
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

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CertificateFault {
    /// No authority that is trusted here has signed it.
    UnknownAuthority,
    /// It is for other names; those it is for.
    WrongName(#[serde(with = "crate::text::raw")] Vec<Untrusted>),
    /// It is no longer valid.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is marked as that of an authority (`CA:TRUE`), and another authority has signed it.
    AuthorityAsServer,
    /// Anything else: revoked, malformed, not meant for servers.
    Other,
}

/// Why a TLS connection failed, apart from the certificate of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TlsFault {
    /// The two sides have no version of TLS in common.
    ProtocolVersion,
    /// The two sides have no cipher, key exchange or signature in common, or the server does not say what it misses.
    NoAgreement,
    /// The server requires a certificate of the client, or does not accept the one it was shown.
    ClientCertificate,
    /// The server does not know the name it was asked for.
    UnknownName,
    /// The server does not admit this client.
    AccessDenied,
    /// The server reports a fault of its own.
    ServerFault,
    /// The two sides have no version of HTTP in common.
    ApplicationProtocol,
    /// What the server sends breaks the protocol.
    Broken,
    /// The server sends more than is read.
    TooLarge,
    /// TLS could not be set up on this machine.
    SetUp,
    /// Anything else.
    Other,
}

/// The kinds of failure. Closed on purpose: a rule is written for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// The name does not resolve.
    Dns,
    /// The port is closed.
    Refused,
    /// No way to the address.
    Unreachable,
    /// Nothing came in time.
    Timeout(Step),
    /// The certificate was not accepted.
    Certificate(CertificateFault),
    /// The other side does not speak TLS; most often it speaks plain HTTP.
    NotTls,
    /// The TLS handshake failed for another reason.
    Tls(TlsFault),
    /// What came back is not HTTP.
    NotHttp,
    /// More headers than the limit allows.
    HeadersTooLarge,
    /// The other side closed or reset the connection before it had answered.
    Closed,
    /// The body ended before the length that the headers announce.
    BodyCutShort,
    /// The body is longer than the limit.
    BodyTooLarge,
    /// What frames the body is not HTTP, or has no end: chunk sizes, chunk extensions, trailers.
    Framing,
    /// The name of the proxy that the request was to go through does not resolve.
    ProxyUnknown,
    /// The proxy refused or is not usable.
    Proxy,
    /// The address is one that a server may not send us to.
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
