//! Indexes and platforms.

pub(crate) mod index_is_empty;
pub(crate) mod nested_index;
pub(crate) mod platform_not_in_index;

#[cfg(test)]
mod tests;

use crate::diagnosis::Case;
use crate::evidence::{Descriptor, ExchangeId, ListedPlatform};
use crate::oci::Platform;

/// The entries of the index that the asking client was served.
fn entries(case: &Case<'_>) -> Option<(ExchangeId, Vec<Descriptor>)> {
    let (id, observation) = case.served()?;
    let document = observation.document.as_ref().filter(|_| observation.is_index() && !observation.is_schema1())?;
    Some((id, document.manifests()))
}

/// Whether an entry is for running: attestations are not, and name a platform that is none.
pub(crate) fn is_for_running(entry: &Descriptor) -> bool {
    let unknown =
        entry.platform.as_ref().is_some_and(|platform| platform.text().as_str().starts_with("unknown/unknown"));
    !entry.attestation && !unknown
}

/// Whether a client for the wanted platform would take this one: the same, or an earlier variant of the same
/// architecture (v7 runs v6, as containerd has it).
pub(crate) fn serves(offered: &ListedPlatform, wanted: &Platform) -> bool {
    let any_variant = Platform { variant: None, ..wanted.clone() };
    let number = |variant: &str| variant.trim_start_matches('v').parse::<u32>().ok();
    let offered_variant = offered.text().as_str().splitn(3, '/').nth(2).and_then(number);
    let earlier = wanted.variant.as_deref().and_then(number).zip(offered_variant);
    offered.is(wanted) || (offered.is(&any_variant) && earlier.is_some_and(|(wanted, offered)| offered < wanted))
}
