use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Depth;
use crate::oci::Addition;

rule! {
    /// Short name may not resolve in every engine
    ///
    /// ## What it means
    /// Docker and containerd use Docker Hub if no registry is written. podman, Buildah and CRI-O look up the short name
    /// in an alias list, and ask the registries that `registries.conf` names; if there is neither, they fail with `did
    /// not resolve to an alias`, and if there are several they try one after the other.
    ///
    /// ## How it is recognised
    /// The image was written without a registry, and Docker Hub serves it. ociscope cannot see the configuration of the
    /// engine.
    ///
    /// ## What to do
    /// Write the reference in full.
    ///
    /// ## References
    /// containers/image docs/containers-registries.conf.5.md; podman-container-tools/podman#9390; containers/image#1090
    "short-name-unresolved" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let is_short = case.reference().additions().contains(&Addition::DefaultRegistry);
    if !is_short || case.record().depth == Depth::Probe {
        return None;
    }
    let (id, observation) = case.served()?;
    let finding = Finding::info("podman and CRI-O may not resolve this short name", id, observation.served)
        .likely()
        .cause(
            "The reference names no registry. ociscope asked Docker Hub, as Docker does; podman, Buildah and CRI-O ask \
             the registries in their own configuration, and fail if there are none.",
        )
        .fix(format!("Write the reference in full: {}", case.reference()));
    Some(finding)
}
