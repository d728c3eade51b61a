//! What is asked for in the wrong place: in a registry that was closed, in a repository that was left, under a name with
//! a part missing or one too many.
//!
//! Many registries answer such requests as they answer for what is private, so these causes are looked for before those
//! of authentication. They speak as errors only where the evidence is more than that answer: where the image was asked
//! for in the right place too.

mod gcr_shutdown;
mod host_duplicated_in_repository;
mod k8s_gcr_io_frozen;
mod library_prefix_missing;
mod local_image_looked_up_on_hub;
mod moved;

mod successor;

#[cfg(test)]
mod tests;

use crate::diagnosis::case::absence::nothing_there;
use crate::diagnosis::case::backend;
use crate::diagnosis::case::credentials::{token_is_called_invalid, token_refusal};
use crate::diagnosis::case::refusal::{is_policy, speaks_of_expired_credentials};
use crate::diagnosis::{Case, Rule};
use crate::evidence::{CredentialUse, ExchangeId, Outcome, Query};
use crate::oci::Reference;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    library_prefix_missing::RULE,
    local_image_looked_up_on_hub::RULE,
    host_duplicated_in_repository::RULE,
    moved::BITNAMI_MOVED,
    moved::KUBE_RBAC_PROXY_DELETED,
    k8s_gcr_io_frozen::RULE,
    gcr_shutdown::RULE,
    moved::OFFICIAL_IMAGE_RETIRED,
    moved::REPOSITORY_MOVED,
    moved::DOCKER_PKG_GITHUB,
    moved::DEAD_MIRROR,
];

/// The rules that say that there is nothing, or that access is refused. Where one of this family says why, they have
/// nothing to add.
const GENERAL: &[&str] = &[
    "html-instead-of-registry",
    "iam-denied",
    "repository-not-found",
    "cached-not-found",
    "tag-listed-but-gone",
    "no-latest-tag",
    "tag-v-prefix",
    "tag-not-found",
    "pinned-digest-gone",
    "tag-list-truncated",
    "listing-not-allowed",
];

/// How the registry did not give what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// It says that there is no such thing.
    Missing,
    /// It does not let this client have it, which many registries also answer for what does not exist.
    Masked,
}

/// The refusal that may come of asking in the wrong place. A refusal of the credentials is none.
fn absence(case: &Case<'_>) -> Option<(ExchangeId, Absence)> {
    if let Some((id, _)) = nothing_there(case) {
        return Some((id, Absence::Missing));
    }
    let story = case.authentication();
    let (id, response) = case.refusal()?;
    let masked = match response.status {
        // A token was given, and is not enough.
        401 if story.outcome == Outcome::Rejected && story.token.is_some() => {
            (!token_is_called_invalid(case) && !backend::explains(case, response)).then_some(id)
        }
        401 if story.credential == CredentialUse::Anonymous => token_refusal(case).map(|(id, _)| id),
        403 if !is_policy(response)
            && !speaks_of_expired_credentials(response)
            && !backend::explains(case, response) =>
        {
            Some(id)
        }
        _ => None,
    };
    masked.filter(|_| case.all_served().is_empty()).map(|id| (id, Absence::Masked))
}

/// What came of asking for the image in another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// It is there.
    There,
    /// The registry there says that it is not.
    Missing,
    /// The registry there answered something else.
    Unclear,
    /// Nobody answered there.
    Silent,
}

/// Asks for the image in another place. `None` where that was not done yet, or cannot be.
fn elsewhere(case: &Case<'_>, other: Reference) -> Option<(ExchangeId, Elsewhere)> {
    let (id, exchange) = case.ask(Query::Elsewhere(other))?;
    let came = match exchange.status() {
        Some(_) if exchange.is_success() => Elsewhere::There,
        Some(404 | 410) => Elsewhere::Missing,
        Some(_) => Elsewhere::Unclear,
        None => Elsewhere::Silent,
    };
    Some((id, came))
}
