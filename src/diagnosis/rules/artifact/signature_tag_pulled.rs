use super::{consists_of, manifest, subject_of};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Reference points to a signature, not an image
    ///
    /// ## What it means
    /// Cosign stores signatures next to the image, under tags such as `sha256-….sig`. Some registries show them as the
    /// newest version. Their small layers are JSON, and an engine that unpacks them fails with an obscure error.
    ///
    /// ## How it is recognised
    /// All layers have the type `application/vnd.dev.cosign.simplesigning.v1+json`.
    ///
    /// ## What to do
    /// Pull the image by its own tag or digest, and verify the signature with cosign.
    ///
    /// ## References
    /// sigstore/cosign specs/SIGNATURE_SPEC.md; sigstore/cosign#2298
    "signature-tag-pulled" in Artifact
}

/// The type of a signature.
pub(super) const SIGNATURE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = manifest(case)?;
    if !consists_of(&document, SIGNATURE) {
        return None;
    }
    let finding = Finding::error(
        ExitStatus::Content,
        "reference points to a signature, not an image",
        id,
        format!("layer: {SIGNATURE}"),
    )
    .cause(format!("cosign made this signature for an image. It contains nothing to run.{}", subject_of(&document)))
    .fix("Pull the image by its own tag or digest, and verify the signature with cosign.");
    Some(finding)
}
