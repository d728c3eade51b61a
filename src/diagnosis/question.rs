//! What a rule may want to know beyond what was observed.

use crate::evidence::Method;
use crate::oci::{Digest, Origin, Reference};

/// Something that can be asked of the registry. Equal questions are asked once; all that are open at the same time are
/// asked at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Is there a blob of this digest in the repository? By HEAD; a redirect that is offered is answer enough.
    Blob(Digest),
    /// What does the asking client get for the digest that the tag's answer names? Clients go from a tag to its digest,
    /// and pins begin there. By HEAD where a GET is counted.
    OwnDigest(Digest, Method),
    /// What is under this digest in `/manifests/`, for a current client? By HEAD where only its presence matters.
    Child(Digest, Method),
    /// The whole of a blob that is a configuration; redirects are followed.
    Config(Digest),
    /// How does a layer begin, and how long is it? The first bytes of the blob; redirects are followed.
    Layer(Digest),
    /// Is a layer there? By HEAD; a redirect that is offered is answer enough. For those after the first of many.
    LayerPresence(Digest),
    /// The whole of a small layer; redirects are followed. Of an answer with more bytes than this, the rest is not read.
    SmallLayer(Digest, u64),
    /// Which tags does the repository have? All pages, up to a bound.
    Tags,
    /// What refers to this manifest (distribution-spec 1.1, listing referrers)?
    Referrers(Digest),
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

impl Question {
    /// Whether a probe may ask it too. A probe is about one manifest; everything else is for a diagnosis.
    pub fn belongs_to_a_probe(&self) -> bool {
        matches!(self, Self::Blob(_)) || self.is_about_the_scheme()
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
