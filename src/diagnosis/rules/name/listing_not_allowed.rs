use super::tag::missing_tag;
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::TagList;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Registry does not return its tag list
    ///
    /// ## What it means
    /// Pulling and listing are two permissions, and some registries have no tag list at all. A pull does not need it.
    /// Without it, ociscope cannot tell whether the tag or the whole repository is missing.
    ///
    /// ## How it is recognised
    /// The tag was not found, and the registry refused `tags/list` of the same repository.
    ///
    /// ## What to do
    /// Nothing for a pull. To get tags suggested, log in as a user who may list them.
    ///
    /// ## References
    /// distribution-spec, listing tags; helm/helm#10557
    "listing-not-allowed" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let missing = missing_tag(case)?;
    let Some(TagList::Refused(id, _)) = missing.list else { return None };
    let finding = Finding::info("registry does not return its tag list", id, case.words(id)).cause(
        "Without the list, ociscope cannot tell whether the tag or the whole repository is missing, nor which tags \
         exist.",
    );
    Some(finding)
}
