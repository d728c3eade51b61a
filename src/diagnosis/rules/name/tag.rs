//! A missing tag, and what the tag list says about it. The rules about tags share this, so that they do not overlap.

use super::unknown_repository;
use super::versions::same_version;
use crate::diagnosis::Case;
use crate::diagnosis::case::absence::{is_expired, is_of_repository, nothing_there};
use crate::diagnosis::tags::{TagList, tag_list};
use crate::evidence::{ExchangeId, Query, error_entries};
use crate::oci::{Addition, Reference};

/// The maximum number of suggested tags.
pub(super) const MOST: usize = 5;

/// The maximum number of different characters in a near tag.
const NEAR: usize = 3;

/// A tag that no client is served.
pub(super) struct MissingTag<'a> {
    /// The refusal.
    pub id: ExchangeId,
    /// The tag.
    pub tag: String,
    /// The tag list, if it was requested and answered.
    pub list: Option<TagList<'a>>,
    /// The conclusion from the list.
    pub reading: Reading,
}

/// The conclusion from the tag list about a missing tag.
pub(super) enum Reading {
    /// The tag is listed nevertheless.
    Listed,
    /// The tag is the `latest` that clients add, and there are other tags.
    NoLatest,
    /// The same version is listed in another spelling; `served` is the answer to a request for that.
    OtherSpelling { tag: String, served: Option<ExchangeId> },
    /// The tag is missing; the list tells no more.
    Missing,
}

/// The requested tag, if no client is served it. `None` if the repository is missing, or if the registry says that the
/// tag existed once.
pub(super) fn missing_tag<'a>(case: &Case<'a>) -> Option<MissingTag<'a>> {
    let reference = case.reference();
    let (id, response) = nothing_there(case).filter(|_| reference.digest().is_none())?;
    if is_of_repository(response) || is_expired(case).is_some() {
        return None;
    }
    let list = tag_list(case);
    if unknown_repository(case).is_some() {
        return None;
    }
    let tag = reference.selector();
    let reading = match &list {
        Some(TagList::Served { tags, .. }) => read(case, &tag, tags),
        _ => Reading::Missing,
    };
    Some(MissingTag { id, tag, list, reading })
}

/// The 403 for a tag that the registry's own list does not have, and the list: Artifactory answers 403 for a missing
/// tag if it cannot read every repository that a virtual repository combines.
pub(crate) fn refused_and_unlisted(case: &Case<'_>) -> Option<(ExchangeId, ExchangeId)> {
    let (id, response) = case.refusal().filter(|_| case.reference().digest().is_none())?;
    let known = case.record().known().is_some();
    if response.status != 403 || known || !case.all_served().is_empty() || error_entries(response).is_empty() {
        return None;
    }
    let Some(TagList::Served { tags, complete: true, last, .. }) = tag_list(case) else { return None };
    let tag = case.reference().selector();
    (!tags.is_empty() && !tags.contains(&tag)).then_some((id, last))
}

fn read(case: &Case<'_>, tag: &str, tags: &[String]) -> Reading {
    let reference = case.reference();
    if tags.iter().any(|other| other == tag) {
        return Reading::Listed;
    }
    if reference.additions().contains(&Addition::DefaultTag) && !tags.is_empty() {
        return Reading::NoLatest;
    }
    let Some(other) = same_version(tag, tags).first().copied() else { return Reading::Missing };
    let Ok(respelled) = reference.with_tag(other) else { return Reading::Missing };
    match case.ask(Query::Elsewhere(respelled)) {
        None => Reading::OtherSpelling { tag: other.clone(), served: None },
        Some((id, exchange)) if exchange.is_success() => {
            Reading::OtherSpelling { tag: other.clone(), served: Some(id) }
        }
        Some(_) => Reading::Missing,
    }
}

impl MissingTag<'_> {
    /// Returns `true` if the list has all tags, as far as ociscope can tell.
    pub fn is_certain(&self) -> bool {
        matches!(self.list, Some(TagList::Served { complete: true, .. }))
    }

    /// The listed tags that are for pulling, and the last page of the list.
    pub fn listed(&self) -> Option<(Vec<String>, ExchangeId)> {
        let Some(TagList::Served { tags, last, .. }) = &self.list else { return None };
        let tags = tags.iter().filter(|tag| !tag.starts_with("sha256-") && !tag.starts_with("sha512-"));
        Some((tags.cloned().collect(), *last))
    }

    /// The tags that may have been meant, the likeliest first. None resembles `latest`.
    pub fn near(&self) -> Vec<String> {
        let tags = self.listed().map(|(tags, _)| tags).unwrap_or_default();
        if self.tag == "latest" { Vec::new() } else { nearest(&self.tag, &tags) }
    }
}

/// The number of tags in a list, for a quote.
pub(super) fn counted(tags: &[String], complete: bool) -> String {
    match (tags.len(), complete) {
        (0, true) => "lists no tags".to_owned(),
        (1, true) => "lists 1 tag".to_owned(),
        (many, true) => format!("lists {many} tags"),
        (many, false) => format!("lists {many} tags, maybe more"),
    }
}

/// The tags that differ in few characters, ignoring letter case, and those that continue this one: `1.25.3` for `1.25`.
fn nearest(tag: &str, tags: &[String]) -> Vec<String> {
    let wanted = tag.to_ascii_lowercase();
    let near = NEAR.min(wanted.len().div_ceil(2));
    let mut close: Vec<_> = tags
        .iter()
        .filter_map(|other| {
            let lower = other.to_ascii_lowercase();
            let distance = strsim::osa_distance(&wanted, &lower);
            let goes_on = lower.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
            (distance <= near || goes_on).then_some((distance, other))
        })
        .collect();
    close.sort_by(|(one, first), (other, second)| one.cmp(other).then(second.cmp(first)));
    close.into_iter().take(MOST).map(|(_, other)| other.clone()).collect()
}

/// The same repository with another tag.
pub(super) fn at(case: &Case<'_>, tag: &str) -> Reference {
    case.reference().with_tag(tag).unwrap_or_else(|_| case.reference().clone())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_tags_differ_in_few_characters_or_continue_the_tag() {
        let tags = ["stable", "Stabel", "1.25.3", "1.25-alpine", "1.2", "2024-01-01", "edge"].map(str::to_owned);
        assert_eq!(nearest("stabel", &tags), ["Stabel", "stable"]);
        assert_eq!(nearest("1.25", &tags), ["1.2", "1.25.3", "1.25-alpine"]);
        assert_eq!(nearest("nonsense", &tags), Vec::<String>::new());
        assert_eq!(nearest("x", &tags), Vec::<String>::new());
    }
}
