//! What a host stores: repositories with their tags, manifests and blobs.
//!
//! A store keeps what it is given under the digest that it is told, so that it can also keep what no honest registry
//! would: that is how scenarios lie.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::content::document::Artifact;

/// All repositories of a host.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// By name.
    pub repositories: BTreeMap<String, Repository>,
}

/// One repository.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// Tags, and the digests that they point to.
    pub tags: BTreeMap<String, String>,
    /// Manifests and indexes, by digest.
    pub manifests: BTreeMap<String, Stored>,
    /// Configurations and layers, by digest.
    pub blobs: BTreeMap<String, Bytes>,
}

/// A manifest or index as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The type that it was pushed as.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Store {
    /// The repository of this name.
    pub fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }
}

impl Repository {
    /// Keeps a document under a tag, with everything that it brings.
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

    /// Deletes the document of a tag, and leaves the tag.
    pub fn delete(&mut self, tag: &str) {
        if let Some(digest) = self.tags.get(tag) {
            self.manifests.remove(digest);
        }
    }

    /// The digest that a tag or a digest stands for, whether or not there is a document of it.
    pub fn digest_of<'a>(&'a self, reference: &'a str) -> Option<&'a str> {
        if reference.contains(':') { Some(reference) } else { self.tags.get(reference).map(String::as_str) }
    }

    /// The document that a tag or a digest names, and its digest.
    pub fn document<'a>(&'a self, reference: &'a str) -> Option<(&'a str, &'a Stored)> {
        let digest = self.digest_of(reference)?;
        self.manifests.get_key_value(digest).map(|(digest, stored)| (digest.as_str(), stored))
    }

    /// The documents that name this digest as their subject, and their digests.
    pub fn referrers(&self, subject: &str) -> Vec<(&str, &Stored)> {
        let names_it = |stored: &Stored| {
            let document: Option<serde_json::Value> = serde_json::from_slice(&stored.bytes).ok();
            document.is_some_and(|document| document["subject"]["digest"] == subject)
        };
        let all = self.manifests.iter().map(|(digest, stored)| (digest.as_str(), stored));
        all.filter(|(_, stored)| names_it(stored)).collect()
    }
}
