//! The content of a reference, as far as a diagnosis reads it: the entries of an index, the image for the wanted
//! platform, its config and its layers. Asking for a part here makes the run fetch it.

use std::rc::Rc;

use super::Case;
use super::case::backend::backend_message;
pub(crate) use super::part::{Image, Part};
use crate::evidence::{Exchange, ExchangeId, Failure, Method, Query, Response};
use crate::image::{Descriptor, ImageConfig, ListedPlatform, Shape};
use crate::oci::media_type::{self, essence};
use crate::oci::{Digest, Origin, Platform};
use crate::text::Untrusted;

/// The types of layers that registries may lack, because they must not be distributed (image-spec, non-distributable
/// layers; Docker's foreign layers).
const FOREIGN: [&str; 2] = ["foreign", "nondistributable"];

/// The config types that engines accept for an image: the two current ones, those that early versions of distribution
/// stored by mistake (distribution/distribution#1621), and none.
pub(crate) const IMAGE_CONFIGS: [&str; 6] =
    [media_type::DOCKER_CONFIG, media_type::OCI_CONFIG, "application/octet-stream", media_type::JSON, "text/html", ""];

/// The prefixes of the layer types of images (image-spec, layer; distribution, manifest v2 schema 2).
const LAYERS: [&str; 2] = ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."];

/// The config type of BuildKit's cache, whose list holds layers and not images.
const BUILD_CACHE: &str = "application/vnd.buildkit.cacheconfig.";

impl<'a> Part<'a> {
    /// The last exchange about it.
    pub fn answer(&self) -> Option<(ExchangeId, &'a Exchange)> {
        self.exchanges.last().copied()
    }

    /// Returns whether it exists.
    pub fn is_present(&self) -> bool {
        self.answer().is_some_and(|(_, exchange)| matches!(exchange.status(), Some(200..=299)))
    }

    /// The registry's answer that it does not exist. The answer of a storage after a redirect is not one.
    pub fn missing(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.answer()?;
        let response = exchange.response.as_ref().filter(|response| matches!(response.status, 404 | 410))?;
        // A message about a failing storage is not evidence about its content.
        (!self.went_elsewhere() && backend_message(response, None).is_none()).then_some((id, response))
    }

    /// Its refusal: any other 4xx or 5xx.
    pub fn refused(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.answer()?;
        let response = exchange.response.as_ref().filter(|response| response.status >= 400)?;
        self.missing().is_none().then_some((id, response))
    }

    /// The failure, if there is no answer.
    pub fn failure(&self) -> Option<(ExchangeId, &'a Failure)> {
        let (id, exchange) = self.answer()?;
        exchange.failure.as_ref().map(|failure| (id, failure))
    }

    /// Returns whether the answer is from another host, after a redirect.
    pub fn went_elsewhere(&self) -> bool {
        let origin =
            |at: Option<&(ExchangeId, &Exchange)>| at.and_then(|(_, exchange)| Origin::of(&exchange.request.url));
        self.exchanges.len() > 1 && origin(self.exchanges.first()) != origin(self.exchanges.last())
    }

    /// Returns whether it is to be fetched from another place: foreign layers come from the URLs in the manifest.
    pub fn is_foreign(&self) -> bool {
        is_foreign(&self.descriptor)
    }

    /// Its length according to the answer.
    pub fn length(&self) -> Option<u64> {
        let (_, exchange) = self.answer().filter(|_| !self.is_part_as_whole())?;
        exchange.response.as_ref()?.whole_length()
    }

    /// Returns whether only the requested range came, labelled as the whole: with 200 and without `Content-Range` (RFC
    /// 9110 §15.3.7). It is not evidence about the rest.
    pub fn is_part_as_whole(&self) -> bool {
        self.answer().is_some_and(|(_, exchange)| {
            let response = exchange.response.as_ref().filter(|response| response.status == 200);
            let part = response.filter(|response| response.header("content-range").is_none());
            let came = part.filter(|response| !response.body.truncated).map(|response| response.body.size);
            came.is_some() && came == exchange.request.beginning() && came < self.descriptor.size
        })
    }

