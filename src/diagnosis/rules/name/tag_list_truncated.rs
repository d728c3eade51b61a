use super::tag::{Reading, missing_tag};
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::TagList;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The list of tags is not all of it.
    ///
    /// ## What it means
    /// Registries give long lists in pages, and some end a list without saying that it goes on. Whoever reads the first
    /// page only takes for missing what is on the next. Here it means that the tag may be listed further on.
    ///
    /// ## How it is recognised
    /// The last page that was fetched names a next one in a `Link` header or could not be fetched in full, or the list
    /// ends at exactly a number at which registries end pages: 50, 100, 1000.
    ///
    /// ## What to do
    /// Follow the `Link` header to the end. The tag itself can always be asked for directly.
    ///
    /// ## References
    /// distribution-spec, listing tags; deitch/docker_registry2#56; gadievron/raptor#495
    "tag-list-truncated" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case).filter(|missing| !matches!(missing.reading, Reading::Listed))?;
    let Some(TagList::Served { tags, complete: false, last, .. }) = &missing.list else { return None };
    let link = case.journal().get(*last).response.as_ref().and_then(|response| response.header("link"));
    let (quote, reading) = match link {
        Some(link) => (link.as_str().to_owned(), "and the last page that was fetched names a next one"),
        None => (format!("{} tags", tags.len()), "and it ends where registries end pages"),
    };
    let title = if link.is_some() { "the list of tags goes on" } else { "the list of tags may go on" };
    let finding = Finding::warning(title, *last, quote)
        .cause(format!(
            "{} tags were read, {reading}. The tag may be listed further on. It was also asked for itself, and is \
             not there.",
            tags.len()
        ))
        .fix("What compares lists of tags has to follow the Link header to the end.");
    Some(if link.is_some() { finding } else { finding.likely() })
}
