//! Indexes and platforms.

mod attestation_child;
mod dangling_index_child;
mod index_digest_vs_image_digest;
mod index_entry_is_not_a_manifest;
mod index_is_empty;
mod nested_index;
mod platform_not_in_index;
mod single_arch_image_wrong_arch;
mod windows_os_version;

#[cfg(test)]
mod tests;

use crate::diagnosis::content::is_for_running;
use crate::diagnosis::{Case, Rule};
use crate::evidence::{ExchangeId, Observation, Query};
use crate::image::Descriptor;

/// The rules, in the order in which causes are examined.
pub(crate) const RULES: &[Rule] = &[
    dangling_index_child::RULE,
    windows_os_version::RULE,
    index_entry_is_not_a_manifest::RULE,
    platform_not_in_index::RULE,
    index_is_empty::RULE,
    nested_index::RULE,
    index_digest_vs_image_digest::RULE,
    single_arch_image_wrong_arch::RULE,
    attestation_child::RULE,
];

/// The entries of the index that the client was served.
fn entries(case: &Case<'_>) -> Option<(ExchangeId, Vec<Descriptor>)> {
    let (id, observation) = case.served()?;
    let document = observation.document.as_ref().filter(|_| observation.is_index() && !observation.is_schema1())?;
    Some((id, document.manifests()))
}

/// The index that the tag now points to, and its entry that the reference pins.
struct Pinned {
    shown: ExchangeId,
    index: Observation,
    entry: Descriptor,
}

/// The entry that the reference pins, if it has a tag and a digest and the tag is an index that lists it.
fn pinned_child(case: &Case<'_>) -> Option<Pinned> {
    let reference = case.reference();
    let (digest, tag) = (reference.digest()?, reference.tag()?);
    let (_, observation) = case.served().filter(|(_, observation)| !observation.is_index())?;
    observation.document.as_ref()?;
    let (shown, _) = case.ask(Query::Elsewhere(reference.with_tag(tag).ok()?))?;
    let index = case.journal().observation(shown).filter(|observation| observation.is_index())?;
    let entries = index.document.as_ref()?.manifests();
    let entry = entries.into_iter().find(|entry| entry.digest.as_str() == digest.to_string())?;
    is_for_running(&entry).then_some(Pinned { shown, index: index.clone(), entry })
}
