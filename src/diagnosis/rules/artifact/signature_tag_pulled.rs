use super::{attached_to, consists_of, manifest};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// It is a signature of an image, not an image.
    ///
    /// ## What it means
    /// Cosign stores signatures beside the image, under tags such as `sha256-….sig`. Some registries show them as the
    /// newest version. Their small layers are JSON, and an engine that unpacks them fails with an odd error.
    ///
    /// ## How it is recognised
    /// All layers have the type `application/vnd.dev.cosign.simplesigning.v1+json`.
    ///
    /// ## What to do
    /// Pull the image by its own tag or digest, and check the signature with cosign.
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
    let finding =
        Finding::error(ExitStatus::Content, "it is a signature, not an image", id, format!("layer: {SIGNATURE}"))
            .cause(format!(
                "It was made by cosign for an image, and has nothing in it to run.{}",
                attached_to(&document)
            ))
            .fix("Pull the image by its own tag or digest, and check the signature with cosign.");
    Some(finding)
}
