//! Names, tags and digests that do not exist.

mod cached_not_found;
mod hub_alias;
mod listing_not_allowed;
mod no_latest_tag;
mod pinned_digest_gone;
mod repository_not_found;
mod short_name_unresolved;
mod tag_list_truncated;
mod tag_listed_but_gone;
mod tag_not_found;
mod tag_v_prefix;

pub(crate) mod tag;
mod versions;

#[cfg(test)]
mod tests;

use crate::diagnosis::case::absence::{is_of_repository, nothing_there};
use crate::diagnosis::tags::{TagList, tag_list};
use crate::diagnosis::{Case, Rule};
use crate::evidence::{CredentialUse, ExchangeId, Response};

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    repository_not_found::RULE,
    cached_not_found::RULE,
    tag_listed_but_gone::RULE,
    no_latest_tag::RULE,
    tag_v_prefix::RULE,
    tag_not_found::RULE,
    pinned_digest_gone::RULE,
    tag_list_truncated::RULE,
    listing_not_allowed::RULE,
    hub_alias::RULE,
    short_name_unresolved::RULE,
];

/// The refusal of the tag list that reports a missing repository. `None` for a registry that answers alike for
/// repositories that may not be seen, because this proves nothing there.
fn unknown_repository(case: &Case<'_>) -> Option<ExchangeId> {
    nothing_there(case)?;
    let Some(TagList::Refused(id, response)) = tag_list(case) else { return None };
    let is_missing = response.status == 404 && is_of_repository(response) && !masks_existence(case);
    is_missing.then_some(id)
}

/// Returns `true` if the registry answers alike for repositories that do not exist and for those that may not be seen.
fn masks_existence(case: &Case<'_>) -> bool {
    case.record().known().is_some_and(|known| known.masks_existence())
}

/// Returns `true` if the server can proxy other registries. It reports as unknown what it cannot fetch there, for
/// example because its own credentials are rejected (sonatype/nexus-public#639).
fn may_be_a_proxy(response: &Response) -> bool {
    let is_nexus = response.header("server").is_some_and(|server| server.as_str().starts_with("Nexus/"));
    is_nexus || response.header("x-jfrog-version").is_some() || response.header("x-artifactory-id").is_some()
}

/// The caveat that a 404 for an anonymous user may hide private content.
fn anonymous_caveat(case: &Case<'_>) -> &'static str {
    match case.authentication().credential {
        CredentialUse::Anonymous => " Some registries also answer like this to anonymous users.",
        CredentialUse::Given | CredentialUse::Stored => "",
    }
}
