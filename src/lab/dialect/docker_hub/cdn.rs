//! Docker Hub's host for blobs, production.cloudflare.docker.com, with a time and a signature in its URLs (client logs
//! and fixtures of 2023).

use super::super::ranges::part_of;
use crate::lab::host::{Dialect, Host, Visit, Wanted};
use crate::lab::wire::Answer;
use crate::oci::{Algorithm, Digest};

/// See the module.
pub(crate) struct Cdn;

/// The only instance.
pub(crate) static CDN: Cdn = Cdn;

impl Dialect for Cdn {
    /// Serves a blob. The real answers to a missing signature and for a missing blob are not known.
    fn answer(&self, visit: &Visit<'_>) -> Answer {
        if visit.request.parameter("verify").is_none() {
            return Answer::new(403);
        }
        let digest = visit.request.path.split('/').rev().nth(1).map(|hex| format!("sha256:{hex}")).unwrap_or_default();
        let mut repositories =
            visit.other_host().into_iter().flat_map(|registry| registry.store().repositories.values());
        match repositories.find_map(|repository| repository.blobs.get(&digest)) {
            // Support for ranges is inferred: Docker resumes a broken download.
            Some(blob) => part_of(Answer::with_body(200, "application/octet-stream", blob.clone()), visit.request),
            None => Answer::new(404),
        }
    }

    /// The URL of a blob: the time, followed by a placeholder for the signature, which is the same for the same blob.
    fn signed_address(&self, host: &Host, wanted: &Wanted<'_>) -> Option<String> {
        let (algorithm, hex) = wanted.digest.split_once(':')?;
        let signature = Digest::of(Algorithm::Sha256, wanted.digest.as_bytes()).hex().get(..27)?.to_owned();
        let path = format!("/registry-v2/docker/registry/v2/blobs/{algorithm}/{}/{hex}/data", hex.get(..2)?);
        Some(format!("{}{path}?verify={}-{signature}%3D", host.origin(), wanted.at))
    }
}
