//! Challenges, credentials, tokens.

mod bad_credentials;
mod challenge_missing_or_inconsistent;
mod challenge_read_differently;
mod denied_at_token_endpoint;
mod existence_masked;
mod expired_registry_token;
mod login_required;
mod login_withheld_over_http;
mod ping_challenge_differs;
mod realm_not_trusted;
mod realm_unreachable;
mod realm_wrong;
mod redirect_to_another_registry;
mod stale_credential_breaks_public_pull;
mod stored;
mod token_audience_differs;
mod token_clock_skew;
mod token_grants_nothing;
mod token_lifetime_short;
mod token_response_unusable;
mod token_scope_too_narrow;
mod token_service_unknown;

mod control;

#[cfg(test)]
mod tests;

use crate::diagnosis::case::credentials::{is_anonymous, story, token_refusal};
use crate::diagnosis::{Case, Finding, Rule, Word, words};
use crate::evidence::{Authentication, Exchange, ExchangeId, Outcome, Query, Response};
use crate::oci::Addition;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    stale_credential_breaks_public_pull::RULE,
    stored::credential_helper_missing::RULE,
    stored::credential_bytes_damaged::RULE,
    stored::pull_secret_not_found::RULE,
    stored::pull_secret_malformed::RULE,
    stored::pull_secret_has_no_credential::RULE,
    stored::pull_secret_wrong_host::RULE,
    stored::credential_under_wrong_key::RULE,
    stored::credential_file_unusable::RULE,
    stored::other_users_config::RULE,
    redirect_to_another_registry::RULE,
    login_withheld_over_http::RULE,
    login_required::RULE,
    expired_registry_token::RULE,
    bad_credentials::RULE,
    denied_at_token_endpoint::RULE,
    token_scope_too_narrow::RULE,
    realm_not_trusted::RULE,
    realm_wrong::RULE,
    token_service_unknown::RULE,
    realm_unreachable::RULE,
    token_response_unusable::RULE,
    challenge_missing_or_inconsistent::RULE,
    challenge_read_differently::RULE,
    ping_challenge_differs::RULE,
    existence_masked::RULE,
    token_clock_skew::RULE,
    token_audience_differs::RULE,
    token_lifetime_short::RULE,
    token_grants_nothing::RULE,
];

/// The answer that rejects the credentials, from the token service or from the registry itself. `None` if none were
/// sent.
pub(super) fn rejected_credentials<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let authentication = story(case).filter(|_| !is_anonymous(case))?;
    match authentication.outcome {
        Outcome::TokenRefused => token_refusal(case),
        Outcome::Accepted | Outcome::Rejected => {
            case.refusal().filter(|(_, response)| matches!(response.status, 400 | 401 | 403))
        }
        _ => None,
    }
}

/// The exchange of the same request without the credentials, if they were rejected.
fn without_credentials<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Exchange)> {
    rejected_credentials(case)?;
    case.ask(Query::Anonymous)
}

/// The authentication of a run with credentials.
fn user_authentication<'a>(case: &Case<'a>) -> Option<&'a Authentication> {
    story(case).filter(|_| !is_anonymous(case))
}

/// Adds that the same request fails without the credentials too, or else the command that finds out.
fn with_anonymous_check(case: &Case<'_>, mut finding: Finding) -> Finding {
    match without_credentials(case) {
        Some((id, _)) => {
            finding.cause.push_str(" The same request without credentials fails too.");
            finding.because(id, case.words(id))
        }
        None => finding.fix_with(
            "Check whether the image is public:",
            words!["ociscope", "probe", "--anonymous", Word::input(case.reference())],
        ),
    }
}

/// Returns `true` if the registry says that the token is valid, but grants too little (RFC 6750 §3.1).
fn is_called_insufficient(response: &Response) -> bool {
    response.all("www-authenticate").any(|value| value.as_str().contains("error=\"insufficient_scope\""))
}

/// Adds the two checks that distinguish "does not exist" from "private", and other possible faults of the name.
fn with_both_checks(case: &Case<'_>, finding: Finding) -> Finding {
    let reference = case.reference();
    let mut spelling = format!("Check the spelling of {}.", reference.repository());
    if reference.additions().contains(&Addition::DefaultRegistry) {
        spelling.push_str(
            " The reference names no registry, so the request went to Docker Hub, which does not have images that \
             were only built locally.",
        );
    }
    if let Some(host) = reference.looks_like_host() {
        spelling.push_str(&format!(" If {host} is meant as the registry, write {host}/REPOSITORY."));
    }
    let finding = finding.fix(spelling).fix_with(
        "If the repository is private, log in as a user with pull access:",
        words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(reference)],
    );
    with_visibility(case, finding)
}

/// Adds how to make a GitHub package public. New packages are private, which their owners, being logged in, do not
/// notice.
fn with_visibility(case: &Case<'_>, finding: Finding) -> Finding {
    if case.reference().registry().name() != "ghcr.io" || !is_anonymous(case) {
        return finding;
    }
    finding.fix(
        "New packages are private. If this one is meant to be public, its owner can make it public on GitHub: package \
         settings, Change visibility.",
    )
}
