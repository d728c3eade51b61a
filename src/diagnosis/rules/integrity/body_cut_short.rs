use super::{broken_success, pieces};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Failure, FailureKind, Step};

rule! {
    /// Something did not arrive whole.
    ///
    /// ## What it means
    /// The connection ended, or fell silent, before the length was reached that the headers announce. A proxy with
    /// limits of its own is a common reason, and so is a damaged file in the storage.
    ///
    /// ## How it is recognised
    /// The status is a success, and bytes of the body are missing: of the manifest, an entry of the index, the
    /// configuration or the beginning of a layer.
    ///
    /// ## What to do
    /// Ask again. If it ends at the same byte each time, look at the proxy's limits and at the storage.
    ///
    /// ## References
    /// RFC 9112 §8; containerd/containerd#2306
    "body-cut-short" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let own =
        broken_success(case).map(|(id, response, failure)| (id, response, failure, "its manifest".to_owned(), true));
    let of_pieces = || {
        pieces(case).into_iter().find_map(|piece| {
            let (id, failure) = piece.part.failure().filter(|_| piece.part.is_present())?;
            let response = case.journal().get(id).response.as_ref()?;
            is_cut(failure).then_some((id, response, failure, piece.name, piece.needed))
        })
    };
    let (id, response, failure, what, needed) = own.filter(|(_, _, failure, ..)| is_cut(failure)).or_else(of_pieces)?;
    let announced = match response.header("content-length") {
        Some(length) => format!(" of {} announced", length.named_within(20)),
        None => String::new(),
    };
    let title = format!("{what} does not arrive whole");
    let quote = failure.message.clone();
    let finding = if needed {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    } else {
        Finding::warning(title, id, quote)
    };
    let finding = finding
        .cause(format!("The answer is {}, and {} bytes{announced} came.", response.status, response.body.size))
        .fix("Ask again. If it always ends at the same byte, look at the proxy's limits and at the storage.");
    Some(finding)
}

fn is_cut(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::BodyCutShort | FailureKind::Timeout(Step::Body))
}
