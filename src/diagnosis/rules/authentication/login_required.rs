use super::control::{self, Existence, existence};
use super::{stored, with_both_checks, with_visibility};
use crate::diagnosis::case::credentials::{is_anonymous, story, token_is_called_invalid, token_refusal};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, Outcome};

rule! {
    /// Registry requires authentication; no credentials were given
    ///
    /// ## What it means
    /// The registry or its token service answers only requests with a user name and password. Whether the image exists
    /// is unknown: many registries return the same error for private and for nonexistent repositories.
    ///
    /// ## How it is recognised
    /// A 401 with a Basic challenge and no credentials to answer it, or a token service that gives anonymous clients no
    /// token. If a control request for a nonexistent repository gets 404 instead of the same error, this repository
    /// exists.
    ///
    /// ## What to do
    /// Check the spelling, and log in: with `login` in the shell, or with `--username NAME` on the command line, which
    /// prompts for the password, or with `--password-stdin` if the password is on standard input.
    ///
    /// ## References
    /// RFC 7617; distribution-spec, error codes (UNAUTHORIZED); openai/tunnel-client#75
    "login-required" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = story(case).filter(|_| !stored::explains(case))?;
    let host = case.reference().registry();
    if authentication.outcome == Outcome::CredentialsMissing {
        let id = authentication.challenged_by?;
        let finding =
            Finding::error(ExitStatus::Unauthenticated, format!("{host} requires authentication"), id, case.words(id))
                .cause(format!("{host} requires a user name and a password, and none were given."))
                .fix_with(
                    "Log in:",
                    words![
                        "ociscope",
                        "probe",
                        "--username",
                        "NAME",
                        "--password-stdin",
                        Word::input(case.reference())
                    ],
                );
        return Some(finding);
    }
    let (id, refusal) = refused(case)?;
    let existence = existence(case, id);
    let (title, reading) = match existence {
        Existence::Masked(None) => (
            "repository requires authentication, or does not exist",
            format!("{host} answers like this for private and for nonexistent repositories."),
        ),
        Existence::Masked(Some(_)) => (
            "repository requires authentication, or does not exist",
            "A control request for a nonexistent repository got the same answer, so the two cases are \
             indistinguishable from here."
                .to_owned(),
        ),
        Existence::Confirmed(_) => (
            "repository is private and requires authentication",
            "A control request for a nonexistent repository got 404, so this one exists.".to_owned(),
        ),
        Existence::Unknown => (
            "repository requires authentication",
            "Some registries also answer like this for a nonexistent repository.".to_owned(),
        ),
    };
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id));
    let finding = finding.cause(format!("{refusal} {reading}"));
    Some(match existence {
        Existence::Confirmed(control) => {
            let command =
                words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())];
            let finding = finding
                .because(control, control::quote(case, control))
                .fix_with("Log in as a user with pull access:", command);
            with_visibility(case, finding)
        }
        Existence::Masked(Some(control)) => {
            with_both_checks(case, finding.because(control, control::quote(case, control)))
        }
        _ => with_both_checks(case, finding),
    })
}

/// The refusal of an anonymous client, and a sentence on how it came about.
fn refused(case: &Case<'_>) -> Option<(ExchangeId, String)> {
    let authentication = story(case).filter(|_| is_anonymous(case))?;
    if let Some((id, _)) = token_refusal(case) {
        let service = case.host_of(id);
        return Some((
            id,
            format!("The token service {service} does not give anonymous clients a token for this repository."),
        ));
    }
    // If anonymous clients get a token, a refusal means this only at a registry that reveals what exists.
    let (id, response) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let rejected = authentication.outcome == Outcome::Rejected && !token_is_called_invalid(case);
    let exists = rejected && matches!(existence(case, id), Existence::Confirmed(_));
    exists.then(|| (id, format!("{} returns {} to anonymous clients.", case.host_of(id), response.status)))
}
