//! Artifacts that are not images.

mod attestation_pulled_as_image;
mod buildkit_cache_pulled;
mod helm_chart_as_image;
mod layer_type_not_unpacked;
mod other_artifact;
mod referrers_api_absent;
mod sif_artifact;
mod signature_tag_pulled;
mod too_many_layers;
mod zstd_layer_old_engine;

#[cfg(test)]
mod tests;

use crate::diagnosis::content::{self, HELM, chosen, is_artifact};
use crate::diagnosis::{Case, Rule};
use crate::evidence::ExchangeId;
use crate::image::{Manifest, Shape};
use crate::text::Untrusted;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    helm_chart_as_image::RULE,
    sif_artifact::RULE,
    buildkit_cache_pulled::RULE,
    signature_tag_pulled::RULE,
    attestation_pulled_as_image::RULE,
    other_artifact::RULE,
    layer_type_not_unpacked::RULE,
    referrers_api_absent::RULE,
    too_many_layers::RULE,
    zstd_layer_old_engine::RULE,
];

/// The manifest that the asking client was served: neither an index nor schema 1.
fn manifest(case: &Case<'_>) -> Option<(ExchangeId, Manifest)> {
    case.document().filter(|(_, document)| document.shape() == Shape::Manifest)
}

/// The manifest that the asking client ends up with: the one that it was served, or that of the entry without a
/// platform that it takes from an index.
fn taken(case: &Case<'_>) -> Option<(ExchangeId, Manifest)> {
    let of_an_entry = || {
        let image = content::image(case)?;
        let entry = image.entry.filter(|entry| entry.platform.is_none());
        entry.map(|_| (image.shown, image.document))
    };
    manifest(case).or_else(of_an_entry)
}

/// The artifact that a client takes from an index because no entry matches the requested platform, as the entry
/// describes itself: the exchange with the index, and the type.
fn taken_entry(case: &Case<'_>) -> Option<(ExchangeId, Untrusted)> {
    let (id, observation) = case.served().filter(|(_, observation)| observation.is_index())?;
    let entries = observation.document.as_ref()?.manifests();
    let entry = chosen(&entries, &case.record().platform).filter(|entry| is_artifact(entry))?;
    Some((id, entry.artifact_type.clone()?))
}

/// Returns `true` if the manifest has layers, all of this type.
fn consists_of(document: &Manifest, kind: &str) -> bool {
    let layers = document.layers();
    !layers.is_empty() && layers.iter().all(|layer| layer.media_type.as_str() == kind)
}

/// A sentence that names the subject of a manifest, or nothing without one.
fn subject_of(document: &Manifest) -> String {
    document.subject().map(|digest| format!(" Its subject is {}.", digest.named_within(140))).unwrap_or_default()
}
