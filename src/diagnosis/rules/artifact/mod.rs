//! Artifacts that are not images.

pub(crate) mod attestation_pulled_as_image;
pub(crate) mod buildkit_cache_pulled;
pub(crate) mod helm_chart_as_image;
pub(crate) mod layer_type_not_unpacked;
pub(crate) mod other_artifact;
pub(crate) mod referrers_api_absent;
pub(crate) mod sif_artifact;
pub(crate) mod signature_tag_pulled;
pub(crate) mod too_many_layers;
pub(crate) mod zstd_layer_old_engine;

#[cfg(test)]
mod tests;

use crate::diagnosis::Case;
use crate::diagnosis::content::{self, HELM, chosen, is_artifact};
use crate::evidence::ExchangeId;
use crate::image::{Manifest, Shape};
use crate::text::Untrusted;

/// The manifest that the asking client was served: neither an index nor schema 1.
fn manifest(case: &Case<'_>) -> Option<(ExchangeId, Manifest)> {
    case.document().filter(|(_, document)| document.shape() == Shape::Manifest)
}

/// The manifest that the asking client ends up with: the one that it was served, or that of the entry without a platform
/// that it takes of an index.
fn taken(case: &Case<'_>) -> Option<(ExchangeId, Manifest)> {
    let of_an_entry = || {
        let image = content::image(case)?;
        let entry = image.entry.filter(|entry| entry.platform.is_none());
        entry.map(|_| (image.shown, image.document))
    };
    manifest(case).or_else(of_an_entry)
}

/// The artifact that a client takes of an index because nothing in it is for the wanted platform, by the entry's own
/// account: the exchange with the index, and the type.
fn taken_entry(case: &Case<'_>) -> Option<(ExchangeId, Untrusted)> {
    let (id, observation) = case.served().filter(|(_, observation)| observation.is_index())?;
    let entries = observation.document.as_ref()?.manifests();
    let entry = chosen(&entries, &case.record().platform).filter(|entry| is_artifact(entry))?;
    Some((id, entry.artifact_type.clone()?))
}

/// Whether the manifest has layers, all of this type.
fn consists_of(document: &Manifest, kind: &str) -> bool {
    let layers = document.layers();
    !layers.is_empty() && layers.iter().all(|layer| layer.media_type.as_str() == kind)
}

/// What it is attached to, for a sentence.
fn attached_to(document: &Manifest) -> String {
    document.subject().map(|digest| format!(" It is attached to {}.", digest.named_within(140))).unwrap_or_default()
}
