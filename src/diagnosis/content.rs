//! What the reference is made of, as far as a diagnosis looks: the entries of an index, the image for the wanted
//! platform, its configuration and its layers. Asking for a part here is what makes the run fetch it.

use std::rc::Rc;

use super::Case;
use super::case::backend::told_by;
pub(crate) use super::part::{Image, Part};
use crate::evidence::{Exchange, ExchangeId, Failure, Method, Query, Response};
use crate::image::{Descriptor, ImageConfig, ListedPlatform, Shape};
use crate::oci::media_type::{self, essence};
use crate::oci::{Digest, Origin, Platform};
use crate::text::Untrusted;

/// Types of layers that registries need not have, because they may not be distributed (image-spec, non-distributable
/// layers; Docker's foreign layers).
const FOREIGN: [&str; 2] = ["foreign", "nondistributable"];

/// The types of configuration that engines take for an image's: the two of today, those that early versions of
/// distribution stored by mistake (distribution/distribution#1621), and none.
pub(crate) const IMAGE_CONFIGS: [&str; 6] =
    [media_type::DOCKER_CONFIG, media_type::OCI_CONFIG, "application/octet-stream", media_type::JSON, "text/html", ""];

/// How the types of an image's layers begin (image-spec, layer; distribution, manifest v2 schema 2).
const LAYERS: [&str; 2] = ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."];

/// The type of what builders keep in a list of layers, which is no list of images.
const BUILD_CACHE: &str = "application/vnd.buildkit.cacheconfig.";

impl<'a> Part<'a> {
    /// The last word about it.
    pub fn answer(&self) -> Option<(ExchangeId, &'a Exchange)> {
        self.exchanges.last().copied()
    }

    /// Whether it is there.
    pub fn is_present(&self) -> bool {
        self.answer().is_some_and(|(_, exchange)| matches!(exchange.status(), Some(200..=299)))
    }

    /// The registry's own word that it is not there. What a storage says behind a redirect is something else.
    pub fn missing(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.answer()?;
        let response = exchange.response.as_ref().filter(|response| matches!(response.status, 404 | 410))?;
        // Words about a storage that fails say nothing of what is in it.
        (!self.went_elsewhere() && told_by(response, None).is_none()).then_some((id, response))
    }

    /// The refusal of it: any other 4xx or 5xx.
    pub fn refused(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.answer()?;
        let response = exchange.response.as_ref().filter(|response| response.status >= 400)?;
        self.missing().is_none().then_some((id, response))
    }

    /// Why there is no answer.
    pub fn failure(&self) -> Option<(ExchangeId, &'a Failure)> {
        let (id, exchange) = self.answer()?;
        exchange.failure.as_ref().map(|failure| (id, failure))
    }

    /// Whether the registry sent on to another host, where the answer is from.
    pub fn went_elsewhere(&self) -> bool {
        let origin =
            |at: Option<&(ExchangeId, &Exchange)>| at.and_then(|(_, exchange)| Origin::of(&exchange.request.url));
        self.exchanges.len() > 1 && origin(self.exchanges.first()) != origin(self.exchanges.last())
    }

    /// Whether it is meant to be somewhere else: foreign layers are fetched from the addresses that the manifest names.
    pub fn is_foreign(&self) -> bool {
        is_foreign(&self.descriptor)
    }

    /// How long it is by the answer.
    pub fn length(&self) -> Option<u64> {
        let (_, exchange) = self.answer().filter(|_| !self.is_part_as_whole())?;
        exchange.response.as_ref()?.whole_length()
    }

    /// Whether just the bytes that were asked for came, labelled as all there are: with 200 and without `Content-Range`
    /// (RFC 9110 §15.3.7). They say nothing of the rest.
    pub fn is_part_as_whole(&self) -> bool {
        self.answer().is_some_and(|(_, exchange)| {
            let response = exchange.response.as_ref().filter(|response| response.status == 200);
            let part = response.filter(|response| response.header("content-range").is_none());
            let came = part.filter(|response| !response.body.truncated).map(|response| response.body.size);
            came.is_some() && came == exchange.request.beginning() && came < self.descriptor.size
        })
    }

    /// All of its bytes, where they came as they are stored: by GET, not cut, not encoded.
    pub fn whole(&self) -> Option<(ExchangeId, &'a Response)> {
        self.complete().filter(|(_, response)| !response.is_transformed())
    }

