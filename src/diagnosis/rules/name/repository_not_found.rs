use super::{anonymous_caveat, masks_existence, may_be_a_proxy, unknown_repository};
use crate::diagnosis::case::absence::{is_of_repository, names_a_missing_project, nothing_there};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Repository does not exist
    ///
    /// ## What it means
    /// The registry knows no repository of this name. Often a single character is wrong, a project or account is
    /// missing in front, or a host is written twice.
    ///
    /// ## How it is recognised
    /// A 404 with the code `NAME_UNKNOWN`, or Harbor's message for a missing project or repository, for the manifest or
    /// the tag list. If the registry answers alike for private repositories, or can proxy other registries, the finding
    /// is only likely.
    ///
    /// ## What to do
    /// Check the spelling of the repository, including project and account, and whether this is the right registry.
    ///
    /// ## References
    /// distribution-spec, error codes (NAME_UNKNOWN); aws-actions/amazon-ecr-login#166; goharbor/harbor#13733
    "repository-not-found" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if let Some((id, _)) = names_a_missing_project(case) {
        let repository = case.reference().repository();
        let project = repository.split('/').next().unwrap_or(repository);
        let host = case.reference().registry();
        let finding =
            Finding::error(ExitStatus::NotFound, format!("{host} has no project {project}"), id, case.words(id))
                .cause(
                    "The status asks for authentication, but the registry's message says that the project does not \
                     exist.",
                )
                .fix("Check the spelling of the project, the first part of the repository.");
        return Some(finding);
    }
    let (id, response) = nothing_there(case)?;
    let by_list = || unknown_repository(case);
    let is_explicit = is_of_repository(response);
    let list = if is_explicit { None } else { Some(by_list()?) };
    let (host, repository) = (case.reference().registry(), case.reference().repository());
    let finding =
        Finding::error(ExitStatus::NotFound, format!("{host} has no repository {repository}"), id, case.words(id))
            .cause(format!("The registry reports that it does not know the repository.{}", anonymous_caveat(case)))
            .fix("Check the spelling of the repository, including project and account.");
    let finding = match list {
        Some(list) => finding.because(list, case.words(list)),
        None => finding,
    };
    let proxy = may_be_a_proxy(response);
    let finding = if masks_existence(case) || proxy { finding.likely() } else { finding };
    let finding = if proxy {
        finding.fix("If this is a pull-through cache, check its log: it reports upstream failures as \"unknown\".")
    } else {
        finding
    };
    let first = repository.split('/').next().unwrap_or_default();
    Some(if first.contains('.') && repository.contains('/') {
        finding.fix(format!(
            "Remove {first} from the repository: it looks like a host, so most likely the registry is written twice."
        ))
    } else {
        finding
    })
}
