//! Answers that report a missing repository, tag or manifest.

use super::accept::says_it_is_there;
use super::registry::{is_something_else, likely_elsewhere};
use super::{Case, backend};
use crate::diagnosis::tags::{TagList, tag_list};
use crate::evidence::{ErrorEntry, ExchangeId, Response, error_entries};

/// The answer that the image does not exist, if no variant was served and the answer is from a registry.
pub(crate) fn nothing_there<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let refusal = case.refusal().filter(|(_, response)| matches!(response.status, 404 | 410))?;
    let elsewhere = likely_elsewhere(case).is_some() || is_something_else(case, refusal.1);
    let otherwise_explained = backend::explains(case, refusal.1) || says_it_is_there(refusal.1, None);
    (case.all_served().is_empty() && !elsewhere && !otherwise_explained).then_some(refusal)
}

/// Returns whether a refusal is about the repository, not about its content.
pub(crate) fn is_of_repository(response: &Response) -> bool {
    error_entries(response).iter().any(|ErrorEntry { code, message, .. }| {
        let message = message.as_str();
        let harbor = message.starts_with("repository ") || message.starts_with("project ");
        code.as_str() == "NAME_UNKNOWN" || (code.as_str() == "NOT_FOUND" && harbor)
    })
}

/// A refusal whose status requires authentication and whose message reports a missing project, as Harbor's does
/// (goharbor/harbor src/server/middleware/v2auth): permissions are looked up in the project, which does not exist.
pub(crate) fn names_a_missing_project<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let says_so = |entry: &ErrorEntry| {
        let message = entry.message.as_str();
        message.starts_with("project ") && message.contains(" not found")
    };
    case.refusal().filter(|(_, response)| response.status == 401 && error_entries(response).iter().any(says_so))
}

/// The refusal of a tag that existed once, according to the registry.
pub(crate) fn is_expired(case: &Case<'_>) -> Option<ExchangeId> {
    let (id, response) = nothing_there(case).filter(|_| case.reference().digest().is_none())?;
    error_entries(response).iter().any(|entry| entry.code.as_str() == "TAG_EXPIRED").then_some(id)
}

/// Returns whether the tag is listed but served to no client, which is a contradiction.
pub(crate) fn is_listed_and_gone(case: &Case<'_>) -> bool {
    let refused = nothing_there(case).filter(|_| case.reference().digest().is_none());
    let of_tag = refused.is_some_and(|(_, response)| !is_of_repository(response)) && is_expired(case).is_none();
    let is_listed = |list| matches!(list, TagList::Served { tags, .. } if tags.contains(&case.reference().selector()));
    of_tag && tag_list(case).is_some_and(is_listed)
}
