//! HEAD requests for manifests and blobs.

mod head_get_disagree;
mod head_hid_the_reason;
mod head_lacks_digest_or_length;
mod head_not_supported;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, Rule};
use crate::evidence::{ExchangeId, Response};

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] =
    &[head_not_supported::RULE, head_hid_the_reason::RULE, head_lacks_digest_or_length::RULE, head_get_disagree::RULE];

/// A HEAD and a GET for the same thing, with their answers.
#[derive(Clone, Copy)]
struct Pair<'a> {
    head: ExchangeId,
    get: ExchangeId,
    by_head: &'a Response,
    by_get: &'a Response,
}

/// The pairs that can be compared. Rate limits, missing credentials and failed connections may change from one request
/// to the next.
fn pairs<'a>(case: &Case<'a>) -> Vec<Pair<'a>> {
    let may_change = |response: &Response| matches!(response.status, 401 | 407 | 429);
    let pair = |&(head, get): &(ExchangeId, ExchangeId)| {
        let (one, other) = (case.journal().get(head), case.journal().get(get));
        let (by_head, by_get) = (one.response.as_ref()?, other.response.as_ref()?);
        let failed = one.failure.is_some() || other.failure.is_some();
        (!failed && !may_change(by_head) && !may_change(by_get)).then_some(Pair { head, get, by_head, by_get })
    };
    case.matrix().pairs.iter().filter_map(pair).collect()
}

/// Returns `true` for a 2xx answer.
fn is_success(response: &Response) -> bool {
    (200..300).contains(&response.status)
}