    /// All bytes of the answer, as they were sent.
    fn complete(&self) -> Option<(ExchangeId, &'a Response)> {
        let (id, exchange) = self.answer().filter(|(_, exchange)| exchange.is_success())?;
        let response = exchange.response.as_ref()?;
        let all = match response.status {
            206 => self.length() == Some(response.body.size),
            // A part that is labelled as the whole is a part all the same.
            _ if response.header("content-range").is_some() => response.part_of() == Some(response.body.size),
            _ => exchange.request.method == Method::Get && !response.body.truncated && !self.is_part_as_whole(),
        };
        all.then_some((id, response))
    }

    /// All of its bytes, where they have the digest by which it is named: the content that was pushed, whatever its
    /// headers say of it and whatever it looks like.
    pub fn stored(&self) -> Option<(ExchangeId, &'a Response)> {
        let digest = self.digest.as_ref()?;
        self.complete().filter(|(_, response)| digest.matches(&response.body.bytes))
    }
}

impl Image {
    /// Whether an engine takes it for an image that it can unpack. What is true of images (layers that are archives, a
    /// configuration that counts them) is not of charts, signatures and modules in the same shape.
    pub fn is_for_engines(&self) -> bool {
        let config = self.document.config().map(|config| essence(config.media_type.as_str()));
        let layers = self.document.layers();
        config.is_some_and(|kind| IMAGE_CONFIGS.contains(&kind.as_str()))
            && (layers.is_empty() || layers.iter().any(is_layer))
    }
}

/// Whether a layer has a type that images have, or that registries give to any blob.
pub(crate) fn is_layer(layer: &Descriptor) -> bool {
    let kind = essence(layer.media_type.as_str());
    LAYERS.iter().any(|beginning| kind.starts_with(beginning))
        || matches!(kind.as_str(), "" | "application/octet-stream")
}

/// Whether a layer is meant to be fetched from somewhere else than the registry.
pub(crate) fn is_foreign(layer: &Descriptor) -> bool {
    let kind = layer.media_type.as_str();
    !layer.urls.is_empty() || FOREIGN.iter().any(|word| kind.contains(word))
}

/// Whether an entry of an index is a blob, as those of a build cache are, and not a manifest.
pub(crate) fn names_a_blob(entry: &Descriptor) -> bool {
    let kind = essence(entry.media_type.as_str());
    is_build_cache(entry)
        || LAYERS.iter().any(|beginning| kind.starts_with(beginning))
        || matches!(kind.as_str(), media_type::DOCKER_CONFIG | media_type::OCI_CONFIG)
}

/// Whether an entry of a list is of what BuildKit keeps for the next build.
pub(crate) fn is_build_cache(entry: &Descriptor) -> bool {
    essence(entry.media_type.as_str()).starts_with(BUILD_CACHE)
}

/// The entries of the index or list that the asking client was served; empty for everything else. Each that can be asked
/// for is: the one for the wanted platform by GET, the others by HEAD, and by GET where HEAD does not find them.
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
    // Not every registry answers HEAD truly, so nothing is called missing for that alone.
    let doubtful = matches!(status, Some(400..));
    if doubtful { by_get().filter(|exchanges| !exchanges.is_empty()).or(Some(by_head)) } else { Some(by_head) }
}

/// The entry that a client for a platform takes: the one for it, else one for an earlier variant of its architecture,
/// else the first that names no platform. What calls itself an artifact is taken only where nothing else is there.
pub(crate) fn chosen<'e>(entries: &'e [Descriptor], wanted: &Platform) -> Option<&'e Descriptor> {
    let is = |entry: &&Descriptor| entry.platform.as_ref().is_some_and(|platform| platform.is(wanted));
    let earlier = |entry: &&Descriptor| entry.platform.as_ref().is_some_and(|platform| serves(platform, wanted));
    let running = || entries.iter().filter(|entry| is_for_running(entry));
    let unnamed = || running().filter(|entry| entry.platform.is_none());
    let alone = || unnamed().next().filter(|_| running().all(|entry| entry.platform.is_none()));
    let anything = || unnamed().find(|entry| !is_artifact(entry)).or_else(alone);
    running().find(is).or_else(|| running().find(earlier)).or_else(anything)
}

/// Whether an entry says itself that it is something else than an image: a chart, a signature, a model. Such entries name
/// no platform, which does not mean that they run on any.
pub(crate) fn is_artifact(entry: &Descriptor) -> bool {
    let other = |kind: &Untrusted| !IMAGE_CONFIGS.contains(&essence(kind.as_str()).as_str());
    entry.platform.is_none() && entry.artifact_type.as_ref().is_some_and(other)
}

/// What the entries of an index that name no platform are, as far as that is known. Made once for all entries, of which
/// there may be a thousand.
pub(crate) struct UnnamedEntries {
    /// The digest and the type of the entry whose manifest was fetched and is not that of an image.
    fetched: Option<(Untrusted, Untrusted)>,
}

