use crate::diagnosis::layers::bytes_of;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, content, delivery};
use crate::image::Magic;
use crate::oci::media_type::essence;
use crate::text::Untrusted;

rule! {
    /// Layers use zstd, which older engines cannot unpack
    ///
    /// ## What it means
    /// The registry is fine, and current engines pull the image. Docker before 23.0 and containerd before 1.5 download
    /// the layers and then fail with `invalid tar header`.
    ///
    /// ## How it is recognised
    /// A layer of the manifest has a type that ends in `+zstd`; a diagnosis also checks its first bytes. Docker's image
    /// format has no such type, so `….tar.zstd` in a Docker manifest is a warning: some clients reject it.
    ///
    /// ## What to do
    /// Use a current engine, or publish the image with gzip.
    ///
    /// ## References
    /// image-spec, layer; moby/moby#41759; aws/amazon-ecs-agent#4179; stalwartlabs/stalwart#1192;
    /// containers/image#2906; anchore/stereoscope#487
    "zstd-layer-old-engine" in Artifact
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case)?;
    let layers = image.document.layers();
    let parts = delivery::layers(case);
    let bytes = |digest: &Untrusted| parts.iter().find(|part| part.descriptor.digest == *digest).and_then(bytes_of);
    // Bytes of another format are reported by `layer-bytes-vs-media-type`.
    let packed: Vec<_> = layers
        .iter()
        .filter(|layer| is_zstd(layer.media_type.as_str()))
        .filter(|layer| bytes(&layer.digest).is_none_or(|(_, found)| found == Magic::Zstd))
        .collect();
    let first = packed.first()?;
    let kind = essence(first.media_type.as_str());
    let quote = format!("layer: {}", first.media_type.named_within(100));
    let counted = format!("{} of {} layers are compressed with zstd.", packed.len(), layers.len());
    let finding = if kind.starts_with("application/vnd.docker.") {
        Finding::warning("layers use zstd, which Docker's image format does not define", image.shown, quote)
            .cause(format!(
                "{counted} Docker's format has no type for that, so some clients reject the invented one (unsupported \
                 docker v2s2 media type). Engines without zstd support fail to unpack them."
            ))
            .fix(
                "Publish the image with OCI types (docker buildx build --output type=image,oci-mediatypes=true), or \
                 with gzip.",
            )
    } else {
        Finding::info("layers use zstd, which older engines cannot unpack", image.shown, quote)
            .cause(format!(
                "{counted} Docker before 23.0 and containerd before 1.5 download them and then fail to unpack them."
            ))
            .fix("Use a current engine, or publish the image with gzip.")
    };
    Some(match bytes(&first.digest) {
        Some((id, found)) => finding.because(id, format!("the bytes are {}", found.words())),
        None => finding,
    })
}

fn is_zstd(kind: &str) -> bool {
    let kind = essence(kind);
    kind.ends_with("+zstd") || kind.ends_with(".tar.zstd")
}
