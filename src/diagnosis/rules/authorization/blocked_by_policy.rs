use crate::diagnosis::case::refusal::is_policy;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// A policy of the registry keeps the image back.
    ///
    /// ## What it means
    /// The image is there and you may see it, but it was not scanned, has vulnerabilities, is not signed, or may not be
    /// served for legal reasons. Other credentials do not help.
    ///
    /// ## How it is recognised
    /// A 412, as Harbor sends it, a 451, or a 403 that speaks of a policy.
    ///
    /// ## What to do
    /// Have the image scanned, signed or exempted, as the words of the registry say.
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
        _ => "because of what is known, or not known, about the image",
    };
    let finding = Finding::error(ExitStatus::Denied, format!("a policy of {host} keeps it back"), id, case.words(id))
        .cause(format!("{host} has it, and does not serve it {why}. Credentials are not the matter."))
        .fix("Ask whoever runs the registry to have it scanned, signed or exempted, as its words say.");
    Some(finding)
}
