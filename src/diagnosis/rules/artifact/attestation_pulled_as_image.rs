use super::{consists_of, manifest, subject_of};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Reference points to an attestation, not an image
    ///
    /// ## What it means
    /// Builders store attestations (who built an image, and what is in it) next to the image, as additional entries of
    /// its index. The web pages of registries show their digests like those of images.
    ///
    /// ## How it is recognised
    /// All layers have the type `application/vnd.in-toto+json`, or that of the envelope in which cosign stores an
    /// attestation, `application/vnd.dsse.envelope.v1+json`.
    ///
    /// ## What to do
    /// Pull by tag, or by the digest of the index.
    ///
    /// ## References
    /// moby/buildkit docs/attestations; moby/moby#45600; sigstore/cosign specs/ATTESTATION_SPEC.md
    "attestation-pulled-as-image" in Artifact
}

/// The types of attestations: BuildKit's, and the envelope in which cosign stores one.
pub(super) const ATTESTATIONS: [&str; 2] = ["application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json"];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = manifest(case)?;
    let kind = ATTESTATIONS.into_iter().find(|kind| consists_of(&document, kind))?;
    let finding = Finding::error(
        ExitStatus::Content,
        "reference points to an attestation, not an image",
        id,
        format!("layer: {kind}"),
    )
    .cause(format!("An attestation says how an image was built, and contains nothing to run.{}", subject_of(&document)))
    .fix("Pull by tag, or by the digest of the index.");
    Some(finding)
}
