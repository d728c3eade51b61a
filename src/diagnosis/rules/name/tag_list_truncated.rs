use super::tag::{Reading, missing_tag};
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::TagList;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Tag list is incomplete
    ///
    /// ## What it means
    /// Registries return long tag lists in pages, and some end a list without announcing the next page. A client that
    /// reads only the first page takes the tags on later pages for missing. Here it means that the tag may be listed
    /// further on.
    ///
    /// ## How it is recognised
    /// The last page that was fetched names a next one in a `Link` header or could not be fetched completely, or the
    /// list ends at exactly a number at which registries end pages: 50, 100, 1000.
    ///
    /// ## What to do
    /// Follow the `Link` header to the end. The tag itself can always be requested directly.
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
        Some(link) => (link.as_str().to_owned(), "and the last page names a next one"),
        None => (format!("lists {} tags", tags.len()), "a number at which registries end pages"),
    };
    let title = if link.is_some() { "tag list continues" } else { "tag list may continue" };
    let finding = Finding::warning(title, *last, quote)
        .cause(format!(
            "ociscope read {} tags, {reading}. The tag may be listed further on, but a direct request for it found \
             nothing either.",
            tags.len()
        ))
        .fix("In tools that compare tag lists, follow the Link header to the end.");
    Some(if link.is_some() { finding } else { finding.likely() })
}