    /// All of its bytes, if they came as stored: by GET, neither truncated nor encoded.
    pub fn whole(&self) -> Option<(ExchangeId, &'a Response)> {
        self.complete().filter(|(_, response)| !response.is_transformed())
    }

    /// All bytes of the answer, as sent.
    fn complete(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.answer().filter(|(_, exchange)| exchange.is_success())?;
        let response = exchange.response.as_ref()?;
        let all = match response.status {
            206 => self.length() == Some(response.body.size),
            // A part that is labelled as the whole is still a part.
            _ if response.header("content-range").is_some() => response.part_of() == Some(response.body.size),
            _ => exchange.request.method == Method::Get && !response.body.truncated && !self.is_part_as_whole(),
        };
        all.then_some((id, response))
    }

    /// All of its bytes, if they match its digest: the content that was pushed, whatever its headers and its format.
    pub fn stored(&self) -> Option<(ExchangeId, &'a Response)> {
        let digest = self.digest.as_ref()?;
        self.complete().filter(|(_, response)| response.body.has(digest))
    }
}

impl Image {
    /// Returns whether an engine accepts it as an image that it can unpack. Properties of images (layers that are
    /// archives, a config that counts them) do not apply to charts, signatures and modules of the same form.
    pub fn is_for_engines(&self) -> bool {
        let config = self.document.config().map(|config| essence(config.media_type.as_str()));
        let layers = self.document.layers();
        config.is_some_and(|kind| IMAGE_CONFIGS.contains(&kind.as_str()))
            && (layers.is_empty() || layers.iter().any(is_layer))
    }
}

/// Returns whether a layer has a type of an image layer, or one that registries give to any blob.
pub(crate) fn is_layer(layer: &Descriptor) -> bool {
    let kind = essence(layer.media_type.as_str());
    LAYERS.iter().any(|beginning| kind.starts_with(beginning))
        || matches!(kind.as_str(), "" | "application/octet-stream")
}

/// Returns whether a layer is to be fetched from another place than the registry.
pub(crate) fn is_foreign(layer: &Descriptor) -> bool {
    let kind = layer.media_type.as_str();
    !layer.urls.is_empty() || FOREIGN.iter().any(|word| kind.contains(word))
}

/// Returns whether an index entry is a blob, as those of a build cache are, and not a manifest.
pub(crate) fn names_a_blob(entry: &Descriptor) -> bool {
    let kind = essence(entry.media_type.as_str());
    is_build_cache(entry)
        || LAYERS.iter().any(|beginning| kind.starts_with(beginning))
        || matches!(kind.as_str(), media_type::DOCKER_CONFIG | media_type::OCI_CONFIG)
}

/// Returns whether an index entry belongs to BuildKit's build cache.
pub(crate) fn is_build_cache(entry: &Descriptor) -> bool {
    essence(entry.media_type.as_str()).starts_with(BUILD_CACHE)
}

/// The entries of the index or list that the client was served; empty for everything else. Each valid entry is
/// requested: the one for the wanted platform by GET, the others by HEAD, and by GET if HEAD does not find them.
pub(crate) fn children<'a>(case: &Case<'a>) -> Rc<[Part<'a>]> {
    Rc::clone(case.answers.children.get_or_init(|| entries(case).into()))
}

fn entries<'a>(case: &Case<'a>) -> Vec<Part<'a>> {
    let Some((_, observation)) = case.served() else { return Vec::new() };
    let Some(document) = observation.document.as_ref().filter(|_| observation.is_index()) else { return Vec::new() };
    let entries = document.manifests();
    let wanted = chosen(&entries, &case.record().platform).map(|entry| entry.digest.as_str().to_owned());
    entries
        .into_iter()
        .map(|descriptor| {
            let digest: Option<Digest> = descriptor.digest.as_str().parse().ok().filter(|_| !names_a_blob(&descriptor));
            let whole = wanted.as_deref() == Some(descriptor.digest.as_str());
            let exchanges = digest.as_ref().and_then(|digest| child(case, digest, whole)).unwrap_or_default();
            Part { descriptor, digest, exchanges }
        })
        .collect()
}

