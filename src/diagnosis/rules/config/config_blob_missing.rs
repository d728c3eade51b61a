use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::delivery::{Obstacle, is_by_registry, obstructed, refusal_words};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};

rule! {
    /// The configuration of the image is not there.
    ///
    /// ## What it means
    /// The manifest is served, and names a configuration that the registry does not have. Every pull stops before its
    /// first layer: `error pulling image configuration`. A push that broke off, or a clean-up that ran while something
    /// was pushed, leaves it like that.
    ///
    /// ## How it is recognised
    /// The registry answers 404 to the blob that the manifest names as its configuration, and has the layers. Where it
    /// redirects, and its storage does not have the blob, that counts as well. Where layers are missing too, that is
    /// `blob-missing-behind-manifest`.
    ///
    /// ## What to do
    /// Push the image again. After a garbage collection, restart the registry first: CNCF distribution may still
    /// remember the blob, and then does not take it.
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
    let who = if config.part.went_elsewhere() { "the storage behind the registry" } else { "the registry" };
    let title = "its configuration is gone";
    let finding = Finding::error(ExitStatus::Integrity, title, config.shown, refusal_words(case, config.shown))
        .because(manifest, format!("config: {digest}"))
        .cause(format!(
            "The manifest is there, and {who} does not have the configuration that it names. Every pull stops before the \
             first layer."
        ))
        .fix("Push the image again. After a garbage collection, restart the registry before that.");
    let finding = with_cache_remark(case, config.shown, finding);
    Some(if is_by_registry(config) { finding } else { finding.likely() })
}
