use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type;

rule! {
    /// The tag is a docker v2 manifest, and clients that do not name that type are told that it is unknown.
    ///
    /// ## What it means
    /// Most registries serve this type to everybody or convert it. This one shows it only to clients whose `Accept`
    /// header names `application/vnd.docker.distribution.manifest.v2+json`, as Google's Container Registry did.
    ///
    /// ## How it is recognised
    /// The same address answers 404 to one `Accept` and 200 with a docker v2 manifest to another.
    ///
    /// ## What to do
    /// Use a client that names this type, by itself and without parameters such as `q=0.5`.
    ///
    /// ## References
    /// appc/docker2aci#255; camallo/dkregistry-rs#161; singularityhub/sregistry-cli#75
    "docker-v2-not-accepted" in Negotiation
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let publish = "Clients of your own should name this type by itself, without parameters such as q=0.5.";
    super::not_accepted(case, media_type::DOCKER_V2, publish)
}
