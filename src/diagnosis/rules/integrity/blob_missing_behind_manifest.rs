use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::delivery::{Obstacle, is_by_registry, named, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};

rule! {
    /// Layers that the manifest names are missing
    ///
    /// ## What it means
    /// The pull starts, and stops at a layer: `unknown blob`, or `Retrying` without end. An interrupted push, a cleanup
    /// that ran during a push, or partly lost storage leaves an image in this state. Machines that still have the
    /// layer are not affected.
    ///
    /// ## How it is recognised
    /// The registry, or its storage after a redirect, answers 404 for a layer that the manifest names. Layers that are
    /// meant to be elsewhere (`foreign-layer`) do not count. If only the config is missing, the rule is
    /// `config-blob-missing`.
    ///
    /// ## What to do
    /// Push the image again. After a garbage collection, restart the registry first: CNCF distribution may still
    /// remember the blobs and then does not accept them.
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
        "the registry redirects to storage that does not have"
    } else {
        "the registry does not have"
    };
    let finding =
        Finding::error(ExitStatus::Integrity, "layers are missing", first.shown, refusal_words(case, first.shown))
            .because(manifest, format!("names the layer {digest}"))
            .cause(format!("The manifest exists, but {who} {what}. The pull stops at the first one that is missing."))
            .fix("Push the image again. After a garbage collection, restart the registry first.");
    let finding = with_cache_remark(case, first.shown, finding);
    Some(if is_by_registry(first) { finding } else { finding.likely() })
}
