//! Permission, policy and rate limits.

mod blocked_by_policy;
mod credential_not_counted;
mod hub_abuse_limit;
mod hub_pull_limit;
mod iam_denied;
mod network_acl;
mod other_registry_throttle;
mod quota_nearly_used;
mod shared_source;

mod allowance;

#[cfg(test)]
mod tests;

use crate::diagnosis::delivery::obstructed;
use crate::diagnosis::{Case, Rule, content};
use crate::evidence::{ExchangeId, Response, error_entries};

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    hub_pull_limit::RULE,
    hub_abuse_limit::RULE,
    other_registry_throttle::RULE,
    quota_nearly_used::RULE,
    shared_source::RULE,
    credential_not_counted::RULE,
    blocked_by_policy::RULE,
    network_acl::RULE,
    iam_denied::RULE,
];

/// The 429 that the asking client received from the registry or its token service, or later in the pull, for the image
/// of the index, its config or a layer.
fn throttled<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let limited = |(_, response): &(ExchangeId, &Response)| response.status == 429;
    if case.served().is_none() {
        return case.refusal().filter(limited).or_else(|| case.token_answer().filter(limited));
    }
    let children = content::children(case);
    let entries: Vec<_> = children.iter().map(|child| child.descriptor.clone()).collect();
    let chosen = content::chosen(&entries, &case.record().platform).map(|entry| entry.digest.as_str());
    let child = children.iter().find(|child| Some(child.descriptor.digest.as_str()) == chosen);
    let of_child = child.and_then(content::Part::refused).filter(limited);
    let of_blob = || {
        let answers = obstructed(case).into_iter().map(|one| one.shown);
        let answered = |id| case.journal().get(id).response.as_ref().map(|response| (id, response));
        answers.filter_map(answered).find(limited)
    };
    of_child.or_else(of_blob)
}

/// The 403 that the asking client received from the registry or its token service.
fn refused_by_registry_or_service<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let forbidden = |(_, response): &(ExchangeId, &Response)| response.status == 403;
    let by_service = || case.token_answer().filter(|answer| case.served().is_none() && forbidden(answer));
    case.refusal().filter(forbidden).or_else(by_service)
}

/// Returns `true` if a 429 of Docker Hub is the pull limit, which has the error body of the specification. The abuse
/// limit answers with plain text.
fn is_pull_limit(response: &Response) -> bool {
    error_entries(response).iter().any(|entry| entry.message.as_str().to_ascii_lowercase().contains("pull rate limit"))
}
