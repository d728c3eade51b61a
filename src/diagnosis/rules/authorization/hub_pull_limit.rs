use super::allowance::is_counted_by_address;
use super::{is_pull_limit, throttled};
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::CredentialUse;

rule! {
    /// Docker Hub pull limit is used up
    ///
    /// ## What it means
    /// Docker Hub counts every GET of a manifest as a pull. Anonymous pulls are counted by address, so all clients of
    /// the same NAT, cloud or CI service share one limit; an account has its own.
    ///
    /// ## How it is recognised
    /// Docker Hub returns 429 and names its pull rate limit.
    ///
    /// ## What to do
    /// Log in, wait until the window of the limit has passed, or pull through a cache or a mirror; official images are
    /// also on public.ecr.aws under `docker/library/`.
    ///
    /// ## References
    /// https://docs.docker.com/docker-hub/usage/; docker/hub-feedback#2429; docker/docs#11707
    "hub-pull-limit" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = throttled(case).filter(|_| case.reference().registry().is_docker_hub())?;
    if !is_pull_limit(response) {
        return None;
    }
    let limit = match response.header("ratelimit-limit") {
        Some(limit) => format!(" It is {} (pulls; w is the window in seconds).", limit.named_within(40)),
        None => String::new(),
    };
    let anonymous = case.authentication().credential == CredentialUse::Anonymous;
    let counted_for = is_counted_by_address(case);
    let by_address = counted_for.map_or(anonymous, |(_, by_address)| by_address);
    let whose = if by_address {
        "The limit applies to your address and all clients that share it."
    } else {
        "The limit applies to this account."
    };
    let finding = Finding::error(ExitStatus::RateLimited, "Docker Hub pull limit is used up", id, case.words(id))
        .cause(format!(
            "Docker Hub counts pulls and allows no more for now. {whose}{limit}{}",
            when_to_retry(response)
        ));
    let finding = match counted_for {
        Some((source, true)) => finding.because(source, "docker-ratelimit-source is an address"),
        _ => finding,
    };
    let finding = if anonymous {
        finding.fix_with(
            "Log in, because an account has its own limit:",
            words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())],
        )
    } else {
        finding
    };
    Some(finding.fix("Wait, or pull through a cache or a mirror."))
}
