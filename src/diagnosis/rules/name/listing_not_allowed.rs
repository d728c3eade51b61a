use super::tag::missing_tag;
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::TagList;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The registry does not give its list of tags.
    ///
    /// ## What it means
    /// Pulling and listing are two permissions, and some registries have no list at all. For pulling nothing is needed.
    /// It only means that the list cannot tell whether the tag or the whole repository is missing.
    ///
    /// ## How it is recognised
    /// A tag was not found, and `tags/list` of the same repository was refused.
    ///
    /// ## What to do
    /// Nothing for a pull. To have tags suggested, ask as somebody who may list them.
    ///
    /// ## References
    /// distribution-spec, listing tags; helm/helm#10557
    "listing-not-allowed" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case)?;
    let Some(TagList::Refused(id, _)) = missing.list else { return None };
    let finding = Finding::info("the registry does not give its list of tags", id, case.words(id)).cause(
        "So it cannot be seen whether only the tag is missing or the whole repository, nor which tags there are.",
    );
    Some(finding)
}
