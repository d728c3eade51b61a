use super::ping_challenge_differs::challenge_of_ping;
use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// Authentication challenge is missing or malformed
    ///
    /// ## What it means
    /// A 401 must come with a `WWW-Authenticate` header that names a scheme and, for tokens, the address of the token
    /// service. Without it, no client can authenticate. Harbor sends an empty one for a project that does not exist.
    ///
    /// ## How it is recognised
    /// The header is missing or empty, or it names no scheme that registry clients support. As a note: the header
    /// violates the grammar, but is still readable.
    ///
    /// ## What to do
    /// Check the name, including the project. The registry operator has to fix the header, or the proxy that drops it.
    ///
    /// ## References
    /// RFC 9110 §11.6.1; Azure/acr#466
    "challenge-missing-or-inconsistent" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let all = case.authentication();
    let id = all.challenged_by?;
    if let Some(Outcome::ChallengeUnusable(reason)) = story(case).map(|authentication| &authentication.outcome) {
        let title = "authentication is required, but the challenge is unusable";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .cause(format!(
                "The registry returned 401, and {reason}. Some registries do this for a name that does not exist."
            ))
            .fix(format!("Check the spelling of {}.", case.reference().repository()))
            .fix("Ask the registry operator to correct the WWW-Authenticate header.");
        // In 2017, gcr.io sent the challenge only there (containers/image#211).
        let Some(ping) = challenge_of_ping(case) else { return Some(finding) };
        return Some(
            finding.because(ping, "returns 401 with a usable challenge").fix(
                "Try Docker, Podman or crane: they request /v2/ first, which has a challenge. containerd does not.",
            ),
        );
    }
    let of_challenge = &all.challenge.as_ref()?.remarks;
    let remarks: Vec<_> =
        of_challenge.iter().chain(&all.token_remarks).map(|remark| remark.trim_end_matches('.')).collect();
    if remarks.is_empty() || case.served().is_none() {
        return None;
    }
    let (title, id) = match all.token.filter(|_| of_challenge.is_empty()) {
        Some(token) => ("token service's answer is irregular, but usable", token),
        None => ("challenge is malformed, but readable", id),
    };
    // The body of a token response must not be quoted: it is the token.
    let quote = if of_challenge.is_empty() { "200".into() } else { case.words(id) };
    let finding = Finding::info(title, id, quote)
        .cause(format!("Other clients may read it differently: {}.", remarks.join("; ")));
    Some(finding)
}
