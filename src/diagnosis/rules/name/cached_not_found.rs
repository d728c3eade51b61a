use super::tag::{Reading, missing_tag};
use crate::diagnosis::case::cached::by_cache;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::in_words;
use crate::diagnosis::tags::TagList;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Cache answers 404 for the tag without asking the registry
    ///
    /// ## What it means
    /// Proxies and CDNs keep answers for a while, including 404s. A tag that was requested before it was pushed stays
    /// missing for all clients of that cache until the cached answer expires or is purged.
    ///
    /// ## How it is recognised
    /// The 404 shows by `Age`, `X-Cache`, `CF-Cache-Status` or the like that a cache gave it, and the tag list has the
    /// tag or is not available.
    ///
    /// ## What to do
    /// Wait until the cached answer expires, ask the registry directly, or have the cache purged. Pushing again does
    /// not help. A cache in front of a registry should cache neither tags nor errors.
    ///
    /// ## References
    /// RFC 9111 §5.1; RFC 9211; goharbor/harbor#13153
    "cached-not-found" in Name, instead_of: ["tag-listed-but-gone", "tag-not-found"]
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case)?;
    let sign = by_cache(case, missing.id)?;
    let listed = match (&missing.reading, &missing.list) {
        (Reading::Listed, Some(TagList::Served { last, .. })) => Some(*last),
        (Reading::Missing, None | Some(TagList::Refused(..))) => None,
        _ => return None,
    };
    let tag = &missing.tag;
    let host = case.host_of(missing.id);
    let quote = format!("{}, {}", case.words(missing.id).as_str(), sign.quote.as_str());
    let title = format!("cache answers 404 for tag {tag}");
    let age = sign.age.map(|age| format!(" It has kept the answer for {}.", in_words(age))).unwrap_or_default();
    let finding = Finding::error(ExitStatus::NotFound, title, missing.id, quote).likely();
    let finding = match listed {
        Some(list) => finding.because(list, format!("lists {tag}")).cause(format!(
            "A cache in front of {host} gave this 404; the registry was not asked.{age} The tag list has {tag}, so \
             most likely it was pushed after the cache had asked."
        )),
        None => finding.cause(format!(
            "A cache in front of {host} gave this 404; the registry was not asked.{age} The registry may have the tag \
             now."
        )),
    };
    Some(
        finding
            .fix("Wait until the cached answer expires, or bypass the cache. Pushing again does not help.")
            .fix(format!("Ask the operator of {host} to purge the answer and to cache neither 404s nor tags.")),
    )
}
