use crate::diagnosis::case::accept::{asks, refused_by_accept, stored};
use crate::diagnosis::content::is_for_running;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};
use crate::image::Descriptor;
use crate::oci::media_type;

rule! {
    /// Entry `unknown/unknown` is an attestation, not an image
    ///
    /// ## What it means
    /// BuildKit stores attestations, which describe how an image was built and what is in it, along with the image, as
    /// additional entries of an index. Web pages show them as images for `unknown/unknown`; nothing is broken, and no
    /// action is needed. The rule reports them only where they cause problems: they turn an image for one platform into
    /// an index, which some clients cannot read; and a Docker manifest list has no annotations to mark an attestation.
    ///
    /// ## How it is recognised
    /// The index has attestations, by the annotation `vnd.docker.reference.type` or the platform `unknown/unknown`, and
    /// either a single image, while the client does not accept the index, or the type of a Docker manifest list.
    ///
    /// ## What to do
    /// If they cause problems, publish without attestations: `docker buildx build --provenance=false --sbom=false`.
    ///
    /// ## References
    /// moby/buildkit docs/attestations; docker/buildx#1509; go-gitea/gitea#24973
    "attestation-child" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, index) = stored(case).filter(|(_, _, observation)| observation.is_index())?;
    let entries = index.document.as_ref()?.manifests();
    let attestation = entries.iter().find(|entry| is_attestation(entry))?;
    let images = entries.iter().filter(|entry| is_for_running(entry)).count();
    let kind = index.served.as_str();
    let refused = refused_by_accept(case).iter().any(|(variant, ..)| asks(case, variant));
    let unreadable = refused || case.asking().is_some_and(|asking| !asking.accepts(kind));
    let (title, cause) = if images == 1 && unreadable {
        let cause = "The index has a single image. Its other entries are attestations, which describe the build; \
                     without them, the image could be published as a plain manifest, which more clients read.";
        ("the image is an index only because of its attestations", cause)
    } else if kind == media_type::DOCKER_LIST && images > 0 {
        let cause = "An entry unknown/unknown describes how an image was built. Docker manifest lists have no \
                     annotations to mark it with, so some clients mistake it for an image. Nothing is broken.";
        ("a Docker manifest list contains attestations", cause)
    } else {
        return None;
    };
    let finding = Finding::info(title, shown, format!("unknown/unknown {}", attestation.digest.named_within(140)))
        .cause(cause)
        .fix_with(
            "If they cause problems, publish without attestations:",
            words![
                "docker",
                "buildx",
                "build",
                "--provenance=false",
                "--sbom=false",
                "--push",
                "-t",
                Word::input(case.reference()),
                ".",
            ],
        );
    Some(finding)
}

fn is_attestation(entry: &Descriptor) -> bool {
    let unknown = |entry: &Descriptor| {
        let platform = entry.platform.as_ref();
        platform.is_some_and(|platform| platform.os() == "unknown" && platform.architecture() == "unknown")
    };
    entry.attestation || unknown(entry)
}
