use super::control::{self, Telling, telling};
use super::{stored, with_both_checks, with_visibility};
use crate::diagnosis::case::credentials::{is_anonymous, story, token_is_called_invalid, token_refusal};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, Outcome};

rule! {
    /// The registry wants credentials, and none were given.
    ///
    /// ## What it means
    /// The registry, or its token service, answers nobody without a user name and a password. Whether the image exists
    /// is not known: many registries refuse alike what is private and what does not exist.
    ///
    /// ## How it is recognised
    /// A 401 with a Basic challenge and no credentials to answer it with, or a token service that gives an anonymous
    /// client no token. Where a name that cannot exist is answered with 404 in place of the refusal, this one exists.
    ///
    /// ## What to do
    /// Check the spelling, and log in: in the shell by `login`, on the command line by `--username NAME`, which asks for
    /// the password, with `--password-stdin` where it is on standard input.
    ///
    /// ## References
    /// RFC 7617; distribution-spec, error codes (UNAUTHORIZED); openai/tunnel-client#75
    "login-required" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case).filter(|_| !stored::explains(case))?;
    let host = case.reference().registry();
    if story.outcome == Outcome::CredentialsMissing {
        let id = story.challenged_by?;
        let finding = Finding::error(ExitStatus::Unauthenticated, format!("{host} wants a login"), id, case.words(id))
            .cause(format!("{host} asks for a user name and a password, and none were given."))
            .fix_with(
                "Log in:",
                words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())],
            );
        return Some(finding);
    }
    let (id, asked) = refused(case)?;
    let told = telling(case, id);
    let (title, reading) = match told {
        Telling::Masks(None) => (
            "it wants a login, or there is no such repository",
            format!("{host} answers like this for what is private and for what does not exist."),
        ),
        Telling::Masks(Some(_)) => (
            "it wants a login, or there is no such repository",
            "A name beside it that cannot exist is answered alike, so the two cannot be told apart from here."
                .to_owned(),
        ),
        Telling::Exists(_) => (
            "it is private, and wants a login",
            "A name beside it that cannot exist is answered with 404, so this one exists.".to_owned(),
        ),
        Telling::Unknown => {
            ("it wants a login", "Some registries also answer like this for what does not exist.".to_owned())
        }
    };
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id));
    let finding = finding.cause(format!("{asked} {reading}"));
    Some(match told {
        Telling::Exists(control) => {
            let command =
                words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())];
            let finding = finding
                .because(control, control::quote(case, control))
                .fix_with("Ask as a user who may pull it.", command);
            with_visibility(case, finding)
        }
        Telling::Masks(Some(control)) => {
            with_both_checks(case, finding.because(control, control::quote(case, control)))
        }
        _ => with_both_checks(case, finding),
    })
}

/// The refusal of an anonymous client, and how it came about.
fn refused(case: &Case<'_>) -> Option<(ExchangeId, String)> {
    let story = story(case).filter(|_| is_anonymous(case))?;
    if let Some((id, _)) = token_refusal(case) {
        let service = case.host_of(id);
        return Some((id, format!("The token service {service} gives no token for this repository without a login.")));
    }
    // With a token for everybody it is only known where the registry tells what exists.
    let (id, response) = case.refusal().filter(|(_, response)| response.status == 401)?;
    let rejected = story.outcome == Outcome::Rejected && !token_is_called_invalid(case);
    let exists = rejected && matches!(telling(case, id), Telling::Exists(_));
    exists.then(|| (id, format!("{} answers {} without a login.", case.host_of(id), response.status)))
}
