//! What a command has listed, so that an entry can be named by its number.

use std::rc::Rc;

use super::target::written;
use crate::diagnosis::tags::{TagList, read_tag_list};
use crate::evidence::{Exchange, ExchangeId, Purpose};
use crate::image::{Descriptor, Document, Schema1};
use crate::session::Remembered;

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The reference as it can be typed; empty where the entry cannot be asked for, and keeps its place.
    pub reference: String,
    /// Which of the two things it is.
    pub kind: EntryKind,
}

/// What an entry of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// A tag or an entry of an index, which is a manifest.
    Manifest,
    /// A layer, which is a blob.
    Layer,
}

impl EntryKind {
    /// The entry in words, and the command that shows it.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Manifest => ("a manifest", "manifest"),
            Self::Layer => ("a layer, which is a blob", "blob"),
        }
    }

    /// Whether a command is about such a thing.
    pub fn is_for(self, command: &str) -> bool {
        match command {
            "blob" => self == Self::Layer,
            "probe" | "diagnose" | "manifest" | "config" | "layers" | "platforms" | "referrers" => {
                self == Self::Manifest
            }
            _ => true,
        }
    }
}

/// What the exchanges of a command have listed, each as it can be asked for; `None` where it lists nothing.
pub(super) fn listed(command: &str, exchanges: &[Rc<Remembered>]) -> Option<Vec<Entry>> {
    let (references, kind) = match command {
        "tags" => (tags(exchanges), EntryKind::Manifest),
        "layers" => (layers(exchanges), EntryKind::Layer),
        // A single image is listed as one.
        "platforms" => {
            let entries = last(exchanges, Document::manifests);
            (entries.or_else(|| Some(vec![written(&exchanges.last()?.reference)])), EntryKind::Manifest)
        }
        "manifest" | "probe" | "diagnose" | "referrers" => (last(exchanges, Document::manifests), EntryKind::Manifest),
        _ => return None,
    };
    Some(references?.into_iter().map(|reference| Entry { reference, kind }).collect())
}

/// Those of a manifest, or of one in schema 1.
fn layers(exchanges: &[Rc<Remembered>]) -> Option<Vec<String>> {
    let of = |document: &Document| match Schema1::read(document) {
        Some(manifest) => manifest.layers,
        None => document.layers(),
    };
    last(exchanges, of)
}

fn tags(exchanges: &[Rc<Remembered>]) -> Option<Vec<String>> {
    let reference = &exchanges.last()?.reference;
    let is_page = |one: &&Rc<Remembered>| one.exchange.request.purpose == Purpose::Tags;
    let pages: Vec<(ExchangeId, &Exchange)> =
        exchanges.iter().filter(is_page).map(|one| (one.id, &one.exchange)).collect();
    let TagList::Served { tags, .. } = read_tag_list(reference, &pages)? else { return None };
    Some(tags.iter().filter_map(|tag| reference.with_tag(tag).ok()).map(|tagged| written(&tagged)).collect())
}

/// The descriptors in the last document that has some.
fn last(exchanges: &[Rc<Remembered>], part: impl Fn(&Document) -> Vec<Descriptor>) -> Option<Vec<String>> {
    exchanges.iter().rev().filter(|one| one.exchange.is_success()).find_map(|one| {
        let document = Document::read(&one.exchange.response.as_ref()?.body.bytes)?;
        let entries = part(&document);
        let pinned = |entry: &Descriptor| {
            // An entry that cannot be asked for keeps its place.
            let digest = entry.digest.as_str().parse().ok();
            digest.map(|digest| written(&one.reference.with_digest(digest))).unwrap_or_default()
        };
        (!entries.is_empty()).then(|| entries.iter().map(pinned).collect())
    })
}
