//! Image configs, and digests of blobs that were requested as manifests.

mod config_blob_missing;
mod config_is_not_an_image_config;
mod config_lacks_platform;
mod config_only_as_blob;
mod config_platform_differs_from_index;
mod digest_is_a_layer;
mod digest_is_image_id;

#[cfg(test)]
mod tests;

use crate::diagnosis::{Case, Rule};
use crate::evidence::{Exchange, ExchangeId, Query};
use crate::image::{ImageConfig, Magic, magic};
use crate::oci::Digest;

/// The rules, in the order in which causes are looked for.
pub(crate) const RULES: &[Rule] = &[
    digest_is_image_id::RULE,
    digest_is_a_layer::RULE,
    config_blob_missing::RULE,
    config_is_not_an_image_config::RULE,
    config_platform_differs_from_index::RULE,
    config_lacks_platform::RULE,
    config_only_as_blob::RULE,
];

/// The maximum size of a config, in bytes; most layers are larger.
const MAX_CONFIG: u64 = 4 << 20;

/// A digest that was requested as a manifest and served to no client, with its refusal: CNCF distribution 2.8 and old
/// versions of Docker Hub answer 500 for the digest of a blob, other registries 404.
pub(crate) fn missing_digest<'a>(case: &Case<'a>) -> Option<(&'a Digest, ExchangeId, u16)> {
    let digest = case.reference().digest()?;
    let (id, response) = case.refusal().filter(|(_, response)| matches!(response.status, 404 | 410 | 500))?;
    case.all_served().is_empty().then_some((digest, id, response.status))
}

/// The kind of a blob that was requested as a manifest, with the exchange that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A layer, by its first bytes.
    Layer(ExchangeId, Magic),
    /// The config of an image, read.
    Config(ExchangeId),
    /// Something else, read.
    Other(ExchangeId),
    /// Too long for a config; the bytes were not read.
    Long,
    /// Nothing is known except that the blob exists.
    Unseen,
}

/// The kind of the blob that answered `exists`, by its first bytes and, if those can begin a config, by all of them. A
/// probe reads neither and judges by the length.
fn kind(case: &Case<'_>, digest: &Digest, exists: ExchangeId) -> Kind {
    let by_length = || {
        let response = case.journal().get(exists).response.as_ref().filter(|response| response.status == 200);
        let length = response.and_then(|response| response.header("content-length")?.as_str().trim().parse().ok());
        if length.is_some_and(|length: u64| length > MAX_CONFIG) { Kind::Long } else { Kind::Unseen }
    };
    let Some((id, bytes)) = case.ask(Query::Layer(digest.clone())).and_then(body) else { return by_length() };
    match magic(&bytes) {
        found @ (Magic::Gzip | Magic::Zstd | Magic::Tar | Magic::Bzip2 | Magic::Xz) => Kind::Layer(id, found),
        Magic::Json => match case.ask(Query::Config(digest.clone())).and_then(body) {
            Some((id, bytes)) if ImageConfig::read(&bytes).is_some_and(|config| config.has_root_file_system()) => {
                Kind::Config(id)
            }
            Some((id, bytes)) if digest.matches(&bytes) => Kind::Other(id),
            _ => by_length(),
        },
        _ => by_length(),
    }
}

/// The body of a successful answer.
fn body((id, exchange): (ExchangeId, &Exchange)) -> Option<(ExchangeId, bytes::Bytes)> {
    let response = exchange.response.as_ref().filter(|_| exchange.is_success())?;
    Some((id, response.body.bytes.clone()))
}
