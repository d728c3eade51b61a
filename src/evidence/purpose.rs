//! Why a request was sent, as reports and recordings name it.

use std::fmt;
use std::str::FromStr;

use super::variant::variant_id;

/// Why a request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A manifest, asked for with the Accept variant of this name.
    Manifest(&'static str),
    /// The manifest of a tag, by its digest.
    Digest,
    /// A manifest that an index lists.
    Child,
    /// Whether a digest is that of a blob.
    Blob,
    /// The configuration of an image.
    Config,
    /// The first bytes of a layer, or all of a small one.
    Layer,
    /// The tags of the repository.
    Tags,
    /// What refers to a manifest.
    Referrers,
    /// The repositories of the registry.
    Catalog,
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
    /// A TLS ClientHello and nothing else, to a server that left a plain HTTP request unanswered.
    SpeaksTls,
    /// `GET /` over plain HTTP, to a server that answered a TLS handshake with something else.
    SpeaksHttp,
    /// A TLS handshake and nothing after it, for what is presented in it.
    Handshake,
}

impl Purpose {
    /// All but that of a manifest in a variant.
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
    /// The purpose in a recording: of a manifest with the name of the variant.
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

/// A text is not a purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such purpose of a request")]
pub struct UnknownPurpose;
