//! Indexes and platforms.

pub(crate) mod attestation_child;
pub(crate) mod dangling_index_child;
pub(crate) mod index_digest_vs_image_digest;
pub(crate) mod index_entry_is_not_a_manifest;
pub(crate) mod index_is_empty;
pub(crate) mod nested_index;
pub(crate) mod platform_not_in_index;
pub(crate) mod single_arch_image_wrong_arch;
pub(crate) mod windows_os_version;

#[cfg(test)]
mod tests;

use crate::diagnosis::Case;
use crate::evidence::ExchangeId;
use crate::image::Descriptor;

/// The entries of the index that the asking client was served.
fn entries(case: &Case<'_>) -> Option<(ExchangeId, Vec<Descriptor>)> {
    let (id, observation) = case.served()?;
    let document = observation.document.as_ref().filter(|_| observation.is_index() && !observation.is_schema1())?;
    Some((id, document.manifests()))
}
