use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The server has images, and is no registry of the distribution specification.
    ///
    /// ## What it means
    /// Singularity Hub, Singularity Registry and the Sylabs library have APIs of their own, in which an image is one
    /// file. Tools for Docker and OCI images ask below `/v2/`, where these servers have nothing.
    ///
    /// ## How it is recognised
    /// The host is known to be such a server, and nothing in its answer is from a registry.
    ///
    /// ## What to do
    /// Pull with Singularity or Apptainer, with the prefix that leads there. Where an image was published in a registry
    /// too, use its name there.
    ///
    /// ## References
    /// singularityhub/sregistry; sylabs/scs-library-client; apptainer/singularity#2819
    "not-a-distribution-registry" in Registry
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let server = super::known_otherwise(case)?;
    let (id, exchange) = case.decisive()?;
    let status = exchange.status()?;
    let reference = case.reference();
    let image = format!("{}{}:{}", server.prefix, reference.repository(), reference.tag().unwrap_or("latest"));
    let title = format!("{} is {}, which is no distribution registry", reference.registry(), server.name);
    let finding = Finding::error(ExitStatus::Network, title, id, format!("{status} below /v2/"))
        .cause(format!("It has {}, and nothing below /v2/, where tools for Docker and OCI images ask.", server.api))
        .fix_with("Pull it with Singularity or Apptainer.", &["apptainer", "pull", &image]);
    Some(finding)
}
