//! Content as single documents and blobs: the lab's own, to push it to a real registry, and seeded content, to serve
//! what a real registry served when it was recorded.
//!
//! The tests that compare the lab with real registries use it (`tests/it/lab/`). Scenario files name content instead.

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

/// A piece with its repository and tag.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    repository: String,
    tag: Option<String>,
    piece: Piece,
}

impl Seed {
    /// Creates a seed from a piece, a repository and, optionally, a tag.
    pub fn new(repository: &str, tag: Option<&str>, piece: Piece) -> Self {
        Self { repository: repository.to_owned(), tag: tag.map(str::to_owned), piece }
    }

    /// The repository to store it in.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Stores the piece.
    pub fn store_in(&self, repository: &mut Repository) {
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

/// All pieces of the content with this name, in the order in which a registry accepts them, the document itself last.
/// `None` if there is no such content.
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
