use super::{throttled, when_to_retry};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The registry answers that there were too many requests.
    ///
    /// ## What it means
    /// The registry, its token service or something in front of them limits how often it may be asked. A mirror may
    /// pass on the limit of the registry behind it.
    ///
    /// ## How it is recognised
    /// A 429 from any registry but Docker Hub, which has rules of its own.
    ///
    /// ## What to do
    /// Wait as long as it asks for, send fewer requests at the same time, log in, or pull through a cache.
    ///
    /// ## References
    /// RFC 6585 §4; distribution-spec, error codes (TOOMANYREQUESTS)
    "other-registry-throttle" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = throttled(case).filter(|_| !case.reference().registry().is_docker_hub())?;
    let host = case.host_of(id);
    let finding =
        Finding::error(ExitStatus::RateLimited, format!("{host} has had too many requests"), id, case.words(id))
            .cause(format!("{host} limits how often it may be asked.{}", when_to_retry(response)))
            .fix("Wait, and send fewer requests at the same time. A login may have a higher limit.");
    Some(finding)
}
