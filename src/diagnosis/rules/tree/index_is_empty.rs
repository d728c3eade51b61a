use super::entries;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Shape;

rule! {
    /// Index has no entries
    ///
    /// ## What it means
    /// The tag is an index or list without entries, so there is no image to pull, for any platform. Most likely a
    /// script that creates lists got no input.
    ///
    /// ## How it is recognised
    /// An index was served, and its `manifests` is an empty list, or null, which is how Go writes one.
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
    // A document that calls itself an index and has layers is not an empty index.
    if !matches!(document.shape(), Shape::Index | Shape::Unknown) {
        return None;
    }
    let finding = Finding::error(ExitStatus::Content, "the index has no entries", id, "manifests: no entries")
        .cause("The index has no entries, so there is no image for any platform.")
        .fix("Publish the tag again, with images.");
    Some(finding)
}
