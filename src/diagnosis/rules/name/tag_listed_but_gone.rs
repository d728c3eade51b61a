use super::tag::{Reading, missing_tag};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The tag is listed, and there is nothing under it.
    ///
    /// ## What it means
    /// A tag is a pointer. The list shows the pointers, and the manifest that this one points to is gone: it was
    /// deleted by its digest, or by a clean-up of the storage that left the tag behind. A list can also be out of date
    /// for a while after a tag was deleted.
    ///
    /// ## How it is recognised
    /// The tag is in the list of tags, and the registry answers 404 for it to every `Accept` header, also to a client
    /// that accepts all current types.
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
        format!("the tag {tag} is listed, and there is nothing under it"),
        missing.id,
        case.words(missing.id),
    )
    .because(list, format!("has {tag}"))
    .cause(
        "The list of tags has it, and the manifest that it points to is not there for any client. It was deleted by its \
         digest or by a clean-up that left the tag behind, or the list is out of date.",
    )
    .fix("Push the tag again, or delete it.");
    Some(finding)
}
