use super::broken_success;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::FailureKind;

rule! {
    /// Manifest is longer than 4 MiB
    ///
    /// ## What it means
    /// Clients and registries read manifests up to about 4 MiB and reject longer ones. This one could be pushed to its
    /// registry, but most clients cannot pull it.
    ///
    /// ## How it is recognised
    /// The body exceeds 4 MiB (4194304 bytes), where ociscope stops reading.
    ///
    /// ## What to do
    /// Publish it with fewer annotations and without data inside the descriptors, or split the index.
    ///
    /// ## References
    /// distribution-spec, pushing manifests; distribution/distribution#4636; moby/buildkit#4917
    "manifest-over-4MiB" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response, failure) = broken_success(case)?;
    if failure.kind != FailureKind::BodyTooLarge {
        return None;
    }
    let length = match response.header("content-length") {
        Some(length) => format!(" The headers announce {} bytes.", length.named_within(20)),
        None => String::new(),
    };
    let finding = Finding::error(ExitStatus::Integrity, "manifest is longer than 4 MiB", id, failure.message.clone())
        .cause(format!("Most clients stop reading a manifest at 4 MiB, and so did ociscope.{length}"))
        .fix("Publish it with fewer annotations and without data inside the descriptors, or split the index.");
    Some(finding)
}