impl UnnamedEntries {
    /// As far as the case knows them.
    pub fn of(case: &Case<'_>) -> Self {
        let other = image(case).filter(|image| !image.is_for_engines());
        let fetched = other.and_then(|image| {
            let config = || image.document.config().map(|config| config.media_type);
            Some((image.entry?.digest, image.document.artifact_type().or_else(config)?))
        });
        Self { fetched }
    }

    /// Whether an entry without a platform is something else than an image, by its own account or by its manifest.
    pub fn is_artifact(&self, entry: &Descriptor) -> bool {
        self.kind(entry).is_some()
    }

    /// What an entry without a platform is, to follow "for": else an image that may be for any platform.
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

/// The type of a Helm chart's configuration.
pub(crate) const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

/// Whether an entry is for running: attestations are not, and name a platform that is none; nor is a blob.
pub(crate) fn is_for_running(entry: &Descriptor) -> bool {
    let unknown =
        entry.platform.as_ref().is_some_and(|platform| platform.text().as_str().starts_with("unknown/unknown"));
    !entry.attestation && !unknown && !names_a_blob(entry)
}

/// Whether a client for the wanted platform would take this one: the same, or an earlier variant of the same
/// architecture (v7 runs v6, as containerd has it).
pub(crate) fn serves(offered: &ListedPlatform, wanted: &Platform) -> bool {
    let any_variant = Platform { variant: None, ..wanted.clone() };
    let number = |variant: &str| variant.trim_start_matches('v').parse::<u32>().ok();
    let earlier = wanted.variant.as_deref().and_then(number).zip(offered.variant().and_then(number));
    offered.is(wanted) || (offered.is(&any_variant) && earlier.is_some_and(|(wanted, offered)| offered < wanted))
}

/// Whether two platforms are the same. Architectures go by several names, and a variant counts only where both name
/// one.
pub(crate) fn is_same(one: &ListedPlatform, other: &ListedPlatform) -> bool {
    let (one, other) = (in_go_s_names(one), in_go_s_names(other));
    let variants = one.variant().zip(other.variant());
    one.os() == other.os()
        && one.architecture() == other.architecture()
        && variants.is_none_or(|(one, other)| one == other)
}

/// The platform with the names that Go has for them, for those that publishers use beside (containerd,
/// platforms/database.go).
pub(crate) fn in_go_s_names(platform: &ListedPlatform) -> ListedPlatform {
    let architecture = match platform.architecture().to_ascii_lowercase().as_str() {
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        "i386" => "386".to_owned(),
        "armhf" | "armel" => "arm".to_owned(),
        own => own.to_owned(),
    };
    platform.named(platform.os().to_ascii_lowercase(), architecture)
}

/// The image for the wanted platform: what the asking client was served, or the entry that it takes of an index.
pub(crate) fn image(case: &Case<'_>) -> Option<Image> {
    case.answers.image.get_or_init(|| taken(case)).clone()
}

fn taken(case: &Case<'_>) -> Option<Image> {
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

/// The configuration of the image for the wanted platform.
pub(crate) fn config<'a>(case: &Case<'a>) -> Option<Part<'a>> {
    let part = || {
        let descriptor = image(case)?.document.config()?;
        let digest: Option<Digest> = descriptor.digest.as_str().parse().ok();
        let exchanges = digest.clone().and_then(|digest| case.ask_all(Query::Config(digest))).unwrap_or_default();
        Some(Part { descriptor, digest, exchanges })
    };
    case.answers.config.get_or_init(part).clone()
}

/// The configuration of the image for the wanted platform, read: only where all of it came and its bytes have the digest
/// that the manifest names.
pub(crate) fn image_config(case: &Case<'_>) -> Option<(ExchangeId, ImageConfig)> {
    let part = config(case)?;
    let (id, exchange) = part.answer().filter(|(_, exchange)| exchange.is_success())?;
    let body = &exchange.response.as_ref()?.body;
    let digest = part.digest.as_ref().filter(|digest| !body.truncated && digest.matches(&body.bytes));
    digest.and_then(|_| Some((id, ImageConfig::read(&body.bytes)?)))
}

/// Whether a digest is that of a blob in the repository, and the exchange that shows it. `None` where it was not asked
/// yet, or the answer leaves it open.
pub(crate) fn is_blob(case: &Case<'_>, digest: &Digest) -> Option<(ExchangeId, bool)> {
    let (id, Exchange { response, failure: None, .. }) = case.ask(Query::HasBlob(digest.clone()))? else { return None };
    match response.as_ref()?.status {
        200..=399 => Some((id, true)),
        404 | 410 => Some((id, false)),
        _ => None,
    }
}
