//! The parts of a command's output that later lines refer to: the list with numbered entries, and the exchange that `show`
//! means without a number. They are derived from the exchanges of the command, which are kept even if the command failed
//! midway or its result could not be written.

use std::rc::Rc;

use crate::evidence::{Exchange, ExchangeId, Method, Purpose, variant};
use crate::image::{Descriptor, Manifest};
use crate::oci::Reference;
use crate::session::Remembered;

use super::listing::Selection;

/// The list and the exchange that a command has shown.
#[derive(Debug, Default)]
pub struct Shown {
    /// The list; `None` keeps the previous list.
    pub list: Option<List>,
    /// The exchange that the command was about; `None` is the last.
    pub exchange: Option<ExchangeId>,
}

/// A list with numbered entries.
#[derive(Debug, Default)]
pub struct List {
    /// The kind of its entries.
    pub kind: EntryKind,
    /// The entries as references; `None` for an entry without a valid digest, which keeps its number.
    pub entries: Vec<Option<Reference>>,
}

/// The kind of a list entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntryKind {
    /// A tag or an entry of an index, which is a manifest.
    #[default]
    Manifest,
    /// A layer, which is a blob.
    Layer,
}

impl Shown {
    /// A list of manifests.
    pub(super) fn manifests(entries: Option<Vec<Option<Reference>>>) -> Self {
        Self { list: entries.map(|entries| List { kind: EntryKind::Manifest, entries }), exchange: None }
    }

    /// The entries of the fetched index, and the answer to the asking client.
    pub(super) fn of_a_manifest(exchanges: &Exchanges<'_>) -> Self {
        let as_asked = exchanges.last_for(Purpose::Manifest(variant::ASKED));
        let exchange = as_asked.or_else(|| exchanges.last_for(Purpose::Manifest(variant::ALL)));
        Self { exchange, ..Self::of_an_index(exchanges) }
    }

    /// The entries of the fetched index.
    pub(super) fn of_an_index(exchanges: &Exchanges<'_>) -> Self {
        Self::manifests(exchanges.last_with(Manifest::manifests))
    }

    /// The answer to a request of the user.
    pub(super) fn of_a_request(exchanges: &Exchanges<'_>) -> Self {
        Self { exchange: exchanges.last_for(Purpose::Other), list: None }
    }
}

/// The exchanges of a command.
pub struct Exchanges<'a> {
    /// The exchanges.
    pub made: &'a [Rc<Remembered>],
    /// The part of its list that it shows.
    pub selection: Selection,
}

impl Exchanges<'_> {
    /// The reference of the last exchange.
    pub(super) fn reference(&self) -> Option<&Reference> {
        self.made.last().map(|one| &one.reference)
    }

    /// The exchanges with a purpose, with their numbers.
    pub(super) fn of(&self, purpose: Purpose) -> Vec<(ExchangeId, &Exchange)> {
        let of_it = self.made.iter().filter(|one| one.exchange.request.purpose == purpose);
        of_it.map(|one| (one.id, &one.exchange)).collect()
    }

    /// The last exchange with a method, without auxiliary ones.
    pub(super) fn last_by(&self, method: Method) -> Option<ExchangeId> {
        let mut asked = self.made.iter().rev().filter(|one| !one.aside);
        asked.find(|one| one.exchange.request.method == method).map(|one| one.id)
    }

    /// The last exchange with a purpose, without auxiliary ones.
    fn last_for(&self, purpose: Purpose) -> Option<ExchangeId> {
        let mut asked = self.made.iter().rev().filter(|one| !one.aside);
        asked.find(|one| one.exchange.request.purpose == purpose).map(|one| one.id)
    }

    /// The descriptors of the last document that has any.
    pub(super) fn last_with(&self, part: impl Fn(&Manifest) -> Vec<Descriptor>) -> Option<Vec<Option<Reference>>> {
        self.made.iter().rev().filter(|one| one.exchange.is_success()).find_map(|one| {
            let document = Manifest::read(&one.exchange.response.as_ref()?.body.bytes)?;
            let entries = part(&document);
            let pinned = |entry: &Descriptor| Some(one.reference.with_digest(entry.digest.as_str().parse().ok()?));
            (!entries.is_empty()).then(|| entries.iter().map(pinned).collect())
        })
    }
}
