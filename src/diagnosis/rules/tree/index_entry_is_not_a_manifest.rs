use super::entries;
use crate::diagnosis::content::{chosen, is_build_cache, names_a_blob, serves};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::image::{Descriptor, ListedPlatform};
use crate::oci::media_type::{essence, is_manifest};

rule! {
    /// Index entry for the wanted platform is not a manifest
    ///
    /// ## What it means
    /// An index lists manifests. Here the entry that a client selects has the type of a config, a layer or something
    /// else, so the client cannot continue. containerd stops with `unexpected media type`; other clients request the
    /// digest as a manifest, which the registry does not have, or cannot read the response.
    ///
    /// ## How it is recognised
    /// The first entry for the wanted platform, or the one without a platform that a client selects instead, has a
    /// media type that is neither that of a manifest nor that of an index. A missing type is `descriptor-malformed`,
    /// and a list of cache layers `buildkit-cache-pulled`.
    ///
    /// ## What to do
    /// Publish the index again with the manifests of its images, for example with `docker buildx imagetools create`.
    ///
    /// ## References
    /// image-spec, image index; containerd, core/images/image.go
    "index-entry-is-not-a-manifest" in Tree, instead_of: ["platform-not-in-index"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, entry) = not_a_manifest(case)?;
    let kind = entry.media_type.named_within(100);
    let wanted = &case.record().platform;
    let others = if names_a_blob(&entry) {
        "This is the type of a blob: other clients request the digest as a manifest, and the registry has none under \
         it."
    } else {
        "Other clients rely on the registry's response for the digest."
    };
    Some(
        Finding::error(
            ExitStatus::Content,
            format!("its entry for {wanted} is not a manifest"),
            id,
            format!("{kind} {}", entry.digest.named_within(140)),
        )
        .cause(format!(
            "The entry that a client for {wanted} selects has the type {kind}. containerd, and with it Kubernetes, \
             rejects it (unexpected media type). {others}"
        ))
        .fix("Publish the index again with the manifests of its images."),
    )
}

/// The entry that a client for the wanted platform selects, if its type is not that of a manifest, and the exchange
/// with the index.
fn not_a_manifest(case: &Case<'_>) -> Option<(ExchangeId, Descriptor)> {
    let (id, entries) = entries(case)?;
    if entries.iter().any(is_build_cache) {
        return None;
    }
    let wanted = &case.record().platform;
    let is = |entry: &&Descriptor, fits: &dyn Fn(&ListedPlatform) -> bool| {
        !entry.attestation && entry.platform.as_ref().is_some_and(fits)
    };
    let exact = || entries.iter().find(|entry| is(entry, &|platform| platform.is(wanted)));
    let earlier = || entries.iter().find(|entry| is(entry, &|platform| serves(platform, wanted)));
    let entry = exact().or_else(earlier).or_else(|| chosen(&entries, wanted))?;
    let kind = essence(entry.media_type.as_str());
    (!kind.is_empty() && !is_manifest(&kind)).then(|| (id, entry.clone()))
}
