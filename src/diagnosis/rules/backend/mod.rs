//! Failures at the back end of a registry: its storage, the upstream registry of a cache, and several servers that
//! share one name.
//! They come back under error codes about names and permissions. `message` and `detail` give the real reason, so they
//! outrank the code.

mod cache_upstream_failed;
mod registry_storage_failed;
pub(crate) mod servers_disagree;

#[cfg(test)]
mod tests;

use crate::diagnosis::case::backend::backend_message;
use crate::diagnosis::content::{children, chosen};
use crate::diagnosis::delivery::obstructed;
use crate::diagnosis::{Case, Rule};
use crate::evidence::{ExchangeId, Response};
use crate::knowledge::{BackendError, BackendPart};
use crate::text::Untrusted;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[registry_storage_failed::RULE, cache_upstream_failed::RULE, servers_disagree::RULE];

/// An answer whose error message reports a back-end failure.
#[derive(Debug, Clone)]
pub(crate) struct BackendFailure {
    /// The answer.
    pub id: ExchangeId,
    /// The meaning of the message.
    pub error: &'static BackendError,
    /// The message.
    pub words: Untrusted,
}

/// The first back-end failure that a pull meets: for the reference, the image of the index, its config or a layer.
pub(crate) fn first_failure(case: &Case<'_>) -> Option<BackendFailure> {
    let failure = |id: ExchangeId| {
        let response = case.journal().get(id).response.as_ref()?;
        let (error, words) = backend_message(response, Some(case.reference()))?;
        Some(BackendFailure { id, error, words })
    };
    if let Some((id, _)) = case.refusal() {
        return failure(id);
    }
    case.served()?;
    let children = children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.as_str());
    let child = children.iter().find(|child| Some(child.descriptor.digest.as_str()) == wanted);
    let of_child = child.and_then(|child| failure(child.answer()?.0));
    of_child.or_else(|| obstructed(case).iter().find_map(|one| failure(one.shown)))
}

/// Another answer of this run that reports the same failure, as further proof.
fn reported_again(case: &Case<'_>, failure: &BackendFailure) -> Option<(ExchangeId, Untrusted)> {
    let same = |id: ExchangeId, response: &Response| {
        let (error, words) = backend_message(response, Some(case.reference()))?;
        (id != failure.id && error.part == failure.error.part).then_some((id, words))
    };
    let list = match crate::diagnosis::tags::tag_list(case)? {
        crate::diagnosis::tags::TagList::Refused(id, response) => same(id, response),
        crate::diagnosis::tags::TagList::Served { .. } => None,
    };
    list.filter(|_| failure.error.part == BackendPart::Storage)
}
