//! What can be asked of a registry: one vocabulary for probes, for rules that want to know more, and for commands.

use serde::{Deserialize, Serialize};

use super::{Method, Purpose, Variant};
use crate::oci::{Digest, Origin, Reference};

/// A list that a registry serves page by page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListOf {
    /// The tags of the repository (distribution-spec, listing tags).
    Tags,
    /// The manifests that refer to this one (distribution-spec 1.1, listing referrers).
    Referrers(Digest),
    /// The repositories of the registry: `GET /v2/_catalog`, which CNCF distribution documents and the specification does
    /// not have.
    Repositories,
}

/// Something that can be asked of the registry of a reference. Equal queries of rules are asked once; all that are open at
/// the same time are asked at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Query {
    /// The manifest of the reference, with the `Accept` header of one client (distribution-spec, pulling manifests).
    Manifest(Method, Variant),
    /// What does the asking client get for the digest that the tag's answer names? Clients go from a tag to its digest,
    /// and pins begin there. By HEAD where a GET is counted.
    OwnDigest(Digest, Method),
    /// What is under this digest in `/manifests/`, for a current client? By HEAD where only its presence matters.
    Child(Digest, Method),
    /// Is there a blob of this digest in the repository? By HEAD; a redirect that is offered is answer enough.
    HasBlob(Digest),
    /// The whole of a blob that is a configuration; redirects are followed.
    Config(Digest),
    /// How does a layer begin, and how long is it? The first 512 bytes of the blob; redirects are followed.
    Layer(Digest),
    /// Is a layer there? By HEAD; a redirect that is offered is answer enough. For those after the first of many.
    LayerPresence(Digest),
    /// The whole of a small layer; redirects are followed. Of an answer with more bytes than this, the rest is not read.
    SmallLayer(Digest, u64),
    /// The whole of a blob, up to 64 MiB; redirects are followed.
    Blob(Digest),
    /// Which tags does the repository have? Page by page, up to a bound.
    Tags,
    /// What refers to this manifest (distribution-spec 1.1, listing referrers)? Page by page, up to a bound.
    Referrers(Digest),
    /// One page of a list: the first, or the one that the page before it names. Of the registry's own origin, that is its
    /// path and query; of an origin that a redirect led to, the whole address.
    Page(ListOf, Option<String>),
    /// Any path of the registry, with its query: `/v2/acme/api/tags/list?n=5`. Without `Accept` lines, `*/*`.
    Path(Method, String, Vec<String>),
    /// Does the host answer as a registry of the first generation does? `GET /v1/_ping`, with neither credentials nor the
    /// user's own headers.
    FirstGeneration,
    /// What does `/v2/` answer, which many clients ask before anything else? Without credentials and without the user's own
    /// headers, as they ask.
    Ping,
    /// What does the asking client get for the same reference without the credentials?
    Anonymous,
    /// What does a current client get for another reference, with the same credentials where it is of the same
    /// registry, and without any elsewhere? For comparison: another spelling, a name that cannot exist, a successor.
    Elsewhere(Reference),
    /// Does a server that left plain HTTP unanswered speak TLS? One ClientHello.
    SpeaksTls(Origin),
    /// Does a server that answered a TLS handshake with something else speak plain HTTP? `GET /`, with nothing of the run.
    SpeaksHttp(Origin),
}

impl Query {
    /// The manifest as a client asks for it that accepts these types, or a current one where there are none.
    pub fn manifest(method: Method, types: &[String]) -> Self {
        Self::Manifest(method, if types.is_empty() { Variant::current() } else { Variant::asked(types) })
    }

    /// What its exchanges are entered under. A token that is fetched on the way has a purpose of its own.
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

    /// Whether it is about a layer. Layers have a bound of their own.
    pub fn is_about_a_layer(&self) -> bool {
        matches!(self, Self::Layer(_) | Self::LayerPresence(_) | Self::SmallLayer(..))
    }

    /// Whether it asks which scheme a server speaks, after the other one failed.
    pub fn is_about_the_scheme(&self) -> bool {
        matches!(self, Self::SpeaksTls(_) | Self::SpeaksHttp(_))
    }
}

/// One answered query: the exchanges that the answer took, in order, the last of which is the answer. For
/// [`Query::Tags`] each of them is a page. Empty where it was not sent, because a bound of the run was reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    /// What was asked.
    pub query: Query,
    /// What was exchanged about it.
    pub exchanges: Vec<super::ExchangeId>,
}
