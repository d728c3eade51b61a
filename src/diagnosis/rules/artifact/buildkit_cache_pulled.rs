use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::image::Manifest;
use crate::text::Untrusted;

rule! {
    /// Reference points to a build cache, not an image
    ///
    /// ## What it means
    /// BuildKit can keep its cache in a registry, under a tag such as `cache` or `buildcache` next to the image's own.
    /// The cache has layers like an image, in a manifest or in an index, but nothing that says how to run them.
    ///
    /// ## How it is recognised
    /// The config of the manifest, or an entry of the index, has the type `application/vnd.buildkit.cacheconfig.v0`.
    ///
    /// ## What to do
    /// Pull the tag of the image. The cache is for builders: `docker buildx build --cache-from type=registry,ref=…`.
    ///
    /// ## References
    /// moby/buildkit README, "Export cache"; searlsco/posse_party#27
    "buildkit-cache-pulled" in Artifact
}

/// The prefix of the cache config's type.
const CACHE: &str = "application/vnd.buildkit.cacheconfig.";

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = case.document()?;
    let kind = cache(&document)?.named_within(100);
    let finding = Finding::error(ExitStatus::Content, "reference points to a build cache, not an image", id, kind)
        .cause("BuildKit keeps this cache for the next build; it has layers, but nothing that says how to run them.")
        .fix("Pull the tag of the image. Builders use this one with --cache-from.");
    Some(finding)
}

/// The type that marks a document as a build cache.
pub(super) fn cache(document: &Manifest) -> Option<Untrusted> {
    let entries = document.config().into_iter().chain(document.manifests());
    entries.map(|entry| entry.media_type).find(|kind| kind.as_str().starts_with(CACHE))
}
