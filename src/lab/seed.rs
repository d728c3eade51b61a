//! Content by the piece: what a scenario stores, to put it into a real registry too, and content that is not the lab's
//! own, to serve what a real registry served when it was recorded.
//!
//! This is how the lab is compared with real registries (`tests/it/lab/`). Scenario files name content instead.

use bytes::Bytes;

use super::content;
use super::content::document::Artifact;
use super::store::{Repository, Stored};

/// A document or a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The type of a document; `None` for a blob.
    pub media_type: Option<String>,
    /// The digest that it is stored under, true or not.
    pub digest: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A piece with its place.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    repository: String,
    tag: Option<String>,
    piece: Piece,
}

impl Guest {
    /// A piece for a repository, and for a tag in it where one is given.
    pub fn new(repository: &str, tag: Option<&str>, piece: Piece) -> Self {
        Self { repository: repository.to_owned(), tag: tag.map(str::to_owned), piece }
    }

    /// The repository that it belongs into.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Keeps it there.
    pub fn settle(&self, repository: &mut Repository) {
        let Piece { media_type, digest, bytes } = self.piece.clone();
        if let Some(tag) = &self.tag {
            repository.tags.insert(tag.clone(), digest.clone());
        }
        match media_type {
            Some(media_type) => drop(repository.manifests.insert(digest, Stored { media_type, bytes })),
            None => drop(repository.blobs.insert(digest, bytes)),
        }
    }
}

/// All pieces of the content of this name, in the order in which a registry takes them, the document itself last.
/// `None` where there is no such content.
pub fn pieces(content: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    gather(content::named(content)?, &mut pieces);
    Some(pieces)
}

fn gather(document: Artifact, pieces: &mut Vec<Piece>) {
    for blob in document.blobs {
        pieces.push(Piece { media_type: None, digest: blob.digest, bytes: blob.bytes });
    }
    for child in document.children {
        gather(child, pieces);
    }
    pieces.push(Piece { media_type: Some(document.media_type), digest: document.digest, bytes: document.bytes });
}
