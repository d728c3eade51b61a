use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, content};
use crate::image::Manifest;
use crate::oci::media_type::{DOCKER_V2, essence};

rule! {
    /// Docker manifest has layers with OCI media types
    ///
    /// ## What it means
    /// A Docker v2 manifest has Docker media types throughout. Converters that keep the OCI types of the layers make a
    /// mixture that Docker and containerd pull, and that podman, skopeo, buildah and CRI-O reject: `unsupported docker
    /// v2s2 media type`. All of them pull an OCI manifest with Docker layer types.
    ///
    /// ## How it is recognised
    /// The manifest declares itself a Docker v2 manifest, or declares nothing and is served as one, and a layer has an
    /// OCI type. For an index, the manifest for the wanted platform counts.
    ///
    /// ## What to do
    /// Push the image again with types of one family: `crane mutate` and `skopeo copy --format` do not read it, so
    /// build it again (`docker buildx build --output type=registry,oci-mediatypes=true`).
    ///
    /// ## References
    /// containers/image#2972; containers/image, manifest/docker_schema2.go; distribution, manifest v2 schema 2
    "mixed-manifest-and-layer-types" in Negotiation
}

/// The common prefix of OCI's layer types.
const OCI_LAYER: &str = "application/vnd.oci.image.layer.";

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    let served = case.journal().observation(image.shown)?.served.clone();
    if kind(&image.document, served.as_str()) != DOCKER_V2 {
        return None;
    }
    let layers = image.document.layers();
    let mixed: Vec<_> = layers.iter().filter(|layer| layer.media_type.as_str().starts_with(OCI_LAYER)).collect();
    let first = mixed.first()?.media_type.named_within(100);
    let finding = Finding::warning(
        "Docker manifest has OCI layer types",
        image.shown,
        format!("names a layer of type {first}"),
    )
    .cause(format!(
        "This Docker v2 manifest has OCI media types for {} of {} layers. Docker and containerd pull it. podman, \
         skopeo, buildah and CRI-O reject it: unsupported docker v2s2 media type.",
        mixed.len(),
        layers.len()
    ))
    .fix("Rebuild and push the image with media types of one family.");
    Some(finding)
}

/// The type that the manifest declares, by which containers/image reads it; the served type if it declares none.
fn kind(document: &Manifest, served: &str) -> String {
    let declared = document.media_type().map(|kind| essence(kind.as_str())).filter(|kind| !kind.is_empty());
    declared.unwrap_or_else(|| essence(served))
}
