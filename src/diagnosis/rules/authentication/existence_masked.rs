use super::control::{self, Existence, existence};
use super::with_both_checks;
use crate::diagnosis::case::absence::names_a_missing_project;
use crate::diagnosis::case::credentials::{is_anonymous, story, token_is_called_invalid};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// Registry does not reveal whether the repository exists
    ///
    /// ## What it means
    /// The registry returns 401 for nonexistent and for private repositories alike, so that names cannot be discovered
    /// by trying. Every client gets a token, but here the token grants nothing.
    ///
    /// ## How it is recognised
    /// An anonymous client got a token, and the registry still returned 401 for the manifest. A control request for a
    /// nonexistent repository next to this one got the same status, error code and challenge.
    ///
    /// ## What to do
    /// Check the spelling of the name. If it is right, log in as a user with pull access.
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
    let title = "repository does not exist, or is private";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id));
    let status = response.status;
    let indistinguishable = "The two cases are indistinguishable from here.";
    let finding = match existence(case, id) {
        Existence::Masked(None) => finding.cause(format!(
            "{host} returns {status} for a repository that does not exist and for one that anonymous clients may not \
             see. {indistinguishable}"
        )),
        Existence::Masked(Some(control)) => finding.because(control, control::quote(case, control)).cause(format!(
            "{host} returns {status} for this repository and for a nonexistent one next to it (control request). \
             {indistinguishable}"
        )),
        // The repository is private then, which `login-required` reports.
        Existence::Confirmed(_) => return None,
        Existence::Unknown => finding.likely().cause(format!(
            "{host} gave an anonymous token and then rejected it with {status}. Most likely the repository is \
             private; some registries also answer like this for one that does not exist."
        )),
    };
    Some(with_both_checks(case, finding))
}
