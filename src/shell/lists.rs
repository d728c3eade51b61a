//! What a command has listed, so that an entry can be named by its number.

use std::rc::Rc;

use super::target::written;
use crate::diagnosis::tags::{TagList, read_tag_list};
use crate::evidence::{Descriptor, Document, Exchange, ExchangeId, Purpose};
use crate::session::Remembered;

/// What the exchanges of a command have listed, each as it can be asked for; `None` where it lists nothing.
pub(super) fn listed(command: &str, exchanges: &[Rc<Remembered>]) -> Option<Vec<String>> {
    match command {
        "tags" => tags(exchanges),
        "layers" => last(exchanges, Document::layers),
        "platforms" | "manifest" | "probe" | "diagnose" | "referrers" => last(exchanges, Document::manifests),
        _ => None,
    }
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
