use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, body_kind, markup_words};

rule! {
    /// Registry failed to answer
    ///
    /// ## What it means
    /// The server itself reports that it could not answer. It may be down, overloaded or without its storage. Some
    /// registries also answer 500 where they should refuse: for the digest of a blob, for a user name that contains a
    /// line break, or for a name that the upstream registry of a cache does not have.
    ///
    /// ## How it is recognised
    /// A status of 500 or higher that no other rule explains.
    ///
    /// ## What to do
    /// Try again later, and try another tag of the same repository: if that works, the problem is this tag.
    ///
    /// ## References
    /// RFC 9110 §15.6; distribution/distribution#3122; fluxcd/source-controller#193
    "registry-failed" in Server
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = case.refusal().filter(|(_, response)| response.status >= 500)?;
    let host = case.host_of(id);
    let reading = match response.status {
        502..=504 => "Most likely a proxy answers, and its registry is down or overloaded.",
        _ => "It may be down or without its storage. Some registries also answer like this where they should refuse.",
    };
    let quote =
        markup_words(response).filter(|_| body_kind(response) == BodyKind::Xml).unwrap_or_else(|| case.words(id));
    let finding =
        Finding::error(ExitStatus::ServerFailed, format!("{host} failed with status {}", response.status), id, quote)
            .cause(format!("The server reports that it could not answer. {reading}{}", when_to_retry(response)))
            .fix("Try again later. Try another tag of the same repository: if that works, the problem is this tag.");
    Some(finding)
}
