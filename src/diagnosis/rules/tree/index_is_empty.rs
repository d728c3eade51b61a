use super::entries;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Shape;

rule! {
    /// The index lists nothing.
    ///
    /// ## What it means
    /// The tag is an index or list without a single entry, so there is no image to pull, for whatever platform. A
    /// script that makes lists was likely given nothing to put in.
    ///
    /// ## How it is recognised
    /// An index was served, and its `manifests` is an empty list, or there is none, which is how Go writes one.
    ///
    /// ## What to do
    /// Publish the tag again, with images.
    ///
    /// ## References
    /// image-spec, image index
    "index-is-empty" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = entries(case).filter(|(_, entries)| entries.is_empty())?;
    let (_, document) = case.document()?;
    // What calls itself an index and has layers is something else than an empty one.
    if !matches!(document.shape(), Shape::Index | Shape::Unknown) {
        return None;
    }
    let finding = Finding::error(ExitStatus::Content, "it is an index that lists nothing", id, "manifests: no entries")
        .cause("The index has no entries, so there is no image for any platform.")
        .fix("Publish the tag again, with images.");
    Some(finding)
}
