use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type;

rule! {
    /// The tag is an OCI manifest, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// The registry has it, but shows it only to clients whose `Accept` header names
    /// `application/vnd.oci.image.manifest.v1+json`. All others get a 404 that looks like a missing tag; wildcards and
    /// a missing header count as naming nothing.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with an OCI manifest to another.
    ///
    /// ## What to do
    /// Use a client that accepts OCI manifests, or publish with Docker's types: `docker buildx build --output
    /// type=image,oci-mediatypes=false`, `podman push --format v2s2`.
    ///
    /// ## References
    /// distribution/distribution#4385; docker/hub-feedback#2391; Azure/acr#764
    "oci-manifest-not-accepted" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let publish = "For old clients, publish with Docker's types: docker buildx build --output \
        type=image,oci-mediatypes=false, or podman push --format v2s2.";
    super::not_accepted(case, media_type::OCI_MANIFEST, publish)
}
