use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, content};
use crate::image::Manifest;
use crate::oci::media_type::{DOCKER_V2, essence};

rule! {
    /// A Docker manifest has layers with OCI media types.
    ///
    /// ## What it means
    /// The media types of a Docker v2 manifest are Docker's throughout. Converters that keep the OCI types of the layers
    /// make a mixture that Docker and containerd pull, and that podman, skopeo, buildah and CRI-O refuse: `unsupported
    /// docker v2s2 media type`. An OCI manifest with Docker's layer types is pulled by all of them.
    ///
    /// ## How it is recognised
    /// The manifest says of itself that it is a Docker v2 manifest, or is served as one where it says nothing, and a
    /// layer has a type of OCI's. Of an index, that is the manifest for the wanted platform.
    ///
    /// ## What to do
    /// Push the image again with types of one family: `crane mutate` and `skopeo copy --format` do not read it, so build
    /// it again (`docker buildx build --output type=registry,oci-mediatypes=true`).
    ///
    /// ## References
    /// containers/image#2972; containers/image, manifest/docker_schema2.go; distribution, manifest v2 schema 2
    "mixed-manifest-and-layer-types" in Negotiation
}

/// How the types of OCI's layers begin.
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
    let finding = Finding::warning("Docker manifest with OCI layer types", image.shown, format!("layer: {first}"))
        .cause(format!(
            "{} of {} layers in this Docker v2 manifest have media types of OCI. Docker and containerd pull it. podman, \
             skopeo, buildah and CRI-O refuse it: unsupported docker v2s2 media type.",
            mixed.len(),
            layers.len()
        ))
        .fix("Build and push the image again with media types of one family.");
    Some(finding)
}

/// The type that the manifest claims for itself, by which containers/image reads it; the served one where it claims none.
fn kind(document: &Manifest, served: &str) -> String {
    let claimed = document.media_type().map(|kind| essence(kind.as_str())).filter(|kind| !kind.is_empty());
    claimed.unwrap_or_else(|| essence(served))
}
