use super::manifest;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::image::Manifest;

rule! {
    /// Reference points to a Singularity or Apptainer SIF file
    ///
    /// ## What it means
    /// `apptainer push` and `singularity push` store a container as a single file (SIF), in a manifest without layers
    /// that a container engine could unpack. It has to be pulled in the way that it was pushed.
    ///
    /// ## How it is recognised
    /// The config or a layer of the manifest has a SIF type, `application/vnd.sylabs.sif.…`.
    ///
    /// ## What to do
    /// Pull it with `apptainer pull oras://HOST/REPOSITORY:TAG`, not with `docker://` or a container engine.
    ///
    /// ## References
    /// apptainer.org, support for OCI registries; singularityhub/github-ci#11; precimed/gsa-mixer#25
    "sif-artifact" in Artifact
}

/// The prefix of the SIF types.
const SIF: &str = "application/vnd.sylabs.sif.";

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, document) = manifest(case)?;
    let quote = sif(&document)?;
    let reference = case.reference();
    let finding =
        Finding::error(ExitStatus::Content, "reference points to a SIF file, not a container image", id, quote)
            .cause("SIF is a single file, which Singularity and Apptainer run. A container engine cannot unpack it.")
            .fix_with(
                "Pull it in the way that it was pushed:",
                words!["apptainer", "pull", Word::with_scheme("oras://", reference)],
            );
    Some(finding)
}

/// The field and type that mark a manifest as SIF.
pub(super) fn sif(document: &Manifest) -> Option<String> {
    let config = document.config().filter(|config| config.media_type.as_str().starts_with(SIF));
    let layer = || document.layers().into_iter().find(|layer| layer.media_type.as_str().starts_with(SIF));
    let quote = |field: &str, kind: &crate::text::Untrusted| format!("{field}: {}", kind.printable_within(100));
    let config = config.map(|config| quote("config", &config.media_type));
    config.or_else(|| Some(quote("layer", &layer()?.media_type)))
}
