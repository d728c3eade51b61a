use super::{masks_existence, may_stand_for_another, to_strangers, unknown_repository};
use crate::diagnosis::case::absence::{is_of_repository, names_a_missing_project, nothing_there};
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
    /// A 404 with the code `NAME_UNKNOWN`, or Harbor's words for a project or repository that is not there, for the
    /// manifest or for the list of tags. From a registry that answers alike for what is private, or that can
    /// stand for other registries, it is only likely.
    ///
    /// ## What to do
    /// Check the spelling of the repository, with project and account, and whether this is the right registry.
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
                .cause("The status speaks of a login, and the words say what it is: there is no such project.")
                .fix("Check the spelling of the project, which is the first part of the repository.");
        return Some(finding);
    }
    let (id, response) = nothing_there(case)?;
    let by_list = || unknown_repository(case);
    let said_at_once = is_of_repository(response);
    let list = if said_at_once { None } else { Some(by_list()?) };
    let (host, repository) = (case.reference().registry(), case.reference().repository());
    let finding =
        Finding::error(ExitStatus::NotFound, format!("{host} has no repository {repository}"), id, case.words(id))
            .cause(format!("The registry says that it does not know the repository.{}", to_strangers(case)))
            .fix("Check the spelling of the repository, with project and account.");
    let finding = match list {
        Some(list) => finding.because(list, format!("{} for its tags", case.words(list).as_str())),
        None => finding,
    };
    let proxy = may_stand_for_another(response);
    let finding = if masks_existence(case) || proxy { finding.likely() } else { finding };
    let finding = if proxy {
        finding.fix(
            "If it stands for another registry here: look into its log. What it may not fetch there, it calls unknown.",
        )
    } else {
        finding
    };
    let first = repository.split('/').next().unwrap_or_default();
    Some(if first.contains('.') && repository.contains('/') {
        finding.fix(format!(
            "The repository begins with {first}, which looks like a host. Most likely the registry is written twice."
        ))
    } else {
        finding
    })
}
