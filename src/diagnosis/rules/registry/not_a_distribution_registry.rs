use crate::diagnosis::case::registry::known_otherwise;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// The server has images, and is no registry of the distribution specification.
    ///
    /// ## What it means
    /// Singularity Hub, Singularity Registry and the Sylabs library have APIs of their own, in which an image is one
    /// file. Registries of the first generation, docker-registry 0.x, have one below `/v1/`. Tools for Docker and OCI
    /// images ask below `/v2/`, where these servers have nothing.
    ///
    /// ## How it is recognised
    /// The host is known to be such a server, and nothing in its answer is from a registry. Or what was asked for is not
    /// found, and `/v1/_ping` is answered with `true`.
    ///
    /// ## What to do
    /// Pull with Singularity or Apptainer, with the prefix that leads there. Where an image was published in a registry
    /// too, use its name there. A registry of the first generation has to be replaced: Docker pulls from none since 17.12.
    ///
    /// ## References
    /// singularityhub/sregistry; sylabs/scs-library-client; apptainer/singularity#2819;
    /// sameersbn/docker-gitlab#708
    "not-a-distribution-registry" in Registry, instead_of: ["html-instead-of-registry"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    known_server(case).or_else(|| first_generation(case))
}

fn first_generation(case: &Case<'_>) -> Option<Finding> {
    let ping = super::first_generation(case)?;
    let (id, exchange) = case.decisive()?;
    let status = exchange.status()?;
    let title = format!("{} is a registry of the first generation, which has no /v2/", case.host_of(ping));
    let finding = Finding::error(ExitStatus::Network, title, id, format!("{status} below /v2/"))
        .because(ping, "true")
        .cause("It answers below /v1/ alone, which Docker has not asked since 17.12 and no other tool of today does.")
        .fix("Copy its images to a registry of today, with a Docker of before 17.12 that still reads it.");
    Some(finding)
}

fn known_server(case: &Case<'_>) -> Option<Finding> {
    let server = known_otherwise(case)?;
    let (id, exchange) = case.decisive()?;
    let status = exchange.status()?;
    let reference = case.reference();
    let image = Word::image(&server.prefix, reference);
    let title = format!("{} is {}, which is no distribution registry", reference.registry(), server.name);
    let finding = Finding::error(ExitStatus::Network, title, id, format!("{status} below /v2/"))
        .cause(format!("It has {}, and nothing below /v2/, where tools for Docker and OCI images ask.", server.api))
        .fix_with("Pull it with Singularity or Apptainer.", words!["apptainer", "pull", image]);
    Some(finding)
}
