use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Depth;
use crate::oci::Addition;

rule! {
    /// The reference has no registry, and not every engine takes Docker Hub for it.
    ///
    /// ## What it means
    /// Docker and containerd take Docker Hub where no registry is written. podman, Buildah and CRI-O look the short name
    /// up in a list of their own, and ask the registries that `registries.conf` names; where there is neither, they
    /// refuse with `did not resolve to an alias`, and where there are several they try one after the other.
    ///
    /// ## How it is recognised
    /// The image was written without a registry, and Docker Hub serves it. How the engine is set up cannot be seen from
    /// here.
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
    let finding = Finding::info("podman and CRI-O may not find it by this name", id, observation.served)
        .likely()
        .cause(
            "No registry was written. Docker Hub was asked, as Docker does; podman, Buildah and CRI-O ask the registries of \
             their own settings, and refuse if there are none.",
        )
        .fix(format!("Write it in full: {}", case.reference()));
    Some(finding)
}
