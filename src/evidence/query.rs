//! Queries to a registry: one vocabulary for probes, for rules that need more evidence, and for commands.

use serde::{Deserialize, Serialize};

use super::{Method, Purpose, Variant};
use crate::oci::{Digest, Origin, Reference};

/// A list that a registry serves page by page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListOf {
    /// The tags of the repository (distribution-spec, listing tags).
    Tags,
    /// The referrers of this manifest (distribution-spec 1.1, listing referrers).
    Referrers(Digest),
    /// The repositories of the registry: `GET /v2/_catalog`, which CNCF distribution documents but the specification
    /// does not.
    Repositories,
}

/// A query to the registry of a reference. Equal queries of rules are sent once; all queries that are open at the same
/// time are sent concurrently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// The manifest of the reference, with the `Accept` header of one client (distribution-spec, pulling manifests).
    Manifest(Method, Variant),
    /// The asking client's answer for the digest of the tag. Clients go from a tag to its digest, and pins begin there.
    /// By HEAD if a GET is counted.
    OwnDigest(Digest, Method),
    /// A current client's answer for this digest in `/manifests/`. By HEAD if only its presence matters.
    Child(Digest, Method),
    /// Whether the repository has a blob with this digest. By HEAD; a redirect is sufficient.
    HasBlob(Digest),
    /// A whole blob that is a config; redirects are followed.
    Config(Digest),
    /// The beginning and the length of a layer: the first 512 bytes of the blob; redirects are followed.
    Layer(Digest),
    /// The presence of a layer. By HEAD; a redirect is sufficient. For those after the first of many.
    LayerPresence(Digest),
    /// A whole small layer; redirects are followed. Of an answer with more bytes than this, the rest is not read.
    SmallLayer(Digest, u64),
    /// A whole blob, up to 64 MiB; redirects are followed.
    Blob(Digest),
    /// The tags of the repository, page by page, up to a bound.
    Tags,
    /// The referrers of this manifest (distribution-spec 1.1, listing referrers), page by page, up to a bound.
    Referrers(Digest),
    /// One page of a list: the first, or the one that the previous page names. It is named by path and query on the
    /// registry's own origin, and by its full address on an origin that a redirect led to.
    Page(ListOf, Option<String>),
    /// Any path of the registry, with its query: `/v2/acme/api/tags/list?n=5`. Without `Accept` lines, `*/*`.
    Path(Method, String, Vec<String>),
    /// Whether the host answers as a first-generation registry: `GET /v1/_ping`, with neither credentials nor the
    /// user's own headers.
    FirstGeneration,
    /// The answer to `/v2/`, which many clients request first. Without credentials and without the user's own headers,
    /// as clients send it.
    Ping,
    /// The asking client's answer for the same reference without the credentials.
    Anonymous,
    /// A current client's answer for another reference, with the same credentials if it is in the same registry, and
    /// anonymously elsewhere. For comparison: another spelling, a nonexistent name, a successor.
    Elsewhere(Reference),
    /// Whether a server that left plain HTTP unanswered speaks TLS. One ClientHello.
    SpeaksTls(Origin),
    /// Whether a server that answered a TLS handshake with something else speaks plain HTTP. `GET /`, with nothing of
    /// the run.
    SpeaksHttp(Origin),
}

impl Query {
    /// The manifest for a client that accepts these types, or for a current one if there are none.
    pub fn manifest(method: Method, types: &[String]) -> Self {
        Self::Manifest(method, if types.is_empty() { Variant::current() } else { Variant::asked(types) })
    }

    /// The purpose of its exchanges. The request for a token that it needs has a purpose of its own.
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Manifest(_, variant) => Purpose::Manifest(variant.id()),
            Self::OwnDigest(..) => Purpose::Digest,
            Self::Child(..) => Purpose::Child,
            Self::HasBlob(_) | Self::LayerPresence(_) | Self::Blob(_) => Purpose::Blob,
            Self::Config(_) => Purpose::Config,
            Self::Layer(_) | Self::SmallLayer(..) => Purpose::Layer,
            Self::Tags | Self::Page(ListOf::Tags, _) => Purpose::Tags,
            Self::Referrers(_) | Self::Page(ListOf::Referrers(_), _) => Purpose::Referrers,
            Self::Page(ListOf::Repositories, _) => Purpose::Catalog,
            Self::Path(..) => Purpose::Other,
            Self::Ping => Purpose::Ping,
            Self::Anonymous => Purpose::Anonymous,
            Self::FirstGeneration | Self::Elsewhere(_) => Purpose::Comparison,
            Self::SpeaksTls(_) => Purpose::SpeaksTls,
            Self::SpeaksHttp(_) => Purpose::SpeaksHttp,
        }
    }

    /// Whether it is about a layer. Queries about layers have a bound of their own.
    pub fn is_about_a_layer(&self) -> bool {
        matches!(self, Self::Layer(_) | Self::LayerPresence(_) | Self::SmallLayer(..))
    }

    /// Whether it tests which scheme a server speaks, after the other one failed.
    pub fn is_about_the_scheme(&self) -> bool {
        matches!(self, Self::SpeaksTls(_) | Self::SpeaksHttp(_))
    }
}

/// One answered query: the exchanges of the answer, in order, of which the last is the answer. For [`Query::Tags`] each
/// of them is a page. Empty if it was not sent, because a bound of the run was reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    /// The query.
    pub query: Query,
    /// Its exchanges.
    pub exchanges: Vec<super::ExchangeId>,
}
