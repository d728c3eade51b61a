//! The authentication of the asking client, and the refusals of it.

use super::Case;
use super::refusal::{is_about_who_asks, refused_address};
use crate::evidence::{Authentication, CredentialUse, ExchangeId, Outcome, Response};

/// The story of the credentials, where the asking client was served nothing: only then is it a cause.
pub(crate) fn story<'a>(case: &Case<'a>) -> Option<&'a Authentication> {
    case.served().is_none().then(|| case.authentication())
}

pub(crate) fn is_anonymous(case: &Case<'_>) -> bool {
    case.authentication().credential == CredentialUse::Anonymous
}

/// The token server's refusal, where it is one of whoever asks: of the credentials, or of the permission. Other 4xx have
/// other causes: the request makes no sense to it, there is no token service at this address, too many requests were
/// made, or the network is not allowed.
pub(crate) fn token_refusal<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    if story(case)?.outcome != Outcome::TokenRefused {
        return None;
    }
    let by_address = |response| refused_address(response).is_some();
    case.token_answer().filter(|(_, response)| is_about_who_asks(response) && !by_address(response))
}

/// Whether the registry, sent the token, says that it is not a valid one (RFC 6750 §3.1).
pub(crate) fn token_is_called_invalid(case: &Case<'_>) -> bool {
    let refusal = case.refusal().filter(|(_, response)| response.status == 401);
    refusal.is_some_and(|(_, response)| {
        response.all("www-authenticate").any(|value| value.as_str().contains("error=\"invalid_token\""))
    })
}
