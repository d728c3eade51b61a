use super::{Piece, is_served_falsely, pieces, wrong_bytes};
use crate::diagnosis::content::{self, Part};
use crate::diagnosis::delivery::is_page;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Method, Query};
use crate::image::Manifest;

rule! {
    /// Content does not have the size in its descriptor
    ///
    /// ## What it means
    /// An index says how long its manifests are, and a manifest how long its config and layers are. Current engines
    /// check these sizes and fail: `failed size validation`. If the digest is right, the tool that made the document
    /// wrote a wrong size into it. If not, content that is too short has lost bytes, and something in transit unpacked
    /// content that is too long.
    ///
    /// ## How it is recognised
    /// The length of the served content is not the `size` in the descriptor. It is the length of the bytes or, if only
    /// their beginning was fetched, that of `Content-Range` or of `Content-Length` without an encoding. An index entry
    /// is fetched before it is judged, because a HEAD response may announce any length.
    ///
    /// ## What to do
    /// Publish the image again. If the lengths change in transit, check the proxies and caches in front of the
    /// registry.
    ///
    /// ## References
    /// image-spec, descriptor, `size`; containerd/containerd#2306; containerd/containerd#4908
    "size-mismatch" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if is_served_falsely(case) {
        return None;
    }
    let pieces = pieces(case);
    let wrong: Vec<_> = pieces.iter().filter_map(|piece| Some((piece, mismatch(case, &piece.part)?))).collect();
    let &(piece, (id, said, found, verified)) = wrong.iter().find(|(piece, _)| piece.needed).or(wrong.first())?;
    let Piece { name, needed, part } = piece;
    let (shown, by) = named_by(case, piece)?;
    let title = format!("{name} does not have the size that the {by} says");
    let quote = format!("has {found} bytes");
    let finding = if *needed {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    } else {
        Finding::warning(title, id, quote)
    };
    let more = match wrong.len() {
        1 => String::new(),
        2 => " 1 more differs as well.".to_owned(),
        many => format!(" {} more differ as well.", many - 1),
    };
    let reading = match (verified, found > said) {
        (true, _) => "The digest is right, so the size in the document is wrong.",
        (false, true) => "Either the stated size is wrong, or something changes the content in transit.",
        (false, false) => "Either the stated size is wrong, or bytes were lost.",
    };
    let fix = if verified {
        "Publish the image again with a tool that takes the sizes from the stored content."
    } else {
        "Retry without the proxy or cache. If the sizes still differ, push the image again."
    };
    let digest = part.descriptor.digest.named_within(140);
    Some(
        finding
            .because(shown, format!("says size {said} for {digest}"))
            .cause(format!(
                "The {by} says size {said}, but the content has {found} bytes. {reading} containerd rejects it.{more}"
            ))
            .fix(fix),
    )
}

/// The exchange with the document that names a piece, and whether that is the index or the manifest.
fn named_by(case: &Case<'_>, piece: &Piece<'_>) -> Option<(ExchangeId, &'static str)> {
    let (served, observation) = case.served()?;
    let entries = observation.document.as_ref().map(Manifest::manifests).unwrap_or_default();
    if entries.iter().any(|entry| entry.digest == piece.part.descriptor.digest) {
        return Some((served, "index"));
    }
    content::image(case).map(|image| (image.shown, "manifest"))
}

/// The exchange that shows the mismatch, the stated and the actual size, and whether the digest is known to be right.
fn mismatch(case: &Case<'_>, part: &Part<'_>) -> Option<(ExchangeId, u64, u64, bool)> {
    let said = part.descriptor.size?;
    let (id, exchange) = part.answer()?;
    if wrong_bytes(part).is_some() || is_page(part) {
        return None;
    }
    if let Some((id, response)) = part.whole() {
        let found = response.body.size;
        return (found != said).then_some((id, said, found, true));
    }
    // A body longer than the manifest says is read only up to that size.
    let cut = exchange.response.as_ref().filter(|response| response.status == 200 && response.body.truncated);
    let longer = cut.filter(|response| exchange.failure.is_none() && response.body.size > said);
    if let Some(response) = longer.filter(|response| !response.is_transformed() && part.length().is_none()) {
        return Some((id, said, response.body.size, false));
    }
    let encoded = exchange.response.as_ref().is_some_and(|response| response.encoding().is_some());
    let found = part.length().filter(|&found| found != said && !encoded && exchange.failure.is_none())?;
    if exchange.request.method == Method::Get {
        return Some((id, said, found, false));
    }
    if found == 0 {
        return None;
    }
    let whole = case.ask_all(Query::Child(part.digest.clone()?, Method::Get))?;
    let fetched = Part { exchanges: whole, ..part.clone() };
    let (id, response) = fetched.whole().filter(|_| wrong_bytes(&fetched).is_none())?;
    (response.body.size != said).then_some((id, said, response.body.size, true))
}
