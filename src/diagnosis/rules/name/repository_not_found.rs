use super::{is_of_repository, nothing_there, to_strangers};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// There is no such repository.
    ///
    /// ## What it means
    /// The registry knows no repository of this name. Names differ by a single character, by a missing project or
    /// account in front, or by a host that is written twice.
    ///
    /// ## How it is recognised
    /// A 404 with the code `NAME_UNKNOWN`, or Harbor's words for a project or repository that is not there.
    ///
    /// ## What to do
    /// Check the spelling of the repository, with project and account, and whether this is the right registry.
    ///
    /// ## References
    /// distribution-spec, error codes (NAME_UNKNOWN); aws-actions/amazon-ecr-login#166; goharbor/harbor#13733
    "repository-not-found" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = nothing_there(case).filter(|(_, response)| is_of_repository(response))?;
    let (host, repository) = (case.reference().registry(), case.reference().repository());
    let finding =
        Finding::error(ExitStatus::NotFound, format!("{host} has no repository {repository}"), id, case.words(id))
            .cause(format!("The registry says that it does not know the repository.{}", to_strangers(case)))
            .fix("Check the spelling of the repository, with project and account.");
    let first = repository.split('/').next().unwrap_or_default();
    Some(if first.contains('.') && repository.contains('/') {
        finding.fix(format!(
            "The repository begins with {first}, which looks like a host. Most likely the registry is written twice."
        ))
    } else {
        finding
    })
}
