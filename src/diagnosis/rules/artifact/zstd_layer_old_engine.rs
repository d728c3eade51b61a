use super::manifest;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Layers are compressed with zstd, which older engines cannot unpack.
    ///
    /// ## What it means
    /// The registry is fine, and current engines pull the image. Docker before 23.0 and containerd before 1.5 fetch the
    /// layers and then fail with `invalid tar header`.
    ///
    /// ## How it is recognised
    /// A layer of the manifest has a type that ends in `+zstd`.
    ///
    /// ## What to do
    /// Use a current engine, or publish the image with gzip.
    ///
    /// ## References
    /// image-spec, layer; moby/moby#41759; aws/amazon-ecs-agent#4179; stalwartlabs/stalwart#1192
    "zstd-layer-old-engine" in Artifact
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = manifest(case)?;
    let layers = document.layers();
    let packed = layers.iter().filter(|layer| layer.media_type.as_str().ends_with("+zstd")).count();
    let first = layers.iter().find(|layer| layer.media_type.as_str().ends_with("+zstd"))?;
    let quote = format!("layer: {}", first.media_type.printable_within(100));
    let finding = Finding::info("its layers are in zstd, which older engines cannot unpack", id, quote)
        .cause(format!(
            "{packed} of {} layers are compressed with zstd. Docker before 23.0 and containerd before 1.5 fetch them and \
             then fail to unpack them.",
            layers.len()
        ))
        .fix("Use a current engine, or publish the image with gzip.");
    Some(finding)
}
