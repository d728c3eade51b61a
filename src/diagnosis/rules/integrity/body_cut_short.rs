use super::{broken_success, pieces};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Failure, FailureKind, Step};

rule! {
    /// Response body is cut short
    ///
    /// ## What it means
    /// The connection ended, or fell silent, before the announced length was reached. Common reasons are a proxy with
    /// limits of its own and a damaged file in the storage.
    ///
    /// ## How it is recognised
    /// The status is a success, and bytes of the body are missing: of the manifest, an index entry, the config or the
    /// beginning of a layer.
    ///
    /// ## What to do
    /// Retry. If the body ends at the same byte each time, check the proxy's limits and the storage.
    ///
    /// ## References
    /// RFC 9112 §8; containerd/containerd#2306
    "body-cut-short" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let own = broken_success(case).map(|(id, response, failure)| (id, response, failure, "manifest".to_owned(), true));
    let of_pieces = || {
        pieces(case).into_iter().find_map(|piece| {
            let (id, failure) = piece.part.failure().filter(|_| piece.part.is_present())?;
            let response = case.journal().get(id).response.as_ref()?;
            is_cut(failure).then_some((id, response, failure, piece.name, piece.needed))
        })
    };
    let (id, response, failure, what, needed) = own.filter(|(_, _, failure, ..)| is_cut(failure)).or_else(of_pieces)?;
    let size = response.body.size;
    let arrived = match response.header("content-length") {
        Some(length) => format!("{size} of {} announced bytes", length.named_within(20)),
        None => format!("{size} bytes"),
    };
    let title = format!("{what} is cut short");
    let quote = failure.message.clone();
    let finding = if needed {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    } else {
        Finding::warning(title, id, quote)
    };
    let finding = finding
        .cause(format!("The answer is {}, but only {arrived} arrived.", response.status))
        .fix("Retry. If the body always ends at the same byte, check the proxy's limits and the storage.");
    Some(finding)
}

fn is_cut(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::BodyCutShort | FailureKind::Timeout(Step::Body))
}
