use crate::diagnosis::case::accept::{asks, refused_by_accept, stored};
use crate::diagnosis::content::is_for_running;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};
use crate::image::Descriptor;
use crate::oci::media_type;

rule! {
    /// An entry `unknown/unknown` is an attestation, not an image.
    ///
    /// ## What it means
    /// BuildKit stores how an image was built and what is in it beside the image, as one more entry of an index. Web
    /// pages show it as an image for `unknown/unknown`; nothing is broken, and nothing has to be done. It is told only
    /// where it is in the way: an image for one platform becomes an index through it, which some clients cannot read;
    /// and a docker list has no place for the mark that tells an attestation from an image.
    ///
    /// ## How it is recognised
    /// The index has attestations, by the annotation `vnd.docker.reference.type` or the platform `unknown/unknown`, and
    /// either a single image, while the asking client does not accept the index, or the type of a docker list.
    ///
    /// ## What to do
    /// Publish without attestations where they are in the way: `docker buildx build --provenance=false --sbom=false`.
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
        let cause = "There is a single image in the index. The other entries are attestations, which say how it was built; \
            without them it could be published as a manifest alone, which more clients read.";
        ("it is an index only because of its attestations", cause)
    } else if kind == media_type::DOCKER_LIST && images > 0 {
        let cause = "An entry unknown/unknown says how an image was built. Docker's lists have no annotations to mark it \
            with, so some clients take it for an image. Nothing is broken.";
        ("it lists attestations in a docker list", cause)
    } else {
        return None;
    };
    let finding = Finding::info(title, shown, format!("unknown/unknown {}", attestation.digest.named_within(140)))
        .cause(cause)
        .fix_with(
            "Publish without attestations, if they are in the way:",
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
