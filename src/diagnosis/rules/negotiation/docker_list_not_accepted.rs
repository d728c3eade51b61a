use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type;

rule! {
    /// The tag is a docker list, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// Most registries choose an image for a client that does not know lists. This one shows the list only to clients
    /// whose `Accept` header names `application/vnd.docker.distribution.manifest.list.v2+json`.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with a docker list to another, and the list has an image
    /// for linux/amd64; without that, see `list-without-amd64`.
    ///
    /// ## What to do
    /// Use a client that accepts lists, or ask for one of the images in it by digest.
    ///
    /// ## References
    /// distribution-spec, content negotiation; Azure/acr#741
    "docker-list-not-accepted" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let publish = "For old clients, ask for one of the images in the list by its digest.";
    super::not_accepted(case, media_type::DOCKER_LIST, publish)
}
