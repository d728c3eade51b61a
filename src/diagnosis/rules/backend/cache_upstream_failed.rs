use super::registry_storage_failed::lower_first;
use super::told;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CredentialUse, Outcome};
use crate::knowledge::{BackendReason, Behind};

rule! {
    /// A pull-through cache cannot get the image from its upstream registry.
    ///
    /// ## What it means
    /// The server that you ask fetches from another registry. There its own login is refused, the image does not exist,
    /// it asks too often, or it cannot get through. It passes the failure on as if it were yours.
    ///
    /// ## How it is recognised
    /// The error speaks of the upstream or remote registry, as Amazon ECR, Artifactory, Nexus and Harbor word it.
    ///
    /// ## What to do
    /// Another login of yours changes nothing. Check the part of the name that the upstream registry sees, and have the
    /// operator of the cache correct its credentials or its way to the upstream registry.
    ///
    /// ## References
    /// aws/containers-roadmap#2354; Amazon ECR, pull through cache rules; sonatype/nexus-public#639
    "cache-upstream-failed" in Backend
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let told = told(case).filter(|told| told.error.behind == Behind::Upstream)?;
    let response = case.journal().get(told.id).response.as_ref()?;
    let host = case.host_of(told.id);
    let (exit, title) = match told.error.reason {
        BackendReason::Login | BackendReason::Permission => {
            (ExitStatus::Denied, "the cache cannot log in to its upstream registry")
        }
        BackendReason::Missing => (ExitStatus::NotFound, "the upstream registry of the cache does not have it"),
        BackendReason::Limit => (ExitStatus::RateLimited, "the upstream registry limits the cache"),
        BackendReason::Unknown => (ExitStatus::ServerFailed, "the cache cannot take what its upstream registry has"),
        _ => (ExitStatus::ServerFailed, "the cache cannot reach its upstream registry"),
    };
    let story = case.authentication();
    let good = story.credential != CredentialUse::Anonymous && story.outcome == Outcome::Accepted;
    let yours = if good { format!(" Your own login was accepted by {host}.") } else { String::new() };
    let quote = format!("{} {}", response.status, told.words.named_within(300));
    let finding = Finding::error(exit, title, told.id, quote)
        .cause(format!(
            "{} {host} says so itself.{yours} Another login to {host} does not change it.",
            told.error.means
        ))
        .fix(format!("Check the part of the name that the upstream registry sees: {}.", case.reference().repository()))
        .fix(format!("Tell the operator of {host}: {}", lower_first(&told.error.fix)));
    Some(if told.error.reason == BackendReason::Unknown { finding.likely() } else { finding })
}
