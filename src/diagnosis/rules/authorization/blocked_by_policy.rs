use crate::diagnosis::case::refusal::is_policy;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Registry policy blocks the image
    ///
    /// ## What it means
    /// The image exists and you may see it, but it was not scanned, has vulnerabilities, is not signed, or may not be
    /// served for legal reasons. Other credentials do not help.
    ///
    /// ## How it is recognised
    /// A 412, as sent by Harbor, a 451, or a 403 that mentions a policy.
    ///
    /// ## What to do
    /// Have the image scanned, signed or exempted, as the registry's message says.
    ///
    /// ## References
    /// goharbor/harbor src/server/middleware/vulnerable; RFC 7725; jfrog/jfrog-cli-core#1101
    "blocked-by-policy" in Authorization, instead_of: ["iam-denied"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = case.refusal().filter(|(_, response)| is_policy(response))?;
    let host = case.reference().registry();
    let why = match response.status {
        451 => "for legal reasons",
        _ => "because of what it knows, or does not know, about the image",
    };
    let finding =
        Finding::error(ExitStatus::Denied, format!("a policy of {host} blocks the image"), id, case.words(id))
            .cause(format!("{host} has the image, but does not serve it {why}. Credentials are not the cause."))
            .fix("Ask the registry operator to have the image scanned, signed or exempted, as the message says.");
    Some(finding)
}
