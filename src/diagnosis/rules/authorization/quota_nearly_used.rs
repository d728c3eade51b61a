use super::allowance::{is_counted_by_address, nearly_used};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Less than a tenth of Docker Hub's limit on pulls is left.
    ///
    /// ## What it means
    /// This pull succeeds, and soon one will not, until the window of the limit has passed. Who asks for manifests in a
    /// loop, to find out about new versions, uses it up without pulling anything.
    ///
    /// ## How it is recognised
    /// Docker Hub serves the image and says in `ratelimit-remaining` that less than a tenth of `ratelimit-limit` is
    /// left. Where it counts for an address, `shared-source` says so in the place of this rule. Without such headers
    /// there is no limit.
    ///
    /// ## What to do
    /// Find out by HEAD what a tag points to, which is not counted; pull through a cache or a mirror.
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
    let title = "the limit on pulls from Docker Hub is nearly used up";
    let finding = Finding::warning(title, allowance.exchange, allowance.quote(case))
        .cause(format!("{} are left. This one succeeds; when none is left, Docker Hub answers 429.", allowance.words()))
        .fix("Pull through a cache or a mirror, and look for new versions by HEAD, which is not counted.");
    Some(finding)
}
