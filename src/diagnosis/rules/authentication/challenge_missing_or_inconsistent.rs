use super::ping_challenge_differs::challenge_of_ping;
use crate::diagnosis::case::credentials::story;
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
        // gcr.io of 2017 had it there alone (containers/image#211).
        let Some(ping) = challenge_of_ping(case) else { return Some(finding) };
        return Some(finding.because(ping, "401 for /v2/, with a challenge").fix(
            "Docker, Podman and crane ask /v2/ first, where there is a challenge; containerd does not. Try one of those.",
        ));
    }
    let of_challenge = &all.challenge.as_ref()?.remarks;
    let remarks: Vec<_> =
        of_challenge.iter().chain(&all.token_remarks).map(|remark| remark.trim_end_matches('.')).collect();
    if remarks.is_empty() || case.served().is_none() {
        return None;
    }
    let (title, id) = match all.token.filter(|_| of_challenge.is_empty()) {
        Some(token) => ("the token service's answer is odd, and could be used all the same", token),
        None => ("the challenge is not well formed, and could be read all the same", id),
    };
    // The body of the other answer is a token.
    let quote = if of_challenge.is_empty() { "200".into() } else { case.words(id) };
    let finding = Finding::info(title, id, quote)
        .cause(format!("Other clients may read it differently: {}.", remarks.join("; ")));
    Some(finding)
}
