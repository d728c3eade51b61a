//! Where Docker Hub sends its clients for blobs: production.cloudflare.docker.com, by an address with a time and a
//! signature in it (client logs and fixtures of 2023).

use super::super::ranges::part_of;
use crate::lab::host::{Dialect, Host, Visit, Wanted};
use crate::lab::wire::Answer;
use crate::oci::{Algorithm, Digest};

/// See the module.
pub(crate) struct Cdn;

/// The one that there is.
pub(crate) static CDN: Cdn = Cdn;

impl Dialect for Cdn {
    /// What it says to those without a signature, or about what is not there, is not known.
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if visit.request.parameter("verify").is_none() {
            return Answer::new(403);
        }
        let digest = visit.request.path.split('/').rev().nth(1).map(|hex| format!("sha256:{hex}")).unwrap_or_default();
        let mut repositories =
            visit.other_host().into_iter().flat_map(|registry| registry.store().repositories.values());
        match repositories.find_map(|repository| repository.blobs.get(&digest)) {
            // That it gives parts is inferred: Docker takes up a broken download where it broke.
            Some(blob) => part_of(Answer::with_body(200, "application/octet-stream", blob.clone()), visit.request),
            None => Answer::new(404),
        }
    }

    /// Behind the time stands what looks like a signature; the same blob has the same one.
    fn signed_address(&self, host: &Host, wanted: &Wanted<'_>) -> Option<String> {
        let (algorithm, hex) = wanted.digest.split_once(':')?;
        let signature = Digest::of(Algorithm::Sha256, wanted.digest.as_bytes()).hex().get(..27)?.to_owned();
        let path = format!("/registry-v2/docker/registry/v2/blobs/{algorithm}/{}/{hex}/data", hex.get(..2)?);
        Some(format!("{}{path}?verify={}-{signature}%3D", host.origin(), wanted.at))
    }
}
