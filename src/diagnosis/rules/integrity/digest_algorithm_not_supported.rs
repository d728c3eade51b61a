use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};
use crate::oci::{Algorithm, Digest};

rule! {
    /// Layer has a SHA-512 digest
    ///
    /// ## What it means
    /// image-spec registers SHA-512 along with SHA-256, and registries store such blobs. Docker and containerd unpack
    /// layers into stores that are addressed by SHA-256, and fail.
    ///
    /// ## How it is recognised
    /// The digest of a layer begins with `sha512:`. Artifacts that are not images do not count.
    ///
    /// ## What to do
    /// Push the image again with SHA-256 digests, which every tool writes by default.
    ///
    /// ## References
    /// image-spec, descriptor, registered algorithms; moby/moby#48241
    "digest-algorithm-not-supported" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    let layers = image.document.layers();
    let is_sha512 = |text: &str| text.parse::<Digest>().is_ok_and(|digest| digest.algorithm() == Algorithm::Sha512);
    let named: Vec<_> = layers.iter().filter(|layer| is_sha512(layer.digest.as_str())).collect();
    let first = named.first()?.digest.named_within(140);
    let finding = Finding::error(ExitStatus::NotAcceptable, "layers have SHA-512 digests", image.shown, first)
        .cause(format!(
            "The manifest names {} of {} layers by SHA-512. The specification allows it and the registry serves it, \
             but Docker and containerd cannot unpack such a layer.",
            named.len(),
            layers.len()
        ))
        .fix("Push the image again with SHA-256 digests.");
    Some(finding)
}
