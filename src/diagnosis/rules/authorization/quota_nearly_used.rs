use super::allowance::{is_counted_by_address, nearly_used};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Less than a tenth of the Docker Hub pull limit is left
    ///
    /// ## What it means
    /// This pull succeeds, but soon one will not, until the window of the limit has passed. Clients that request
    /// manifests in a loop to find new versions use up the limit without pulling anything.
    ///
    /// ## How it is recognised
    /// Docker Hub serves the image and reports in `ratelimit-remaining` that less than a tenth of `ratelimit-limit` is
    /// left. If the limit is counted by address, `shared-source` reports it instead. Without these headers, there is no
    /// limit.
    ///
    /// ## What to do
    /// Resolve tags with HEAD, which is not counted; pull through a cache or a mirror.
    ///
    /// ## References
    /// https://docs.docker.com/docker-hub/usage/; docker/docs#11707
    "quota-nearly-used" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let allowance = nearly_used(case)?;
    if matches!(is_counted_by_address(case), Some((_, true))) {
        return None;
    }
    let title = "Docker Hub pull limit is nearly used up";
    let finding = Finding::warning(title, allowance.exchange, allowance.quote(case))
        .cause(format!(
            "{} are left. This pull succeeds; once the limit is used up, Docker Hub returns 429.",
            allowance.words()
        ))
        .fix("Pull through a cache or a mirror, and check for new versions with HEAD, which is not counted.");
    Some(finding)
}
