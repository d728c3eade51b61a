//! What stands behind a registry or behind its name: the storage that it reads, the registry that a cache fetches from,
//! and several servers that answer in turn.
//!
//! What goes wrong there comes back under codes that speak of names and rights. The words in `message` and `detail` say
//! what it is, so they outrank the code.

mod cache_upstream_failed;
mod registry_storage_failed;
pub(crate) mod servers_disagree;

#[cfg(test)]
mod tests;

use crate::diagnosis::case::backend::told_by;
use crate::diagnosis::content::{children, chosen};
use crate::diagnosis::delivery::obstructed;
use crate::diagnosis::{Case, Rule};
use crate::evidence::{ExchangeId, Response};
use crate::knowledge::{BackendError, Behind};
use crate::text::Untrusted;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[registry_storage_failed::RULE, cache_upstream_failed::RULE, servers_disagree::RULE];

/// An answer that speaks of what is behind the server that gave it.
#[derive(Debug, Clone)]
pub(crate) struct BackendWords {
    /// The answer.
    pub id: ExchangeId,
    /// What its words mean.
    pub error: &'static BackendError,
    /// The words.
    pub words: Untrusted,
}

/// The first answer on the way of a pull that speaks of what is behind the registry: for the reference, the image of the
/// index, its configuration or a layer.
pub(crate) fn told(case: &Case<'_>) -> Option<BackendWords> {
    let told = |id: ExchangeId| {
        let response = case.journal().get(id).response.as_ref()?;
        let (error, words) = told_by(response, Some(case.reference()))?;
        Some(BackendWords { id, error, words })
    };
    if let Some((id, _)) = case.refusal() {
        return told(id);
    }
    case.served()?;
    let children = children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.as_str());
    let child = children.iter().find(|child| Some(child.descriptor.digest.as_str()) == wanted);
    let of_child = child.and_then(|child| told(child.answer()?.0));
    of_child.or_else(|| obstructed(case).iter().find_map(|one| told(one.shown)))
}

/// The same trouble elsewhere in the run, for further proof.
fn said_elsewhere(case: &Case<'_>, told: &BackendWords) -> Option<(ExchangeId, Untrusted)> {
    let behind = |id: ExchangeId, response: &Response| {
        let (error, words) = told_by(response, Some(case.reference()))?;
        (id != told.id && error.behind == told.error.behind).then_some((id, words))
    };
    let list = match crate::diagnosis::tags::tag_list(case)? {
        crate::diagnosis::tags::TagList::Refused(id, response) => behind(id, response),
        crate::diagnosis::tags::TagList::Served { .. } => None,
    };
    list.filter(|_| told.error.behind == Behind::Storage)
}
