//! The content of a host: repositories with their tags, manifests and blobs.
//!
//! A store does not verify digests, so that it can also hold content that a correct registry would reject: scenarios
//! with false digests need that.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::content::document::Artifact;

/// All repositories of a host.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// The repositories, by name.
    pub repositories: BTreeMap<String, Repository>,
}

/// One repository.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// Tags, and the digests that they point to.
    pub tags: BTreeMap<String, String>,
    /// Manifests and indexes, by digest.
    pub manifests: BTreeMap<String, Stored>,
    /// Configs and layers, by digest.
    pub blobs: BTreeMap<String, Bytes>,
}

/// A manifest or index as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The type that it was pushed with.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Store {
    /// Returns the repository with this name.
    pub fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }
}

impl Repository {
    /// Stores a document under a tag, along with its blobs and children.
    pub fn add(&mut self, tag: &str, document: Artifact) {
        self.tags.insert(tag.to_owned(), document.digest.clone());
        self.keep(document);
    }

    fn keep(&mut self, document: Artifact) {
        for blob in document.blobs {
            self.blobs.insert(blob.digest, blob.bytes);
        }
        for child in document.children {
            self.keep(child);
        }
        let stored = Stored { media_type: document.media_type, bytes: document.bytes };
        self.manifests.insert(document.digest, stored);
    }

    /// Deletes the document of a tag, and keeps the tag.
    pub fn delete(&mut self, tag: &str) {
        if let Some(digest) = self.tags.get(tag) {
            self.manifests.remove(digest);
        }
    }

    /// Resolves a tag or a digest to a digest, whether or not its document exists.
    pub fn digest_of<'a>(&'a self, reference: &'a str) -> Option<&'a str> {
        if reference.contains(':') { Some(reference) } else { self.tags.get(reference).map(String::as_str) }
    }

    /// The document with a tag or a digest, and its digest.
    pub fn document<'a>(&'a self, reference: &'a str) -> Option<(&'a str, &'a Stored)> {
        let digest = self.digest_of(reference)?;
        self.manifests.get_key_value(digest).map(|(digest, stored)| (digest.as_str(), stored))
    }

    /// The referrers to this digest, and their digests.
    pub fn referrers(&self, subject: &str) -> Vec<(&str, &Stored)> {
        let names_it = |stored: &Stored| {
            let document: Option<serde_json::Value> = serde_json::from_slice(&stored.bytes).ok();
            document.is_some_and(|document| document["subject"]["digest"] == subject)
        };
        let all = self.manifests.iter().map(|(digest, stored)| (digest.as_str(), stored));
        all.filter(|(_, stored)| names_it(stored)).collect()
    }
}
