use super::tag::{Reading, missing_tag};
use crate::diagnosis::case::cached::by_cache;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::in_words;
use crate::diagnosis::tags::TagList;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// A cache answers that there is no such tag, without asking the registry.
    ///
    /// ## What it means
    /// Proxies and delivery networks keep answers for a while, a 404 too. A tag that was asked for before it was pushed
    /// stays missing for everybody behind that cache until the kept answer ends or is removed.
    ///
    /// ## How it is recognised
    /// The 404 says by `Age`, `X-Cache`, `CF-Cache-Status` or the like that a cache gave it, and the list of tags has the
    /// tag, or is not to be had.
    ///
    /// ## What to do
    /// Wait until the kept answer ends, ask the registry itself, or have the cache purged. Pushing again does not help. A
    /// cache in front of a registry should not keep answers for tags, and no errors.
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
    let title = format!("a cache says that there is no tag {tag}");
    let age = sign.age.map(|age| format!(" It has kept the answer for {}.", in_words(age))).unwrap_or_default();
    let finding = Finding::error(ExitStatus::NotFound, title, missing.id, quote).likely();
    let finding = match listed {
        Some(list) => finding.because(list, format!("has {tag}")).cause(format!(
            "A cache in front of {host} gave this 404; the registry was not asked.{age} The list of tags has {tag}, so most \
             likely it was pushed after the cache had asked."
        )),
        None => finding.cause(format!(
            "A cache in front of {host} gave this 404; the registry was not asked.{age} Whether it has the tag by now is \
             not known."
        )),
    };
    Some(
        finding
            .fix("Wait until the kept answer ends, or ask the registry past the cache. Pushing again changes nothing.")
            .fix(format!(
                "Tell the operator of {host} to purge the answer, and not to keep 404s or tags in the cache."
            )),
    )
}
