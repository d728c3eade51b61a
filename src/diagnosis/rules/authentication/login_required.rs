use super::{is_anonymous, masks_existence, story, token_refusal, with_both_checks};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// The registry wants credentials, and none were given.
    ///
    /// ## What it means
    /// The registry, or its token service, answers nobody without a user name and a password. Whether the image exists
    /// is not known: many registries refuse alike what is private and what does not exist.
    ///
    /// ## How it is recognised
    /// A 401 with a Basic challenge and no credentials to answer it with, or a token service that gives an anonymous
    /// client no token.
    ///
    /// ## What to do
    /// Check the spelling, and give a user name, and the password on standard input: `--username NAME
    /// --password-stdin`.
    ///
    /// ## References
    /// RFC 7617; distribution-spec, error codes (UNAUTHORIZED); openai/tunnel-client#75
    "login-required" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let host = case.reference().registry();
    if story.outcome == Outcome::CredentialsMissing {
        let id = story.challenged_by?;
        let finding = Finding::error(ExitStatus::Unauthenticated, format!("{host} wants a login"), id, case.words(id))
            .cause(format!("{host} asks for a user name and a password, and none were given."))
            .fix_with(
                "Log in for this run; the password is read from standard input.",
                &["ociscope", "probe", "--username", "NAME", "--password-stdin", case.reference().input()],
            );
        return Some(finding);
    }
    let (id, _) = token_refusal(case).filter(|_| is_anonymous(case))?;
    let service = case.host_of(id);
    let asked = format!("The token service {service} gives no token for this repository without a login.");
    let (title, reading) = if masks_existence(case) {
        let reading = format!("{host} answers like this for what is private and for what does not exist.");
        ("it wants a login, or there is no such repository", reading)
    } else {
        ("it wants a login", "Some registries also answer like this for what does not exist.".to_owned())
    };
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id));
    Some(with_both_checks(case, finding.cause(format!("{asked} {reading}"))))
}
