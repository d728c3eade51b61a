//! Configurations and other blobs that were asked for as manifests.

pub(crate) mod config_only_as_blob;
pub(crate) mod digest_is_image_id;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, Question};
use crate::evidence::{Exchange, ExchangeId};
use crate::oci::Digest;

/// A digest that was asked for as a manifest and is served to nobody, and the refusal of it: CNCF distribution 2.8 and
/// old versions of Docker Hub answer 500 for the digest of a blob, others 404.
pub(crate) fn missing_digest<'a>(case: &Case<'a>) -> Option<(&'a Digest, ExchangeId, u16)> {
    let digest = case.reference().digest()?;
    let (id, response) = case.refusal().filter(|(_, response)| matches!(response.status, 404 | 410 | 500))?;
    case.all_served().is_empty().then_some((digest, id, response.status))
}

/// Whether a digest is that of a blob in the repository, and the exchange that shows it. `None` where it was not asked
/// yet, or the answer leaves it open.
pub(crate) fn is_blob(case: &Case<'_>, digest: &Digest) -> Option<(ExchangeId, bool)> {
    let (id, Exchange { response, failure: None, .. }) = case.ask(Question::Blob(digest.clone()))? else { return None };
    match response.as_ref()?.status {
        200..=399 => Some((id, true)),
        404 | 410 => Some((id, false)),
        _ => None,
    }
}
