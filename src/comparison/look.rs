//! One side of a comparison, as a current client sees it.

use super::value::Served;
use crate::diagnosis::Case;
use crate::diagnosis::content::{self, IMAGE_CONFIGS};
use crate::evidence::{Body, ExchangeId, Observation, Query, Record};
use crate::image::{Descriptor, ImageConfig, Manifest, Schema1, Shape};
use crate::oci::{Digest, media_type};
use crate::text::Untrusted;

/// One side.
pub(super) struct Look<'a> {
    /// Its evidence.
    pub case: Case<'a>,
    /// The document that a current client is served; `None` if it is served none.
    pub root: Option<Root>,
    /// The image for the selected platform.
    pub image: Option<ImageLook>,
}

/// The document that a client is served for the reference.
#[derive(Clone)]
pub(super) struct Root {
    /// The document in short.
    pub served: Served,
    /// Its parsed form.
    pub document: Manifest,
    /// Whether it is an index or a list.
    pub is_index: bool,
}

/// The image that a client selects.
#[derive(Clone)]
pub(super) struct ImageLook {
    /// The exchange that served its manifest.
    pub exchange: ExchangeId,
    /// The digest of its manifest.
    pub digest: Option<Digest>,
    /// The media type of its manifest.
    pub media_type: Untrusted,
    /// The manifest.
    pub document: Manifest,
    /// The digest of its config, as written; schema 1 has no config blob.
    pub config_digest: Option<Untrusted>,
    /// Its config, with the exchange that served it and whether a secret was removed from it.
    pub config: Option<(ExchangeId, ImageConfig, bool)>,
    /// Its layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

impl<'a> Look<'a> {
    /// Looks at the record of one side.
    pub fn at(record: &'a Record) -> Self {
        let case = Case::new(record);
        let root = Root::of(&case);
        let image = root.as_ref().and_then(|root| ImageLook::of(&case, root));
        Self { case, root, image }
    }

    /// The body of an exchange.
    pub fn body(&self, exchange: ExchangeId) -> Option<&'a Body> {
        self.case.journal().get(exchange).response.as_ref().map(|response| &response.body)
    }
}

impl Root {
    fn of(case: &Case<'_>) -> Option<Self> {
        let (exchange, observation) = case.served()?;
        // A body that ended early is not the document.
        let is_whole = case.journal().get(exchange).failure.is_none();
        let document = observation.document.clone().filter(|_| is_whole)?;
        let is_document = media_type::is_manifest(observation.served.as_str()) || document.shape() != Shape::Unknown;
        let media_type = own_type(&observation, &document);
        let served = Served { media_type, digest: digest(&observation), size: observation.size, exchange };
        is_document.then(|| Self { served, is_index: observation.is_index(), document })
    }

    /// Whether it is a schema 1 document, which is signed anew in every answer.
    pub fn is_schema1(&self) -> bool {
        self.document.shape() == Shape::Schema1
    }

    /// Its name in a sentence: `OCI index`.
    pub fn words(&self) -> String {
        type_words(&self.served.media_type)
    }
}

/// The name of a media type in a sentence.
pub(super) fn type_words(kind: &Untrusted) -> String {
    media_type::in_a_sentence(kind.as_str()).map_or_else(|| kind.named_within(80), str::to_owned)
}

/// A name with its article: `an OCI index`.
pub(super) fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// The media type of the header, or the one that the document claims if that is not one of a manifest.
fn own_type(observation: &Observation, document: &Manifest) -> Untrusted {
    let claimed = || document.media_type().filter(|own| media_type::is_manifest(own.as_str()));
    match media_type::is_manifest(observation.served.as_str()) {
        true => observation.served.clone(),
        false => claimed().unwrap_or_else(|| observation.served.clone()),
    }
}

/// The digest of the bytes. That of a schema 1 document does not cover its signatures (distribution, manifest v2 schema
/// 1), so only the registry knows it.
pub(super) fn digest(observation: &Observation) -> Option<Digest> {
    let by_bytes = observation.computed.clone().filter(|_| !observation.is_schema1());
    by_bytes.or_else(|| observation.announced.clone())
}

impl ImageLook {
    fn of(case: &Case<'_>, root: &Root) -> Option<Self> {
        if root.is_schema1() {
            let Served { media_type, digest, exchange, .. } = root.served.clone();
            let Schema1 { config, layers, .. } = Schema1::read(&root.document)?;
            let config = Some((exchange, config, false));
            return Some(Self {
                exchange,
                digest,
                media_type,
                document: root.document.clone(),
                config_digest: None,
                config,
                layers,
            });
        }
        let content::Image { shown, document, entry } = content::image(case)?;
        let observation = case.journal().observation(shown)?;
        let by_entry = entry.as_ref().and_then(|entry| entry.digest.as_str().parse().ok());
        let config_digest = document.config().map(|config| config.digest);
        Some(Self {
            exchange: shown,
            digest: by_entry.or_else(|| digest(observation)),
            media_type: own_type(observation, &document),
            config: config(case),
            config_digest,
            layers: document.layers(),
            document,
        })
    }

    /// Whether its manifest is a schema 1 document.
    pub fn is_schema1(&self) -> bool {
        self.document.shape() == Shape::Schema1
    }

    /// Whether engines run it: the config of an artifact is not one of an image.
    pub fn is_for_engines(&self) -> bool {
        let kind = self.document.config().map(|config| media_type::essence(config.media_type.as_str()));
        self.is_schema1() || kind.is_some_and(|kind| IMAGE_CONFIGS.contains(&kind.as_str()))
    }

    /// The digests of the uncompressed layers, if the config lists one for each layer.
    pub fn diff_ids(&self) -> Option<Vec<Untrusted>> {
        let ids = self.config.as_ref().map(|(_, config, _)| config.diff_ids())?;
        (!ids.is_empty() && ids.len() == self.layers.len()).then_some(ids)
    }
}

/// The config of the selected image, if its bytes have its digest. A secret may have been removed from them since.
fn config(case: &Case<'_>) -> Option<(ExchangeId, ImageConfig, bool)> {
    let part = content::config(case)?;
    let (id, exchange) = part.answer().filter(|(_, exchange)| exchange.is_success())?;
    let body = &exchange.response.as_ref()?.body;
    let digest = part.digest.filter(|digest| !body.truncated && body.has(digest))?;
    Some((id, ImageConfig::read(&body.bytes)?, !digest.matches(&body.bytes)))
}

/// The digest of the first side, if clients may have pinned it and the second side serves another one.
pub(super) fn pinned(sides: &[Look<'_>; 2]) -> Option<Digest> {
    let [a, b] = [&sides[0], &sides[1]].map(|look| look.root.as_ref());
    let (a, b) = (a?, b?);
    let digest = a.served.digest.clone().filter(|_| !a.is_schema1())?;
    (b.served.digest.as_ref() != Some(&digest)).then_some(digest)
}

/// The answer to a query: `None` if it was not made, and the inner `None` if there was no answer. Otherwise its status.
pub(super) fn reply(record: &Record, query: &Query) -> Option<Option<u16>> {
    let reply = record.answered.iter().find(|reply| reply.query == *query)?;
    Some(reply.exchanges.last().and_then(|id| record.journal.get(*id).status()))
}
