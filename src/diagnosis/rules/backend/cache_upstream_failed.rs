use super::first_failure;
use super::registry_storage_failed::lower_first;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CredentialUse, Outcome};
use crate::knowledge::{BackendPart, BackendReason};

rule! {
    /// Pull-through cache cannot get the image from upstream
    ///
    /// ## What it means
    /// The server that you pull from is a cache for another registry. That upstream registry rejected the cache's own
    /// credentials, does not have the image, rate-limits the cache, or cannot be reached. The cache reports the failure
    /// as if it were yours.
    ///
    /// ## How it is recognised
    /// The error message mentions the upstream or remote registry, in the wording of Amazon ECR, Artifactory, Nexus or
    /// Harbor.
    ///
    /// ## What to do
    /// Logging in with other credentials does not help. Check the part of the repository name that the upstream
    /// registry sees, and ask the operator of the cache to correct its credentials or its connection to the upstream
    /// registry.
    ///
    /// ## References
    /// aws/containers-roadmap#2354; Amazon ECR, pull through cache rules; sonatype/nexus-public#639
    "cache-upstream-failed" in Backend
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let failure = first_failure(case).filter(|failure| failure.error.part == BackendPart::Upstream)?;
    let response = case.journal().get(failure.id).response.as_ref()?;
    let host = case.host_of(failure.id);
    let (exit, title) = match failure.error.reason {
        BackendReason::Login | BackendReason::Permission => {
            (ExitStatus::Denied, "cache cannot log in to its upstream registry")
        }
        BackendReason::Missing => (ExitStatus::NotFound, "not found in the cache's upstream registry"),
        BackendReason::Limit => (ExitStatus::RateLimited, "upstream registry rate-limits the cache"),
        BackendReason::Unknown => (ExitStatus::ServerFailed, "cache cannot use what its upstream registry has"),
        _ => (ExitStatus::ServerFailed, "cache cannot reach its upstream registry"),
    };
    let handshake = case.authentication();
    let accepted = handshake.credential != CredentialUse::Anonymous && handshake.outcome == Outcome::Accepted;
    let yours = if accepted { format!(" {host} accepted your own credentials.") } else { String::new() };
    let quote = format!("{} {}", response.status, failure.words.named_within(300));
    let finding = Finding::error(exit, title, failure.id, quote)
        .cause(format!(
            "{} {host} reports this itself.{yours} Other credentials for {host} do not help.",
            failure.error.means
        ))
        .fix(format!(
            "Check the part of the repository name that the upstream registry sees: {}.",
            case.reference().repository()
        ))
        .fix(format!("Tell the operator of {host}: {}", lower_first(&failure.error.fix)));
    Some(if failure.error.reason == BackendReason::Unknown { finding.likely() } else { finding })
}
