use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type;

rule! {
    /// The tag is an OCI index, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// The registry has it, but shows it only to clients whose `Accept` header names
    /// `application/vnd.oci.image.index.v1+json`. All others get a 404 that looks like a missing tag. Many tags became
    /// indexes unnoticed when builders began to add attestations.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with an OCI index to another.
    ///
    /// ## What to do
    /// Use a client that accepts OCI indexes, or publish a plain manifest: `docker buildx build --provenance=false
    /// --sbom=false` makes one for a single platform.
    ///
    /// ## References
    /// distribution/distribution registry/handlers/manifests.go; NotGlop/docker-drag#31;
    /// argoproj-labs/argocd-image-updater#519
    "oci-index-not-accepted" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let publish = "For old clients, publish a plain manifest: docker buildx build --provenance=false \
        --sbom=false makes one for a single platform.";
    super::not_accepted(case, media_type::OCI_INDEX, publish)
}
