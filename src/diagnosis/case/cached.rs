//! Answers that a cache gave instead of the server that it caches.

use crate::diagnosis::sentence::in_words;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{CacheSign, ExchangeId, cache_sign};

/// The cache that gave an answer, if a header shows one.
pub(crate) fn by_cache(case: &Case<'_>, id: ExchangeId) -> Option<CacheSign> {
    cache_sign(case.journal().get(id).response.as_ref()?)
}

/// Adds to a finding about missing content that a cache reported it, if one did.
pub(crate) fn with_cache_remark(case: &Case<'_>, id: ExchangeId, mut finding: Finding) -> Finding {
    let Some(sign) = by_cache(case, id) else { return finding };
    let age = sign.age.map(|age| format!(" {} ago", in_words(age))).unwrap_or_default();
    finding.cause.push_str(&format!(" This answer is from a cache, which got it{age}; the registry was not asked."));
    finding.because(id, sign.quote).fix("First purge the cache, or bypass it.").likely()
}
