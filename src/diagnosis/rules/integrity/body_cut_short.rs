use super::broken_success;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{FailureKind, Step};

rule! {
    /// The manifest did not arrive whole.
    ///
    /// ## What it means
    /// The connection ended, or fell silent, before the length was reached that the headers announce. A proxy with
    /// limits of its own is a common reason, and so is a damaged file in the storage.
    ///
    /// ## How it is recognised
    /// The status is a success, and bytes of the body are missing.
    ///
    /// ## What to do
    /// Ask again. If it ends at the same byte each time, look at the proxy's limits and at the storage.
    ///
    /// ## References
    /// RFC 9112 §8; containerd/containerd#2306
    "body-cut-short" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response, failure) = broken_success(case)?;
    if !matches!(failure.kind, FailureKind::BodyCutShort | FailureKind::Timeout(Step::Body)) {
        return None;
    }
    let announced = match response.header("content-length") {
        Some(length) => format!(" of {} announced", length.printable_within(20)),
        None => String::new(),
    };
    let title = "its manifest does not arrive whole";
    let finding = Finding::error(ExitStatus::Integrity, title, id, failure.message.clone())
        .cause(format!("The answer is {}, and {} bytes{announced} came.", response.status, response.body.size))
        .fix("Ask again. If it always ends at the same byte, look at the proxy's limits and at the storage.");
    Some(finding)
}
