//! Requests to the wrong place: a registry that was shut down, a repository that was abandoned, a name with a component
//! missing or one too many.
//!
//! Many registries answer such requests as they answer for private repositories, so these rules run before those of
//! authentication. They report errors only with evidence beyond that answer: after a request to the right place.

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

/// The rules, in the order in which causes are examined.
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

/// The rules that report a missing or inaccessible image. They have nothing to add where a rule of this family gives
/// the reason.
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

/// The kind of answer by which the registry did not serve the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// It says that there is no such image.
    Missing,
    /// It denies access, as many registries also do for images that do not exist.
    Masked,
}

/// The refusal that asking in the wrong place may cause. A rejection of the credentials is not one.
fn absence(case: &Case<'_>) -> Option<(ExchangeId, Absence)> {
    if let Some((id, _)) = nothing_there(case) {
        return Some((id, Absence::Missing));
    }
    let story = case.authentication();
    let (id, response) = case.refusal()?;
    let masked = match response.status {
        // The registry rejected a token that was issued.
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

/// The outcome of a request for the image in another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// The image exists there.
    There,
    /// The registry there says that it does not exist.
    Missing,
    /// The registry there answered something else.
    Unclear,
    /// No answer.
    Silent,
}

/// Requests the image in another place. `None` if that has not happened yet, or cannot.
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
