//! The purposes of requests, as reports and recordings name them.

use std::fmt;
use std::str::FromStr;

use super::variant::variant_id;

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A manifest, requested with the Accept variant of this name.
    Manifest(&'static str),
    /// The manifest of a tag, by its digest.
    Digest,
    /// A manifest that an index lists.
    Child,
    /// A check whether a digest belongs to a blob.
    Blob,
    /// The config of an image.
    Config,
    /// The first bytes of a layer, or all of a small one.
    Layer,
    /// The tags of the repository.
    Tags,
    /// The referrers of a manifest.
    Referrers,
    /// The repositories of the registry.
    Catalog,
    /// The same manifest, without the credentials.
    Anonymous,
    /// Another name, for comparison.
    Comparison,
    /// The base of the API, `/v2/`, with which many clients begin.
    Ping,
    /// A request of the user's.
    Other,
    /// A token, from the realm that a challenge named.
    Token,
    /// A TLS ClientHello and nothing else, to a server that left a plain HTTP request unanswered.
    SpeaksTls,
    /// `GET /` over plain HTTP, to a server that answered a TLS handshake with something else.
    SpeaksHttp,
    /// A TLS handshake and nothing after it, for the certificates presented.
    Handshake,
}

impl Purpose {
    /// All purposes except for a manifest in a variant.
    const OTHERS: [Self; 16] = [
        Self::Digest,
        Self::Child,
        Self::Blob,
        Self::Config,
        Self::Layer,
        Self::Tags,
        Self::Referrers,
        Self::Catalog,
        Self::Anonymous,
        Self::Comparison,
        Self::Ping,
        Self::Other,
        Self::Token,
        Self::SpeaksTls,
        Self::SpeaksHttp,
        Self::Handshake,
    ];

    /// The purpose in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest(_) => "manifest",
            Self::Digest => "digest",
            Self::Child => "child",
            Self::Blob => "blob",
            Self::Config => "config",
            Self::Layer => "layer",
            Self::Tags => "tags",
            Self::Referrers => "referrers",
            Self::Catalog => "catalog",
            Self::Anonymous => "anonymous",
            Self::Comparison => "comparison",
            Self::Ping => "ping",
            Self::Other => "other",
            Self::Token => "token",
            Self::SpeaksTls => "speaks-tls",
            Self::SpeaksHttp => "speaks-http",
            Self::Handshake => "handshake",
        }
    }
}

impl fmt::Display for Purpose {
    /// The purpose in a recording: for a manifest, with the name of the variant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(variant) => write!(f, "manifest {variant}"),
            other => f.write_str(other.as_str()),
        }
    }
}

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        let variant = text.strip_prefix("manifest ").and_then(variant_id).map(Self::Manifest);
        variant.or_else(|| Self::OTHERS.into_iter().find(|other| other.as_str() == text)).ok_or(UnknownPurpose)
    }
}

/// The error for a text that does not name a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown purpose of a request")]
pub struct UnknownPurpose;
