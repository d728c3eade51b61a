use crate::diagnosis::case::accept::a_document;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type::{DOCKER_LIST, DOCKER_V2, OCI_INDEX, OCI_MANIFEST, essence};

rule! {
    /// Index mixes Docker and OCI media types
    ///
    /// ## What it means
    /// This is a Docker manifest list of OCI images, or an OCI index of Docker images. Clients that know both families
    /// pull it; some registries do not accept it, so mirroring fails, and clients that name only one family are refused
    /// at the second request.
    ///
    /// ## How it is recognised
    /// The type of the index that the asking client was served and the type that it states for an entry are of two
    /// families.
    ///
    /// ## What to do
    /// Publish it again with one family throughout.
    ///
    /// ## References
    /// quay/quay#1959; opencontainers/image-spec#1150
    "mixed-docker-and-oci-tree" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, observation) = case.served()?;
    let served = observation.served.as_str();
    let other = match served {
        DOCKER_LIST => OCI_MANIFEST,
        OCI_INDEX => DOCKER_V2,
        _ => return None,
    };
    let entries = observation.document.as_ref()?.manifests();
    let odd = entries.iter().find(|entry| essence(entry.media_type.as_str()) == other)?;

    let finding = Finding::warning(
        format!("{} has entries of the other media type family", a_document(served)),
        id,
        format!("lists {} as {other}", odd.digest.named_within(140)),
    )
    .cause(format!(
        "An entry is {}. Clients that know both families pull it; some registries do not accept such a mixture, and \
         clients that name only one family are refused at the second request.",
        a_document(other)
    ))
    .fix("Publish it again with one family throughout: skopeo copy --all --format oci, or --format v2s2.");
    Some(finding)
}
