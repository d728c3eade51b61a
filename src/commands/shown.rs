//! The output of a command as far as later lines refer to it: the list whose entries have numbers, and the exchange that
//! `show` means without a number. It follows from the exchanges that the command made, which are kept whatever else
//! happens: also if the command failed midway or its result could not be written.

use std::rc::Rc;

use crate::evidence::{Exchange, ExchangeId, Purpose, variant};
use crate::image::{Descriptor, Manifest};
use crate::oci::Reference;
use crate::session::Remembered;

use super::listing::Selection;

/// The list and the exchange that a command has shown.
#[derive(Debug, Default)]
pub struct Shown {
    /// The list; without one, the list before it is still the last.
    pub list: Option<List>,
    /// The exchange that the command was about; without one, the last.
    pub exchange: Option<ExchangeId>,
}

/// A list whose entries have numbers.
#[derive(Debug, Default)]
pub struct List {
    /// What its entries are.
    pub kind: EntryKind,
    /// The entries, each as it can be asked for. One that cannot be asked for keeps its place.
    pub entries: Vec<Option<Reference>>,
}

/// What an entry of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntryKind {
    /// A tag or an entry of an index, which is a manifest.
    #[default]
    Manifest,
    /// A layer, which is a blob.
    Layer,
}

impl Shown {
    /// A list of manifests, where there is one.
    pub(super) fn manifests(entries: Option<Vec<Option<Reference>>>) -> Self {
        Self { list: entries.map(|entries| List { kind: EntryKind::Manifest, entries }), exchange: None }
    }

    /// The entries of the index that came, and the answer to what a client asked.
    pub(super) fn of_a_manifest(exchanges: &Exchanges<'_>) -> Self {
        let as_asked = exchanges.last_for(Purpose::Manifest(variant::ASKED));
        let exchange = as_asked.or_else(|| exchanges.last_for(Purpose::Manifest(variant::ALL)));
        Self { exchange, ..Self::of_an_index(exchanges) }
    }

    /// The entries of the index that came.
    pub(super) fn of_an_index(exchanges: &Exchanges<'_>) -> Self {
        Self::manifests(exchanges.last_with(Manifest::manifests))
    }

    /// The answer to a request of the user's own.
    pub(super) fn of_a_request(exchanges: &Exchanges<'_>) -> Self {
        Self { exchange: exchanges.last_for(Purpose::Other), list: None }
    }
}

/// The exchanges that a command made.
pub struct Exchanges<'a> {
    /// Those that are kept.
    pub made: &'a [Rc<Remembered>],
    /// What it shows of a list.
    pub selection: Selection,
}

impl Exchanges<'_> {
    /// The image that the last one was about.
    pub(super) fn reference(&self) -> Option<&Reference> {
        self.made.last().map(|one| &one.reference)
    }

    /// Those of a purpose, with their numbers.
    pub(super) fn of(&self, purpose: Purpose) -> Vec<(ExchangeId, &Exchange)> {
        let of_it = self.made.iter().filter(|one| one.exchange.request.purpose == purpose);
        of_it.map(|one| (one.id, &one.exchange)).collect()
    }

    /// The last one of a purpose that the command was asked for.
    fn last_for(&self, purpose: Purpose) -> Option<ExchangeId> {
        let mut asked = self.made.iter().rev().filter(|one| !one.aside);
        asked.find(|one| one.exchange.request.purpose == purpose).map(|one| one.id)
    }

    /// The descriptors in the last document that has some.
    pub(super) fn last_with(&self, part: impl Fn(&Manifest) -> Vec<Descriptor>) -> Option<Vec<Option<Reference>>> {
        self.made.iter().rev().filter(|one| one.exchange.is_success()).find_map(|one| {
            let document = Manifest::read(&one.exchange.response.as_ref()?.body.bytes)?;
            let entries = part(&document);
            let pinned = |entry: &Descriptor| Some(one.reference.with_digest(entry.digest.as_str().parse().ok()?));
            (!entries.is_empty()).then(|| entries.iter().map(pinned).collect())
        })
    }
}
