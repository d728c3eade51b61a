//! The client's authentication, and its rejections.

use super::Case;
use super::refusal::{is_about_who_asks, refused_address};
use crate::evidence::{Authentication, CredentialUse, ExchangeId, Outcome, Response};

/// The authentication trace, if the client was served nothing: only then can it be a cause.
pub(crate) fn story<'a>(case: &Case<'a>) -> Option<&'a Authentication> {
    case.served().is_none().then(|| case.authentication())
}

pub(crate) fn is_anonymous(case: &Case<'_>) -> bool {
    case.authentication().credential == CredentialUse::Anonymous
}

/// The token server's refusal, if it is about the client: its credentials or its permission. Other 4xx have other
/// causes: a malformed request, no token service at this address, too many requests, or a disallowed network.
pub(crate) fn token_refusal<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    if story(case)?.outcome != Outcome::TokenRefused {
        return None;
    }
    let by_address = |response| refused_address(response).is_some();
    case.token_answer().filter(|(_, response)| is_about_who_asks(response) && !by_address(response))
}

/// Returns whether the registry reports the token as invalid (RFC 6750 §3.1).
pub(crate) fn token_is_called_invalid(case: &Case<'_>) -> bool {
    let refusal = case.refusal().filter(|(_, response)| response.status == 401);
    refusal.is_some_and(|(_, response)| {
        response.all("www-authenticate").any(|value| value.as_str().contains("error=\"invalid_token\""))
    })
}
