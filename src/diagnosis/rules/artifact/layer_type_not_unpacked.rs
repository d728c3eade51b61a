use super::attestation_pulled_as_image::ATTESTATIONS;
use super::buildkit_cache_pulled::cache;
use super::sif_artifact::sif;
use super::signature_tag_pulled::SIGNATURE;
use crate::diagnosis::content::{self, IMAGE_CONFIGS};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Observation;
use crate::image::{Descriptor, GoDocument};
use crate::oci::media_type::{essence, layer_words};

rule! {
    /// Layers have a media type that clients do not unpack
    ///
    /// ## What it means
    /// The config is that of an image, but a layer has a type that belongs to something else, is misspelled, or is
    /// encrypted. containerd, and with it Kubernetes and Docker's containerd store, goes by the type: it leaves out
    /// what it does not recognize as a layer, and the pull fails with `number of layers and diffIDs don't match` or `no
    /// processor for media-type`. Docker's classic store fails with `unsupported media type` for types without one of
    /// its prefixes. Podman and skopeo go by the bytes in OCI manifests, and by a list of types in Docker's.
    ///
    /// ## How it is recognised
    /// The manifest has the config of an image, and a layer whose type is not exactly one of those that image-spec and
    /// Docker define for layers. The finding is a warning if the config does not count that layer, because containerd
    /// then pulls the image without it. Missing types are `descriptor-malformed`; charts, signatures, attestations and
    /// caches have their own rules.
    ///
    /// ## What to do
    /// Use the tool that the type belongs to, or publish the image with the types of image-spec. For an encrypted
    /// image, the engine needs the key.
    ///
    /// ## References
    /// image-spec, layer; containerd, core/images/mediatypes.go, core/unpack/unpacker.go; moby,
    /// distribution/registry.go; containers/image, manifest/docker_schema2.go; containers/ocicrypt
    "layer-type-not-unpacked" in Artifact
}

/// The prefixes of the types that Docker's classic store downloads.
const DOCKER_PREFIXES: [&str; 2] = ["application/vnd.oci.image.", "application/vnd.docker."];
/// Types that old registries gave to anything, which Docker's classic store accepts.
const DOCKER_TYPES: [&str; 3] = ["application/octet-stream", "application/json", "text/html"];
/// The prefix of the types that containerd treats as layers, even if it cannot unpack them.
const CONTAINERD_PREFIX: &str = "application/vnd.oci.image.layer.";

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case)?;
    let config = image.document.config().map(|config| essence(config.media_type.as_str()))?;
    let is_artifact = sif(&image.document).is_some() || cache(&image.document).is_some();
    if is_artifact || !IMAGE_CONFIGS.contains(&config.as_str()) {
        return None;
    }
    let layers = image.document.layers();
    let odd: Vec<_> = layers.iter().filter(|layer| is_odd(layer)).collect();
    let first = odd.first()?;
    let kind = first.media_type.as_str();
    let served = case.journal().observation(image.shown).and_then(Observation::go_document);
    let shown = first.media_type.named_within(100);
    let known = layers.len() - odd.len();
    let left_out = content::image_config(case).is_some_and(|(_, config)| config.layer_count() == Some(known));
    let counted = match (odd.len(), layers.len()) {
        (1, 1) => "The only layer has".to_owned(),
        (1, all) => format!("1 of {all} layers has"),
        (odd, all) => format!("{odd} of {all} layers have"),
    };
    let (title, support, fix) = if is_encrypted(kind) {
        (
            "layers are encrypted",
            "containerd and Podman unpack it if they are configured with its key (ocicrypt); Docker does not."
                .to_owned(),
            "Configure the engine with the key (ctr-enc, podman pull --decryption-key), or use an image that is not \
             encrypted.",
        )
    } else {
        (
            "layers have a type that clients do not unpack",
            format!("{} {} {}", of_containerd(kind, left_out), of_docker(kind), of_containers_image(served)),
            "Use the tool that the type belongs to, or publish the image with the layer types of image-spec.",
        )
    };
    let quote = format!("layer: {shown}");
    let finding = if left_out && !kind.starts_with(CONTAINERD_PREFIX) {
        Finding::warning(title, image.shown, quote)
    } else {
        Finding::error(ExitStatus::Content, title, image.shown, quote)
    };
    Some(finding.cause(format!("{counted} the type {shown}. {support}")).fix(fix))
}

/// Returns `true` if not every client unpacks layers of this type. Excludes missing types and artifacts that have their
/// own rules.
fn is_odd(layer: &Descriptor) -> bool {
    let kind = layer.media_type.as_str();
    !kind.is_empty() && layer_words(kind).is_none() && kind != SIGNATURE && !ATTESTATIONS.contains(&kind)
}

fn is_encrypted(kind: &str) -> bool {
    kind.strip_suffix("+encrypted").is_some_and(|kind| layer_words(kind).is_some())
}

fn of_containerd(kind: &str, left_out: bool) -> &'static str {
    if kind.starts_with(CONTAINERD_PREFIX) {
        "containerd treats it as a layer, but cannot unpack it without a plugin."
    } else if left_out {
        "containerd does not treat it as a layer and pulls the image without it, which matches the config's layer \
         count."
    } else {
        "containerd does not treat it as a layer and fails (number of layers and diffIDs don't match; no processor \
         for media-type)."
    }
}

fn of_docker(kind: &str) -> &'static str {
    let kind = kind.to_ascii_lowercase();
    if DOCKER_TYPES.contains(&kind.as_str()) || DOCKER_PREFIXES.iter().any(|prefix| kind.starts_with(prefix)) {
        "Docker's classic store unpacks it if the bytes are an archive."
    } else {
        "Docker's classic store rejects it (unsupported media type)."
    }
}

fn of_containers_image(served: Option<GoDocument>) -> &'static str {
    if served == Some(GoDocument::DockerManifest) {
        "Podman and skopeo reject it (unsupported docker v2s2 media type)."
    } else {
        "Podman unpacks it if the bytes are an archive."
    }
}
