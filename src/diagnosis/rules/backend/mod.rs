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

use super::delivery::obstructed;
use crate::diagnosis::content::{children, chosen};
use crate::diagnosis::{Case, Rule};
use crate::evidence::{BodyKind, ExchangeId, Response, body_kind, error_entries};
use crate::knowledge::{BackendError, Behind, backend_error};
use crate::oci::Reference;
use crate::text::Untrusted;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[registry_storage_failed::RULE, cache_upstream_failed::RULE, servers_disagree::RULE];

/// How much of a text is read for such words, in bytes.
const LOOKED_AT: usize = 2048;

/// An answer that speaks of what is behind the server that gave it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// The answer.
    pub id: ExchangeId,
    /// What its words mean.
    pub error: &'static BackendError,
    /// The words.
    pub words: Untrusted,
}

/// What an answer says of what is behind the server. `reference` is what was asked for: its parts may be repeated in the
/// answer and say nothing.
pub(crate) fn told_by(
    response: &Response,
    reference: Option<&Reference>,
) -> Option<(&'static BackendError, Untrusted)> {
    // These are about who asks, and how often, whatever else is said. A 401 without a challenge is no question for whoever
    // asks, but one that a cache was asked itself and passes on.
    let passed_on = response.status == 401 && response.header("www-authenticate").is_none();
    if response.status < 400 || matches!(response.status, 407 | 429) || (response.status == 401 && !passed_on) {
        return None;
    }
    let own: Vec<_> =
        reference.map(|reference| [reference.repository().to_owned(), reference.selector()]).into_iter().collect();
    let without_own = |text: &str| {
        own.iter()
            .flatten()
            .filter(|own| own.len() > 1)
            .fold(text.to_owned(), |text, own| text.replace(own.as_str(), "…"))
    };
    let understood = |words: &Untrusted, of_a_failure: bool| {
        let error = backend_error(&without_own(words.as_str()), of_a_failure)?;
        (!passed_on || error.behind == Behind::Upstream).then(|| (error, words.clone()))
    };
    let entries = error_entries(response);
    let in_entries = entries.iter().find_map(|entry| {
        // The detail says more than the sentence, which mostly is that of the code. As JSON it may be anything.
        let of_a_failure = response.status >= 500 && !entry.detail.as_str().starts_with(['{', '[']);
        understood(&entry.detail, of_a_failure).or_else(|| understood(&entry.message, false))
    });
    in_entries.or_else(|| {
        let is_text = response.status >= 500 && body_kind(response) == BodyKind::Text;
        let bytes = &response.body.bytes[..response.body.bytes.len().min(LOOKED_AT)];
        is_text
            .then(|| Untrusted::new(String::from_utf8_lossy(bytes).trim()))
            .and_then(|words| understood(&words, true))
    })
}

/// The first answer on the way of a pull that speaks of what is behind the registry: for the reference, the image of the
/// index, its configuration or a layer.
pub(crate) fn told(case: &Case<'_>) -> Option<Told> {
    let told = |id: ExchangeId| {
        let response = case.journal().get(id).response.as_ref()?;
        let (error, words) = told_by(response, Some(case.reference()))?;
        Some(Told { id, error, words })
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

/// Whether the words of a refusal are about what is behind the server: then its code says nothing.
pub(crate) fn explains(case: &Case<'_>, response: &Response) -> bool {
    let explains = || told_by(response, Some(case.reference())).is_some();
    match case.refusal() {
        Some((_, refusal)) if std::ptr::eq(refusal, response) => *case.answers.refused_by_backend.get_or_init(explains),
        _ => explains(),
    }
}

/// The same trouble elsewhere in the run, for further proof.
fn said_elsewhere(case: &Case<'_>, told: &Told) -> Option<(ExchangeId, Untrusted)> {
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
