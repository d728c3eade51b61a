//! The result of a comparison, as a value. Text from servers has been made printable.

use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::ExchangeId;
use crate::oci::Digest;
use crate::text::{Untrusted, written_by};

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both, in their order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The name in text.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// The value of this side.
    pub fn of<T>(self, pair: &[T; 2]) -> &T {
        let [a, b] = pair;
        match self {
            Self::A => a,
            Self::B => b,
        }
    }
}

/// The result of a comparison.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Whether clients notice.
    pub outcome: Outcome,
    /// The document that a current client is served on each side; `None` for a side that could not be read.
    pub served: [Option<Served>; 2],
    /// The parts side by side: the root, then the images by platform.
    pub parts: Vec<Part>,
    /// The differences: content first, then the answers around it.
    pub differences: Vec<Difference>,
    /// The consequences for clients.
    pub consequences: Vec<Consequence>,
}

/// Whether clients notice the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Outcome {
    /// There are none: both sides are the same for every client.
    Same,
    /// There are differences, and no client notices them.
    Unnoticed,
    /// Some clients notice.
    Noticed,
    /// A side could not be read, so nothing is known.
    Unread,
}

/// A document as it was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its media type: that of the header, or the one that it claims if the header is generic.
    pub media_type: Untrusted,
    /// Its digest: that of its bytes; of a schema 1 document and of one that was not read whole, that of the header.
    pub digest: Option<Digest>,
    /// Its length in bytes.
    pub size: Option<u64>,
    /// The exchange that served it.
    pub exchange: ExchangeId,
}

/// A part, side by side.
#[derive(Debug, Clone)]
pub struct Part {
    /// `index`, `manifest`, or a platform; printable.
    pub name: String,
    /// Its digest on each side, as written; `None` if the side does not have it.
    pub digests: [Option<Untrusted>; 2],
    /// How the sides compare, in a few words.
    pub words: String,
    /// Whether it is the same on both sides.
    pub is_same: bool,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its kind.
    pub kind: Kind,
    /// Whether some clients notice it.
    pub is_noticed: bool,
    /// Whether the evidence allows no other reading.
    pub is_certain: bool,
    /// A sentence.
    pub text: String,
    /// The exchanges that show it.
    pub proof: Vec<(Side, ExchangeId)>,
}

impl Difference {
    /// A certain difference that some clients notice.
    pub(super) fn noticed(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, is_noticed: true, is_certain: true, text: text.into(), proof: Vec::new() }
    }

    /// A certain difference that no client notices.
    pub(super) fn unnoticed(kind: Kind, text: impl Into<String>) -> Self {
        Self { is_noticed: false, ..Self::noticed(kind, text) }
    }

    /// Adds the exchange of each side that shows it.
    #[must_use]
    pub(super) fn shown_by(mut self, exchanges: [Option<ExchangeId>; 2]) -> Self {
        let sides = Side::BOTH.into_iter().zip(exchanges);
        self.proof.extend(sides.filter_map(|(side, exchange)| Some((side, exchange?))));
        self
    }

    /// Marks it as only the most likely reading.
    #[must_use]
    pub(super) fn likely_if(self, is_likely: bool) -> Self {
        Self { is_certain: self.is_certain && !is_likely, ..self }
    }
}

/// The kind of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The same JSON, in other bytes.
    SameJson,
    /// The same image, in another format: Docker, OCI or schema 1.
    Converted,
    /// One side serves an index, the other one of its images.
    ImageOfIndex,
    /// One side serves an index, the other an image that is not in it.
    IndexAndImage,
    /// Other platforms.
    Platforms,
    /// Other entries of an index: other images for a platform, attestations, artifacts.
    Entries,
    /// Another config.
    Config,
    /// Other layers.
    Layers,
    /// The same layers, compressed in another way.
    Recompressed,
    /// Other fields of a manifest or index, such as annotations.
    Fields,
    /// Content that one side lacks.
    Missing,
    /// The answers to Accept headers.
    AcceptVariants,
    /// The header `Content-Type`.
    ContentType,
    /// The header `Docker-Content-Digest`.
    DigestHeader,
    /// The header `Content-Length`.
    ContentLength,
    /// Whether HEAD is answered.
    Head,
    /// Redirects to other hosts.
    Redirects,
    /// Headers that no client uses.
    OtherHeaders,
    /// Whether anonymous clients are served.
    AnonymousAccess,
    /// How clients authenticate.
    Authentication,
}

impl Kind {
    /// The name in JSON and in text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameJson => "same-json",
            Self::Converted => "converted",
            Self::ImageOfIndex => "image-of-index",
            Self::IndexAndImage => "index-and-image",
            Self::Platforms => "platforms",
            Self::Entries => "entries",
            Self::Config => "config",
            Self::Layers => "layers",
            Self::Recompressed => "recompressed",
            Self::Fields => "fields",
            Self::Missing => "missing",
            Self::AcceptVariants => "accept-variants",
            Self::ContentType => "content-type",
            Self::DigestHeader => "digest-header",
            Self::ContentLength => "content-length",
            Self::Head => "head",
            Self::Redirects => "redirects",
            Self::OtherHeaders => "other-headers",
            Self::AnonymousAccess => "anonymous-access",
            Self::Authentication => "authentication",
        }
    }
}

written_by!(Kind::as_str {
    SameJson,
    Converted,
    ImageOfIndex,
    IndexAndImage,
    Platforms,
    Entries,
    Config,
    Layers,
    Recompressed,
    Fields,
    Missing,
    AcceptVariants,
    ContentType,
    DigestHeader,
    ContentLength,
    Head,
    Redirects,
    OtherHeaders,
    AnonymousAccess,
    Authentication,
});

/// A consequence for some clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// The clients.
    pub who: Who,
    /// What they get.
    pub effect: Effect,
    /// The side on which they get it; `None` for both.
    pub side: Option<Side>,
    /// A sentence.
    pub text: String,
}

/// The clients that a consequence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Who {
    /// Clients that pull by digest.
    PullsByDigest,
    /// Clients that pull by tag, for the selected platform.
    PullsByTag,
    /// Clients for other platforms.
    Platforms,
    /// Clients that send other Accept headers than current ones.
    AcceptVariants,
    /// Clients without credentials.
    Anonymous,
}

/// What a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Effect {
    /// The same image.
    Same,
    /// An image with the same files and settings under other digests.
    SameContent,
    /// Something else.
    Other,
    /// Nothing: the pull fails.
    Fails,
    /// Unknown, because it was not checked.
    Unchecked,
}
