//! Challenges, credentials, tokens.

pub(crate) mod bad_credentials;
pub(crate) mod challenge_missing_or_inconsistent;
pub(crate) mod existence_masked;
pub(crate) mod expired_registry_token;
pub(crate) mod login_required;
pub(crate) mod realm_not_trusted;
pub(crate) mod realm_unreachable;
pub(crate) mod realm_wrong;
pub(crate) mod token_grants_nothing;
pub(crate) mod token_response_unusable;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, Finding};
use crate::evidence::{Authentication, CredentialUse, ErrorEntry, ExchangeId, Outcome, Response, error_entries};
use crate::oci::Addition;

/// The story of the credentials, where the asking client was served nothing: only then is it a cause.
fn story<'a>(case: &Case<'a>) -> Option<&'a Authentication> {
    case.served().is_none().then(|| case.authentication())
}

fn is_anonymous(case: &Case<'_>) -> bool {
    case.authentication().credential == CredentialUse::Anonymous
}

/// The token server's refusal, where it is one of the credentials or of the permission. Other 4xx have other causes:
/// there is no token service at this address, or too many requests were made.
pub(super) fn token_refusal<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    if story(case)?.outcome != Outcome::TokenRefused {
        return None;
    }
    case.token_answer().filter(|(_, response)| matches!(response.status, 400 | 401 | 403))
}

/// Whether a refusal speaks of a permission that is missing, as Google's do: the credentials were good then.
pub(super) fn speaks_of_permission(response: &Response) -> bool {
    error_entries(response).iter().any(|entry| {
        let message = entry.message.as_str().to_ascii_lowercase();
        message.contains("permission \"") || message.contains("does not have permission")
    })
}

/// Whether a refusal says that the credentials themselves are too old or no good, as ECR's do.
pub(super) fn speaks_of_expired_credentials(response: &Response) -> bool {
    error_entries(response).iter().any(|ErrorEntry { message, .. }| {
        let message = message.as_str().to_ascii_lowercase();
        message.contains("authorization token") && (message.contains("expired") || message.contains("invalid"))
    })
}

/// Whether a refusal says that what was sent was good once.
fn says_expired(response: &Response) -> bool {
    matches!(response.status, 400 | 401 | 403)
        && error_entries(response).iter().any(|entry| {
            let message = entry.message.as_str().to_ascii_lowercase();
            message.contains("token has expired") || message.contains("password has expired")
        })
}

/// Whether the registry, sent the token, says that it is not a valid one (RFC 6750 §3.1).
pub(super) fn token_is_called_invalid(case: &Case<'_>) -> bool {
    let refusal = case.refusal().filter(|(_, response)| response.status == 401);
    refusal.is_some_and(|(_, response)| {
        response.all("www-authenticate").any(|value| value.as_str().contains("error=\"invalid_token\""))
    })
}

/// Whether the registry is known to answer alike for what does not exist and for what is private.
fn masks_existence(case: &Case<'_>) -> bool {
    case.circumstances().known.is_some_and(|known| known.masks_existence())
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
    finding.fix(spelling).fix_with(
        "If it may be private: ask as a user who may pull it. The password is read from standard input.",
        &["ociscope", "probe", "--username", "NAME", "--password-stdin", reference.input()],
    )
}
