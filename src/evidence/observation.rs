//! What one exchange says about a manifest: which document it served, and whether the digests agree.

use super::{Exchange, Method, Response};
use crate::image::{GoDocument, Manifest, Shape};
use crate::oci::{Algorithm, Digest, media_type};
use crate::text::Untrusted;

/// A manifest as it was served.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The media type by the header, without parameters; by the document itself where there is no header.
    pub served: Untrusted,
    /// The digest by the header `Docker-Content-Digest`, if it is one.
    pub announced: Option<Digest>,
    /// The digest of the bytes that came, where all of them did.
    pub computed: Option<Digest>,
    /// The length of the document in bytes.
    pub size: Option<u64>,
    /// The document, where there was a body that could be read.
    pub document: Option<Manifest>,
}

impl Observation {
    /// What a successful answer served; `None` for every other answer.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        Self::with(exchange, || Manifest::read(&exchange.response.as_ref()?.body.bytes))
    }

    /// What a successful answer served, with the document as somebody reads it who may have read it before.
    pub(super) fn with(exchange: &Exchange, document: impl FnOnce() -> Option<Manifest>) -> Option<Self> {
        let response = exchange.response.as_ref().filter(|response| (200..300).contains(&response.status))?;
        let whole = exchange.request.method == Method::Get && exchange.failure.is_none() && !response.body.truncated;
        let announced = announced_digest(response);
        let algorithm = announced.as_ref().map_or(Algorithm::Sha256, Digest::algorithm);
        let document = document();
        let named = response.served_type().filter(|served| !served.as_str().is_empty());
        let claimed = || document.as_ref().and_then(Manifest::media_type);
        let length = || response.header("content-length").and_then(|value| value.as_str().parse().ok());
        Some(Self {
            served: named.or_else(claimed).unwrap_or_default(),
            announced,
            computed: whole.then(|| response.body.digest(algorithm)),
            size: if whole { Some(response.body.size) } else { length() },
            document,
        })
    }

    /// The digest to show: what the header names, else that of the bytes.
    pub fn digest(&self) -> Option<&Digest> {
        self.announced.as_ref().or(self.computed.as_ref())
    }

    /// Whether the bytes have the digest that the header names; `None` where one of the two is not known.
    ///
    /// Signed schema 1 documents are digested without their signatures (distribution, manifest v2 schema 1), so for
    /// them a difference says nothing; see [`Observation::is_schema1`].
    pub fn header_is_true(&self) -> Option<bool> {
        Some(self.announced.as_ref()? == self.computed.as_ref()?)
    }

    /// Whether this is a schema 1 document, by its fields, or by its type where its fields are of no other kind: the type
    /// alone would take the digest of its bytes away.
    pub fn is_schema1(&self) -> bool {
        let named = media_type::is_schema1(self.served.as_str());
        match self.document.as_ref().map(Manifest::shape) {
            Some(Shape::Schema1) => true,
            Some(Shape::Unknown) | None => named,
            Some(Shape::Manifest | Shape::Index | Shape::Ambiguous) => false,
        }
    }

    /// What clients decode it into: an index where [`Observation::is_index`] says so, else a manifest. `None` for schema 1
    /// and for what is neither.
    pub fn go_document(&self) -> Option<GoDocument> {
        let shape = self.document.as_ref()?.shape();
        let is_manifest = shape == Shape::Manifest || media_type::CURRENT.contains(&self.served.as_str());
        let claimed = || self.document.as_ref().and_then(Manifest::media_type);
        let is_docker = |kind: &Untrusted| kind.as_str().starts_with("application/vnd.docker.");
        let generic = !media_type::CURRENT.contains(&self.served.as_str());
        let docker = if generic { claimed().is_some_and(|kind| is_docker(&kind)) } else { is_docker(&self.served) };
        match (self.is_index(), docker) {
            _ if self.is_schema1() => None,
            (true, true) => Some(GoDocument::DockerList),
            (true, false) => Some(GoDocument::OciIndex),
            (false, _) if !is_manifest => None,
            (false, true) => Some(GoDocument::DockerManifest),
            (false, false) => Some(GoDocument::OciManifest),
        }
    }

    /// Whether this is an index or a manifest list, by its type or, where the type says nothing, by its fields.
    pub fn is_index(&self) -> bool {
        media_type::is_index(self.served.as_str())
            || self.document.as_ref().is_some_and(|document| document.shape() == Shape::Index)
    }
}

/// The digest that `Docker-Content-Digest` names, where its value is one.
fn announced_digest(response: &Response) -> Option<Digest> {
    response.header("docker-content-digest")?.as_str().trim().parse().ok()
}
