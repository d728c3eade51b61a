use super::entries;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};
use crate::oci::media_type::{essence, is_index};
use crate::text::Untrusted;

rule! {
    /// Index contains another index
    ///
    /// ## What it means
    /// The specification allows it. Many clients look only one level deep, and report that there is no image for the
    /// platform, or that nothing has changed.
    ///
    /// ## How it is recognised
    /// An entry of the served index has the type of an index or list.
    ///
    /// ## What to do
    /// Publish one index of images. Clients of your own should descend into nested indexes, to a bounded depth.
    ///
    /// ## References
    /// image-spec, image index; CodesWhat/drydock#814
    "nested-index" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, entries) = entries(case)?;
    let inner: Vec<_> = entries.iter().filter(|entry| is_index(&essence(entry.media_type.as_str()))).collect();
    let first = inner.first()?;
    let digest = first.digest.named_within(140);
    let all = if inner.len() == entries.len() { "All of its entries are" } else { "Some of its entries are" };
    let finding = Finding::warning("the index contains other indexes", id, Untrusted::new(digest.clone()))
        .cause(format!("{all} indexes themselves, and many clients look only one level deep."))
        .fix_with("Show the first of them:", words!["ociscope", "probe", image(case, first.digest.as_str())])
        .fix("Publish one index of images.");
    Some(finding)
}

/// The same repository at another digest, or the reference itself if that is not a valid digest.
fn image(case: &Case<'_>, digest: &str) -> Word {
    let reference = case.reference();
    digest.parse().map_or_else(|_| Word::input(reference), |digest| Word::from(&reference.with_digest(digest)))
}
