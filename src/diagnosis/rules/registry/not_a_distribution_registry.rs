use crate::diagnosis::case::registry::known_otherwise;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};

rule! {
    /// Server has images but is not a distribution registry
    ///
    /// ## What it means
    /// Singularity Hub, Singularity Registry and the Sylabs library have APIs of their own, in which an image is a
    /// single file. First-generation registries, docker-registry 0.x, have an API below `/v1/`. Tools for Docker and
    /// OCI images send requests below `/v2/`, where these servers have nothing.
    ///
    /// ## How it is recognised
    /// The host is known to be such a server, and nothing in its answer is from a registry. Or the image is not found,
    /// and the answer to `/v1/_ping` is `true`.
    ///
    /// ## What to do
    /// Pull with Singularity or Apptainer, with the prefix for that server. If the image is also published in a
    /// registry, use its name there. Replace a first-generation registry: Docker cannot pull from one since 17.12.
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
    let title = format!("{} is a first-generation registry without /v2/", case.host_of(ping));
    let finding = Finding::error(ExitStatus::Network, title, id, format!("{status} below /v2/"))
        .because(ping, "true")
        .cause("It has an API below /v1/ only, which Docker dropped in 17.12 and no other current tool uses.")
        .fix("Copy its images to a current registry, with a Docker older than 17.12, which can still read it.");
    Some(finding)
}

fn known_server(case: &Case<'_>) -> Option<Finding> {
    let server = known_otherwise(case)?;
    let (id, exchange) = case.decisive()?;
    let status = exchange.status()?;
    let reference = case.reference();
    let image = Word::image(&server.prefix, reference);
    let title = format!("{} is {}, not a distribution registry", reference.registry(), server.name);
    let finding = Finding::error(ExitStatus::Network, title, id, format!("{status} below /v2/"))
        .cause(format!(
            "It has {}, and nothing below /v2/, where tools for Docker and OCI images send requests.",
            server.api
        ))
        .fix_with("Pull with Singularity or Apptainer:", words!["apptainer", "pull", image]);
    Some(finding)
}
