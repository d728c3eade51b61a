//! Permission, policy and rate limits.

pub(crate) mod blocked_by_policy;
pub(crate) mod credential_not_counted;
pub(crate) mod hub_abuse_limit;
pub(crate) mod hub_pull_limit;
pub(crate) mod iam_denied;
pub(crate) mod network_acl;
pub(crate) mod other_registry_throttle;
pub(crate) mod quota_nearly_used;
pub(crate) mod shared_source;

mod allowance;

#[cfg(test)]
mod tests;

use crate::diagnosis::Case;
use crate::evidence::{ExchangeId, Response, error_entries};

/// The 429 that the asking client met, from the registry or from its token service.
fn throttled<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let limited = |(_, response): &(ExchangeId, &Response)| response.status == 429;
    case.refusal()
        .filter(limited)
        .or_else(|| case.token_answer().filter(|answer| case.served().is_none() && limited(answer)))
}

/// The refusal with 403 that the asking client met, from the registry or from its token service.
fn refused_by_registry_or_service<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let forbidden = |(_, response): &(ExchangeId, &Response)| response.status == 403;
    let by_service = || case.token_answer().filter(|answer| case.served().is_none() && forbidden(answer));
    case.refusal().filter(forbidden).or_else(by_service)
}

/// Whether a 429 of Docker Hub is the limit on pulls, which has the specification's form. The limit on abuse is another
/// one, and answers with plain text.
fn is_pull_limit(response: &Response) -> bool {
    error_entries(response).iter().any(|entry| entry.message.as_str().to_ascii_lowercase().contains("pull rate limit"))
}

/// Whether a refusal is one by policy: the image is known and is kept back for what it is.
pub(super) fn is_policy(response: &Response) -> bool {
    let text = String::from_utf8_lossy(&response.body.bytes);
    matches!(response.status, 412 | 451)
        || (response.status == 403 && (text.contains("PROJECTPOLICYVIOLATION") || text.contains("blocking policy")))
}

/// When to come back, in words, where the server says it: seconds or a date (RFC 9110 §10.2.3).
fn when_to_retry(response: &Response) -> String {
    match response.header("retry-after") {
        Some(when) => match when.as_str().trim().parse::<u32>() {
            Ok(seconds) => format!(" It asks to wait {seconds} s."),
            Err(_) => format!(" It asks to wait until {}.", when.printable_within(40)),
        },
        None => String::new(),
    }
}
