use super::{attached_to, consists_of, manifest};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// It is an attestation about an image, not an image.
    ///
    /// ## What it means
    /// Builders store who built an image and what is in it beside the image, as one more entry of the index. Web pages
    /// of registries show its digest like that of an image.
    ///
    /// ## How it is recognised
    /// All layers have the type `application/vnd.in-toto+json`, or that of the envelope in which cosign stores one,
    /// `application/vnd.dsse.envelope.v1+json`.
    ///
    /// ## What to do
    /// Pull by the tag, or by the digest of the index.
    ///
    /// ## References
    /// moby/buildkit docs/attestations; moby/moby#45600; sigstore/cosign specs/ATTESTATION_SPEC.md
    "attestation-pulled-as-image" in Artifact
}

/// The types of attestations: BuildKit's, and the envelope that cosign puts one in.
pub(super) const ATTESTATIONS: [&str; 2] = ["application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json"];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = manifest(case)?;
    let kind = ATTESTATIONS.into_iter().find(|kind| consists_of(&document, kind))?;
    let finding =
        Finding::error(ExitStatus::Content, "it is an attestation, not an image", id, format!("layer: {kind}"))
            .cause(format!("It says how an image was built, and has nothing in it to run.{}", attached_to(&document)))
            .fix("Pull by the tag, or by the digest of the index.");
    Some(finding)
}
