//! The manifest in one exchange: which document was served, and whether the digests agree.

use super::{Exchange, Method, Response};
use crate::image::{GoDocument, Manifest, Shape};
use crate::oci::{Algorithm, Digest, media_type};
use crate::text::Untrusted;

/// A manifest as it was served.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The media type from the header, without parameters; from the document itself if there is no header.
    pub served: Untrusted,
    /// The digest in the header `Docker-Content-Digest`, if it is valid.
    pub announced: Option<Digest>,
    /// The digest of the received bytes, if they are complete.
    pub computed: Option<Digest>,
    /// The length of the document in bytes.
    pub size: Option<u64>,
    /// The document, if there was a readable body.
    pub document: Option<Manifest>,
}

impl Observation {
    /// The manifest in a successful answer; `None` for any other answer.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        Self::with(exchange, || Manifest::read(&exchange.response.as_ref()?.body.bytes))
    }

    /// The manifest in a successful answer, with a document that may have been read before.
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

    /// The digest to show: that of the header, else that of the bytes.
    pub fn digest(&self) -> Option<&Digest> {
        self.announced.as_ref().or(self.computed.as_ref())
    }

    /// Whether the bytes match the digest in the header; `None` if one of the two is unknown.
    ///
    /// The digest of a signed schema 1 document excludes its signatures (distribution, manifest v2 schema 1), so for
    /// such documents a difference means nothing; see [`Observation::is_schema1`].
    pub fn header_is_true(&self) -> Option<bool> {
        Some(self.announced.as_ref()? == self.computed.as_ref()?)
    }

    /// Whether this is a schema 1 document, by its fields, or by its type if its fields are of no other kind: the type
    /// alone would disable the check of the digest.
    pub fn is_schema1(&self) -> bool {
        let named = media_type::is_schema1(self.served.as_str());
        match self.document.as_ref().map(Manifest::shape) {
            Some(Shape::Schema1) => true,
            Some(Shape::Unknown) | None => named,
            Some(Shape::Manifest | Shape::Index | Shape::Ambiguous) => false,
        }
    }

    /// The Go type that clients decode it into: an index if [`Observation::is_index`], else a manifest. `None` for
    /// schema 1, and for a document that is neither.
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

    /// Whether this is an index or a manifest list, by its type or, if the type is inconclusive, by its fields.
    pub fn is_index(&self) -> bool {
        media_type::is_index(self.served.as_str())
            || self.document.as_ref().is_some_and(|document| document.shape() == Shape::Index)
    }
}

/// The digest in `Docker-Content-Digest`, if its value is valid.
fn announced_digest(response: &Response) -> Option<Digest> {
    response.header("docker-content-digest")?.as_str().trim().parse().ok()
}
