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

/// The answer to the credentials that were given and are not let in: from the token service, or from the registry
/// itself. `None` where none were sent.
pub(super) fn refused_credentials<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let story = story(case).filter(|_| !is_anonymous(case))?;
    match story.outcome {
        Outcome::TokenRefused => token_refusal(case),
        Outcome::Accepted | Outcome::Rejected => {
            case.refusal().filter(|(_, response)| matches!(response.status, 400 | 401 | 403))
        }
        _ => None,
    }
}

/// What the same client gets without the credentials, where they were refused.
fn without_credentials<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Exchange)> {
    refused_credentials(case)?;
    case.ask(Query::Anonymous)
}

/// The story of credentials that were given.
fn story_of_user<'a>(case: &Case<'a>) -> Option<&'a Authentication> {
    story(case).filter(|_| !is_anonymous(case))
}

/// What is known of the same request without the credentials: that it fails too, or else how to find out.
fn with_anonymous_check(case: &Case<'_>, mut finding: Finding) -> Finding {
    match without_credentials(case) {
        Some((id, _)) => {
            finding.cause.push_str(" Without credentials it is not served either.");
            finding.because(id, case.words(id))
        }
        None => finding.fix_with(
            "A public image needs no login:",
            words!["ociscope", "probe", "--anonymous", Word::input(case.reference())],
        ),
    }
}

/// Whether a refusal says that the token is good and allows too little (RFC 6750 §3.1).
fn is_called_insufficient(response: &Response) -> bool {
    response.all("www-authenticate").any(|value| value.as_str().contains("error=\"insufficient_scope\""))
}

/// The two checks that tell "does not exist" from "private", and what else may have gone wrong with the name.
fn with_both_checks(case: &Case<'_>, finding: Finding) -> Finding {
    let reference = case.reference();
    let mut spelling = format!("If the name may be wrong: check the spelling of {}.", reference.repository());
    if reference.additions().contains(&Addition::DefaultRegistry) {
        spelling.push_str(
            " The reference names no registry, so Docker Hub was asked; an image that was only \
             built locally is not there.",
        );
    }
    if let Some(host) = reference.looks_like_host() {
        spelling.push_str(&format!(" If {host} is meant as the registry, a repository has to follow it behind a /."));
    }
    let finding = finding.fix(spelling).fix_with(
        "If it may be private: ask as a user who may pull it.",
        words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(reference)],
    );
    with_visibility(case, finding)
}

/// Packages of GitHub begin as private ones, and their owners, who are logged in, do not notice.
fn with_visibility(case: &Case<'_>, finding: Finding) -> Finding {
    if case.reference().registry().name() != "ghcr.io" || !is_anonymous(case) {
        return finding;
    }
    finding.fix(
        "If it is meant to be public: new packages are private. Its owner makes it public on GitHub, in the settings \
         of the package, under Change visibility.",
    )
}