fn child<'a>(case: &Case<'a>, digest: &Digest, whole: bool) -> Option<Vec<(ExchangeId, &'a Exchange)>> {
    let by_get = || case.ask_all(Query::Child(digest.clone(), Method::Get));
    if whole {
        return by_get();
    }
    let by_head = case.ask_all(Query::Child(digest.clone(), Method::Head))?;
    let status = by_head.last().and_then(|(_, exchange)| exchange.status());
    // Not every registry answers HEAD correctly, so HEAD alone does not prove that an entry is missing.
    let doubtful = matches!(status, Some(400..));
    if doubtful { by_get().filter(|exchanges| !exchanges.is_empty()).or(Some(by_head)) } else { Some(by_head) }
}

/// The entry that a client for a platform selects: the one for it, else one for an earlier variant of its architecture,
/// else the first without a platform. An entry with an artifact type is selected only if there is no other.
pub(crate) fn chosen<'e>(entries: &'e [Descriptor], wanted: &Platform) -> Option<&'e Descriptor> {
    let is = |entry: &&Descriptor| entry.platform.as_ref().is_some_and(|platform| platform.is(wanted));
    let earlier = |entry: &&Descriptor| entry.platform.as_ref().is_some_and(|platform| serves(platform, wanted));
    let running = || entries.iter().filter(|entry| is_for_running(entry));
    let unnamed = || running().filter(|entry| entry.platform.is_none());
    let alone = || unnamed().next().filter(|_| running().all(|entry| entry.platform.is_none()));
    let anything = || unnamed().find(|entry| !is_artifact(entry)).or_else(alone);
    running().find(is).or_else(|| running().find(earlier)).or_else(anything)
}

/// Returns whether an entry declares itself an artifact: a chart, a signature, a model. Such entries have no platform,
/// which does not mean that they run on any.
pub(crate) fn is_artifact(entry: &Descriptor) -> bool {
    let other = |kind: &Untrusted| !IMAGE_CONFIGS.contains(&essence(kind.as_str()).as_str());
    entry.platform.is_none() && entry.artifact_type.as_ref().is_some_and(other)
}

/// The kinds of an index's entries without a platform, as far as known. Computed once for all entries, of which there
/// may be a thousand.
pub(crate) struct UnnamedEntries {
    /// The digest and the type of the entry whose manifest was fetched and is not an image manifest.
    fetched: Option<(Untrusted, Untrusted)>,
}

impl UnnamedEntries {
    /// Returns the kinds that the case shows.
    pub fn of(case: &Case<'_>) -> Self {
        let other = image(case).filter(|image| !image.is_for_engines());
        let fetched = other.and_then(|image| {
            let config = || image.document.config().map(|config| config.media_type);
            Some((image.entry?.digest, image.document.artifact_type().or_else(config)?))
        });
        Self { fetched }
    }

    /// Returns whether an entry without a platform is an artifact, by its own type or by its manifest.
    pub fn is_artifact(&self, entry: &Descriptor) -> bool {
        self.kind(entry).is_some()
    }

    /// The kind of an entry without a platform, to follow "for"; an image may be for any platform.
    pub fn words(&self, entry: &Descriptor) -> String {
        match self.kind(entry) {
            Some(kind) if kind.as_str() == HELM => "a Helm chart".to_owned(),
            Some(kind) => format!("an artifact of type {}", kind.named_within(100)),
            None => "any platform".to_owned(),
        }
    }

    fn kind(&self, entry: &Descriptor) -> Option<Untrusted> {
        let by_manifest = || self.fetched.as_ref().filter(|(digest, _)| *digest == entry.digest).map(|(_, kind)| kind);
        let own = entry.artifact_type.as_ref().filter(|_| is_artifact(entry));
        own.or_else(by_manifest).filter(|_| entry.platform.is_none()).cloned()
    }
}

/// The config type of a Helm chart.
pub(crate) const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

/// Returns whether an entry is an image: attestations, with their placeholder platform, and blobs are not.
pub(crate) fn is_for_running(entry: &Descriptor) -> bool {
    let unknown =
        entry.platform.as_ref().is_some_and(|platform| platform.text().as_str().starts_with("unknown/unknown"));
    !entry.attestation && !unknown && !names_a_blob(entry)
}

