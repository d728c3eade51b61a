use super::{is_pull_limit, throttled};
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Docker Hub has had too many requests from this address.
    ///
    /// ## What it means
    /// Beside its limit on pulls, Docker Hub has one against abuse. It counts all requests of an address, logged in or
    /// not, paid for or not. Most often one machine asks for something in a loop.
    ///
    /// ## How it is recognised
    /// Docker Hub answers 429, and not in the words of its pull rate limit.
    ///
    /// ## What to do
    /// Find out what asks so often, and slow it down. A login does not help.
    ///
    /// ## References
    /// docker/hub-feedback#2040; docker/hub-feedback#1907
    "hub-abuse-limit" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = throttled(case).filter(|_| case.reference().registry().is_docker_hub())?;
    if is_pull_limit(response) {
        return None;
    }
    let finding = Finding::error(
        ExitStatus::RateLimited,
        "Docker Hub has had too many requests from this \
         address",
        id,
        case.words(id),
    )
    .likely()
    .cause(format!(
        "This is not the limit on pulls, which is worded differently. Most likely it is the limit against \
         abuse, which counts all requests of an address.{}",
        when_to_retry(response)
    ))
    .fix("Find out what asks so often from behind this address, and slow it down.");
    Some(finding)
}
