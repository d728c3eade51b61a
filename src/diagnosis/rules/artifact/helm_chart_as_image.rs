use super::{HELM, manifest, taken, taken_entry};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// Reference points to a Helm chart, not an image
    ///
    /// ## What it means
    /// Registries store charts next to images, under the same kind of name. A container engine cannot run a chart.
    ///
    /// ## How it is recognised
    /// The config of the manifest has the type `application/vnd.cncf.helm.config.v1+json`. In an index, the rule checks
    /// the entry without a platform that clients take if no entry matches the requested platform.
    ///
    /// ## What to do
    /// Pull the chart with Helm: `helm pull oci://HOST/REPOSITORY --version VERSION`. For the image, use the reference
    /// that the chart names.
    ///
    /// ## References
    /// helm.sh/docs/topics/registries; moby/moby#44367; helm/helm#31775
    "helm-chart-as-image" in Artifact
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let by_manifest =
        taken(case).filter(|(_, document)| document.config().is_some_and(|config| config.media_type.as_str() == HELM));
    let by_entry = || taken_entry(case).filter(|(_, kind)| kind.as_str() == HELM);
    let (id, field) = match by_manifest {
        Some((id, _)) => (id, "config"),
        None => (by_entry()?.0, "artifactType"),
    };
    let reference = case.reference();
    let chart = format!("oci://{}/{}", reference.registry(), reference.repository());
    let finding = Finding::error(
        ExitStatus::Content,
        "reference points to a Helm chart, not an image",
        id,
        format!("{field}: {HELM}"),
    );
    let finding = finding.cause("A container engine cannot run a chart; Helm reads it.");
    if manifest(case).is_none() {
        return Some(finding.fix(
            "For the image, publish one in the index. For the chart, publish it under its own tag: Helm 3.18 and \
             later rejects an index.",
        ));
    }
    Some(match Word::tag(reference) {
        Some(tag) => finding.fix_with(
            "Pull the chart with Helm:",
            words!["helm", "pull", Word::repository("oci://", reference), "--version", tag],
        ),
        None => finding.fix(format!("Pull the chart with Helm, from {chart}.")),
    })
}