/// Returns whether a client for the wanted platform selects this one: the same, or an earlier variant of the same
/// architecture (v7 runs v6, as in containerd).
pub(crate) fn serves(offered: &ListedPlatform, wanted: &Platform) -> bool {
    let any_variant = Platform { variant: None, ..wanted.clone() };
    let number = |variant: &str| variant.trim_start_matches('v').parse::<u32>().ok();
    let earlier = wanted.variant.as_deref().and_then(number).zip(offered.variant().and_then(number));
    offered.is(wanted) || (offered.is(&any_variant) && earlier.is_some_and(|(wanted, offered)| offered < wanted))
}

/// Returns whether two platforms are the same. Architectures have several names, and a variant counts only if both have
/// one.
pub(crate) fn is_same(one: &ListedPlatform, other: &ListedPlatform) -> bool {
    let (one, other) = (with_go_names(one), with_go_names(other));
    let variants = one.variant().zip(other.variant());
    one.os() == other.os()
        && one.architecture() == other.architecture()
        && variants.is_none_or(|(one, other)| one == other)
}

/// The platform with Go's names instead of the alternatives that publishers use (containerd, platforms/database.go).
pub(crate) fn with_go_names(platform: &ListedPlatform) -> ListedPlatform {
    let architecture = match platform.architecture().to_ascii_lowercase().as_str() {
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        "i386" => "386".to_owned(),
        "armhf" | "armel" => "arm".to_owned(),
        own => own.to_owned(),
    };
    platform.named(platform.os().to_ascii_lowercase(), architecture)
}

/// The image for the wanted platform: the manifest that the client was served, or the selected entry of the index.
pub(crate) fn image(case: &Case<'_>) -> Option<Image> {
    case.answers.image.get_or_init(|| selected(case)).clone()
}

fn selected(case: &Case<'_>) -> Option<Image> {
    let (shown, observation) = case.served()?;
    if !observation.is_index() {
        let document = observation.document.clone().filter(|document| document.shape() == Shape::Manifest)?;
        return Some(Image { shown, document, entry: None });
    }
    let entries = observation.document.as_ref()?.manifests();
    let entry = chosen(&entries, &case.record().platform)?.clone();
    let digest: Digest = entry.digest.as_str().parse().ok()?;
    let (shown, _) = case.ask(Query::Child(digest, Method::Get))?;
    let observation = case.journal().observation(shown)?;
    let document = observation.document.clone().filter(|document| document.shape() == Shape::Manifest)?;
    Some(Image { shown, document, entry: Some(entry) })
}

/// The config of the image for the wanted platform.
pub(crate) fn config<'a>(case: &Case<'a>) -> Option<Part<'a>> {
    let part = || {
        let descriptor = image(case)?.document.config()?;
        let digest: Option<Digest> = descriptor.digest.as_str().parse().ok();
        let exchanges = digest.clone().and_then(|digest| case.ask_all(Query::Config(digest))).unwrap_or_default();
        Some(Part { descriptor, digest, exchanges })
    };
    case.answers.config.get_or_init(part).clone()
}

/// The parsed config of the image for the wanted platform, if all of it came and its bytes match the digest in the
/// manifest.
pub(crate) fn image_config(case: &Case<'_>) -> Option<(ExchangeId, ImageConfig)> {
    let part = config(case)?;
    let (id, exchange) = part.answer().filter(|(_, exchange)| exchange.is_success())?;
    let body = &exchange.response.as_ref()?.body;
    let digest = part.digest.as_ref().filter(|digest| !body.truncated && body.has(digest));
    digest.and_then(|_| Some((id, ImageConfig::read(&body.bytes)?)))
}

/// Whether a digest is that of a blob in the repository, and the exchange that shows it. `None` if it was not requested
/// yet, or the answer is inconclusive.
pub(crate) fn is_blob(case: &Case<'_>, digest: &Digest) -> Option<(ExchangeId, bool)> {
    let (id, Exchange { response, failure: None, .. }) = case.ask(Query::HasBlob(digest.clone()))? else { return None };
    match response.as_ref()?.status {
        200..=399 => Some((id, true)),
        404 | 410 => Some((id, false)),
        _ => None,
    }
}
