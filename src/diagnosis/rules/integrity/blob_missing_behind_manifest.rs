use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::delivery::{Obstacle, is_by_registry, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};

rule! {
    /// The manifest is there, and layers that it names are not.
    ///
    /// ## What it means
    /// The pull begins, and stops at a layer: `unknown blob`, or `Retrying` without end. A push that broke off, a
    /// clean-up that ran while something was pushed, or a storage that was lost in part leaves an image like that.
    /// Machines that still have the layer notice nothing.
    ///
    /// ## How it is recognised
    /// The registry answers 404 to a layer that the manifest names, or its storage does after a redirect. Layers that
    /// are meant to be elsewhere (`foreign-layer`) do not count. Where only the configuration is missing, that is
    /// `config-blob-missing`.
    ///
    /// ## What to do
    /// Push the image again. After a garbage collection, restart the registry first: CNCF distribution may still
    /// remember the blobs, and then does not take them.
    ///
    /// ## References
    /// distribution-spec, pulling blobs; distribution/distribution#3800; distribution/distribution#2094
    "blob-missing-behind-manifest" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut gone = obstructed(case);
    gone.retain(|one| matches!(one.obstacle, Obstacle::Gone(_)));
    let first = gone.iter().find(|one| !one.is_config)?;
    let manifest = content::image(case)?.shown;
    let digest = first.part.descriptor.digest.named_within(140);
    let what = named(case, &gone);
    let who = if first.part.went_elsewhere() {
        "the registry redirects to a storage that does not have"
    } else {
        "the registry does not have"
    };
    let finding =
        Finding::error(ExitStatus::Integrity, "layers of it are gone", first.shown, refusal_words(case, first.shown))
            .because(manifest, format!("layer: {digest}"))
            .cause(format!("The manifest is there, and {who} {what}. The pull stops at the first that is missing."))
            .fix("Push the image again. After a garbage collection, restart the registry before that.");
    let finding = with_cache_remark(case, first.shown, finding);
    Some(if is_by_registry(first) { finding } else { finding.likely() })
}
