use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::delivery::{Obstacle, is_by_registry, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};

rule! {
    /// Config blob of the image is missing
    ///
    /// ## What it means
    /// The registry serves the manifest, but does not have the config that it names. Every pull stops before its first
    /// layer: `error pulling image configuration`. An interrupted push, or a cleanup that ran during a push, leaves an
    /// image in this state.
    ///
    /// ## How it is recognised
    /// The registry answers 404 for the blob that the manifest names as its config, and has the layers. A redirect to
    /// storage that does not have the blob counts as well. If layers are missing too, the rule is
    /// `blob-missing-behind-manifest`.
    ///
    /// ## What to do
    /// Push the image again. After a garbage collection, restart the registry first: CNCF distribution may still
    /// remember the blob and then does not accept it.
    ///
    /// ## References
    /// distribution-spec, pulling blobs; distribution/distribution#3800; distribution/distribution#1655
    "config-blob-missing" in Config
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut gone = obstructed(case);
    gone.retain(|one| matches!(one.obstacle, Obstacle::Gone(_)));
    let [config] = &gone[..] else { return None };
    if !config.is_config {
        return None;
    }
    let manifest = content::image(case)?.shown;
    let digest = config.part.descriptor.digest.named_within(140);
    let who = if config.part.went_elsewhere() { "the registry's storage" } else { "the registry" };
    let title = "config blob is missing";
    let finding = Finding::error(ExitStatus::Integrity, title, config.shown, refusal_words(case, config.shown))
        .because(manifest, format!("names the config {digest}"))
        .cause(format!(
            "The manifest exists, but {who} does not have the config that it names. Every pull stops before the first \
             layer."
        ))
        .fix("Push the image again. After a garbage collection, restart the registry first.");
    let finding = with_cache_remark(case, config.shown, finding);
    Some(if is_by_registry(config) { finding } else { finding.likely() })
}
