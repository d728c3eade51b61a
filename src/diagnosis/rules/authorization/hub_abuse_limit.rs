use super::{is_pull_limit, throttled};
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Docker Hub received too many requests from this address
    ///
    /// ## What it means
    /// In addition to the pull limit, Docker Hub has an abuse limit. It counts all requests from an address,
    /// authenticated or not, with a paid plan or not. Most often, one machine sends requests in a loop.
    ///
    /// ## How it is recognised
    /// Docker Hub returns 429, without the message of its pull rate limit.
    ///
    /// ## What to do
    /// Find out what sends so many requests, and slow it down. Logging in does not help.
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
        "Docker Hub received too many requests from this address",
        id,
        case.words(id),
    )
    .likely()
    .cause(format!(
        "This is not the pull limit, which has another message. Most likely it is the abuse limit, which counts all \
         requests from an address.{}",
        when_to_retry(response)
    ))
    .fix("Find out what sends so many requests from this address, and slow it down.");
    Some(finding)
}
