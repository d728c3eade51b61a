use super::tag::{Reading, missing_tag};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Tag is listed, but its manifest is missing
    ///
    /// ## What it means
    /// A tag is a pointer. The tag list shows the pointers, but the manifest that this one points to is missing: it was
    /// deleted by its digest, or by a storage cleanup that left the tag in place. A list can also be out of date for a
    /// while after a tag was deleted.
    ///
    /// ## How it is recognised
    /// The tag list has the tag, and the registry answers 404 for it to every `Accept` header, including that of a
    /// client that accepts all current types.
    ///
    /// ## What to do
    /// Push the tag again, or delete it.
    ///
    /// ## References
    /// distribution/distribution#1755; distribution/distribution#1848; estesp/manifest-tool#98
    "tag-listed-but-gone" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case).filter(|missing| matches!(missing.reading, Reading::Listed))?;
    let (_, list) = missing.listed()?;
    let tag = &missing.tag;
    let finding = Finding::error(
        ExitStatus::NotFound,
        format!("tag {tag} is listed, but its manifest is missing"),
        missing.id,
        case.words(missing.id),
    )
    .because(list, format!("lists {tag}"))
    .cause(
        "The tag list has the tag, but no client gets the manifest that it points to. The manifest was deleted by its \
         digest or by a cleanup that left the tag in place, or the list is out of date.",
    )
    .fix("Push the tag again, or delete it.");
    Some(finding)
}
