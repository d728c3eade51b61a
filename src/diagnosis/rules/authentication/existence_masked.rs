use super::control::{self, Telling, telling};
use super::with_both_checks;
use crate::diagnosis::case::absence::names_a_missing_project;
use crate::diagnosis::case::credentials::{is_anonymous, story, token_is_called_invalid};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// The registry does not tell whether the repository exists.
    ///
    /// ## What it means
    /// It answers 401 for what does not exist and for what is private, so that nobody can find out names by trying.
    /// A token is given to everybody, but it allows nothing here.
    ///
    /// ## How it is recognised
    /// An anonymous client got a token, and the registry refused the manifest with 401 all the same. A name that cannot
    /// exist, next to this one, is answered with the same status, code and challenge.
    ///
    /// ## What to do
    /// Check the spelling of the name. If it is right, ask as a user who may pull it.
    ///
    /// ## References
    /// distribution/distribution#1291; bytecodealliance/wasm-pkg-tools#40; containerd/containerd#7064
    "existence-masked" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let rejected = story(case)?.outcome == Outcome::Rejected;
    if !rejected || names_a_missing_project(case).is_some() || !is_anonymous(case) || token_is_called_invalid(case) {
        return None;
    }
    let (id, response) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let host = case.reference().registry();
    let title = "there is no such repository, or it is private";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id));
    let status = response.status;
    let apart = "From here the two cannot be told apart.";
    let finding = match telling(case, id) {
        Telling::Masks(None) => finding.cause(format!(
            "{host} answers {status} for a repository that does not exist and for one that an anonymous client may not \
             see. {apart}"
        )),
        Telling::Masks(Some(control)) => finding
            .because(control, control::quote(case, control))
            .cause(format!("{host} answers {status} for this name and for one beside it that cannot exist. {apart}")),
        // It is private then, and another rule says so.
        Telling::Exists(_) => return None,
        Telling::Unknown => finding.likely().cause(format!(
            "{host} gave an anonymous token and then refused it with {status}. Most likely the repository is private; \
             some registries also answer like this for one that does not exist."
        )),
    };
    Some(with_both_checks(case, finding))
}
