use super::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// The registry does not say properly how to authenticate.
    ///
    /// ## What it means
    /// With a 401 belongs a `WWW-Authenticate` header that names a scheme and, for tokens, where they can be had.
    /// Without it no client can go on. Harbor leaves it empty for a project that does not exist.
    ///
    /// ## How it is recognised
    /// The header is missing, empty, or names no scheme that clients of registries answer. As a note: it breaks the
    /// grammar, and could be read all the same.
    ///
    /// ## What to do
    /// Check the name, project and all. Whoever runs the registry has to correct the header, or the proxy that drops
    /// it.
    ///
    /// ## References
    /// RFC 9110 §11.6.1; Azure/acr#466
    "challenge-missing-or-inconsistent" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let all = case.authentication();
    let id = all.challenged_by?;
    if let Some(Outcome::ChallengeUnusable(reason)) = story(case).map(|story| &story.outcome) {
        let title = "it wants a login, but does not say how";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .cause(format!("The answer is 401, and {reason}. Some registries do this for a name that does not exist."))
            .fix(format!("Check the spelling of {}.", case.reference().repository()))
            .fix("Whoever runs the registry has to correct its WWW-Authenticate header.");
        return Some(finding);
    }
    let remarks = &all.challenge.as_ref()?.remarks;
    if remarks.is_empty() || case.served().is_none() {
        return None;
    }
    let remarks: Vec<_> = remarks.iter().map(|remark| remark.trim_end_matches('.')).collect();
    let finding = Finding::info("the challenge is not well formed, and could be read all the same", id, case.words(id))
        .cause(format!("Other clients may read it differently: {}.", remarks.join("; ")));
    Some(finding)
}
