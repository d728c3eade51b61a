//! The tags under which cosign stores signatures, attestations and SBOMs of an image (sigstore/cosign
//! specs/SIGNATURE_SPEC.md, specs/ATTESTATION_SPEC.md, specs/SBOM_SPEC.md). No list of referrers has them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::{Exchange, ExchangeId, Method, Query, Redactor};
use crate::oci::media_type::{CURRENT, essence};
use crate::oci::{Algorithm, Digest, Reference};
use crate::report::{Block, Label, Span};
use crate::session::Conversation;
use crate::text::Untrusted;

/// The endings of the tags, and what is under them.
const ENDINGS: [(&str, &str); 3] =
    [(".sig", "cosign signatures"), (".att", "cosign attestations"), (".sbom", "SBOM of cosign")];

/// The tags of a digest.
pub(super) struct CosignTags {
    tags: Vec<CosignTag>,
}

/// One of the tags.
struct CosignTag {
    tag: String,
    content: &'static str,
    /// Whether it exists; `None` if its answer does not say.
    exists: Option<bool>,
    digest: Option<Digest>,
    size: Option<u64>,
}

/// The queries for the tags of a digest: by HEAD, which registries do not count as a pull. A tag has at most 128 characters,
/// so there are none for other digests than those of SHA-256.
pub(super) fn queries(reference: &Reference, digest: &Digest) -> Vec<Query> {
    let accept = CURRENT.map(str::to_owned).to_vec();
    let path = |tag: String| format!("/v2/{}/manifests/{tag}", reference.repository());
    names(digest).map(|(tag, _)| Query::Path(Method::Head, path(tag), accept.clone())).collect()
}

fn names(digest: &Digest) -> impl Iterator<Item = (String, &'static str)> {
    let endings = ENDINGS.iter().filter(|_| digest.algorithm() == Algorithm::Sha256);
    endings.map(|(ending, content)| (format!("{}-{}{ending}", digest.algorithm(), digest.hex()), *content))
}

impl CosignTags {
    /// The tags by the answers to their queries.
    pub fn of(digest: &Digest, answers: &[Option<ExchangeId>], conversation: &Conversation<'_>) -> Self {
        let tag = |((tag, content), answer): ((String, &'static str), &Option<ExchangeId>)| {
            let exchange = answer.map(|answer| conversation.journal().get(answer));
            let observation = answer.and_then(|answer| conversation.journal().observation(answer));
            let exists = exchange.and_then(exists);
            let found = observation.filter(|_| exists == Some(true));
            CosignTag {
                tag,
                content,
                exists,
                digest: found.and_then(|found| found.announced.clone()),
                size: exchange.filter(|_| exists == Some(true)).and_then(length),
            }
        };
        Self { tags: names(digest).zip(answers).map(tag).collect() }
    }

    /// The tags that exist, those that are unknown, and which clients look for them.
    pub fn shown(&self, redactor: &mut Redactor) -> Vec<Block> {
        if self.tags.is_empty() {
            return Vec::new();
        }
        let mut blocks: Vec<_> = self.tags.iter().filter_map(|tag| tag.shown(redactor)).collect();
        let words = match blocks.is_empty() {
            true => "There are no cosign tags either (.sig, .att, .sbom).",
            false => "These are tags of cosign, which no list of referrers has.",
        };
        let readers = "cosign 1 and 2 look for the tags, and Podman, skopeo and CRI-O if their policy has sigstore keys; \
                       cosign 3, oras and notation ask for the referrers, and for the fallback tag if there is no API.";
        blocks.push(Block::Text(vec![Span::new(format!("{words} {readers}"), Label::Quiet)]));
        blocks
    }

    /// The tags for JSON.
    pub fn written(&self) -> Vec<WrittenCosignTag> {
        let written = |tag: &CosignTag| WrittenCosignTag {
            tag: tag.tag.clone(),
            exists: tag.exists,
            digest: tag.digest.as_ref().map(ToString::to_string),
            size: tag.size,
        };
        self.tags.iter().map(written).collect()
    }
}

impl CosignTag {
    fn shown(&self, redactor: &mut Redactor) -> Option<Block> {
        let about = match (self.exists?, self.size) {
            (false, _) => return None,
            (true, Some(size)) => format!("{size} bytes"),
            (true, None) => String::new(),
        };
        let command = Untrusted::new(redactor.text(&self.tag)).printable();
        Some(Block::Entry { name: self.content.to_owned(), about, command })
    }
}

/// Whether an answer says that there is a manifest. A web page with the status 200 says nothing.
fn exists(exchange: &Exchange) -> Option<bool> {
    let response = exchange.response.as_ref()?;
    let kind = response.header("content-type").map(|kind| essence(kind.as_str()));
    match response.status {
        404 => Some(false),
        200..=299 => kind.is_some_and(|kind| CURRENT.contains(&kind.as_str())).then_some(true),
        _ => None,
    }
}

fn length(exchange: &Exchange) -> Option<u64> {
    exchange.response.as_ref()?.whole_length()
}

/// A tag under which cosign stores what belongs to an image.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct WrittenCosignTag {
    /// The tag: the digest, with `.sig` for signatures, `.att` for attestations or `.sbom` for an SBOM.
    tag: String,
    /// Whether the repository has it; null if the answer does not say.
    exists: Option<bool>,
    /// The digest of the manifest under the tag, if the registry names it.
    digest: Option<String>,
    /// The size of that manifest in bytes.
    size: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_those_of_the_specifications_of_cosign() {
        let hex = "0123456789abcdef".repeat(8);
        let reference = Reference::parse("registry.example/team/app:1").unwrap();
        let paths = |digest: &str| {
            let queries = queries(&reference, &digest.parse().unwrap());
            let path = |query: Query| match query {
                Query::Path(Method::Head, path, _) => path,
                other => panic!("{other:?}"),
            };
            queries.into_iter().map(path).collect::<Vec<_>>()
        };
        let expected =
            [".sig", ".att", ".sbom"].map(|end| format!("/v2/team/app/manifests/sha256-{}{end}", &hex[..64]));
        assert_eq!(paths(&format!("sha256:{}", &hex[..64])), expected);
        assert_eq!(paths(&format!("sha512:{hex}")), [""; 0], "such a tag would be too long");
    }
}
