use super::{Piece, is_other, is_served_falsely, pieces};
use crate::diagnosis::content::{self, Part};
use crate::diagnosis::rule::rule;
use crate::diagnosis::rules::delivery::is_page;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Method, Query};
use crate::image::Manifest;

rule! {
    /// Something is of another length than what names it says.
    ///
    /// ## What it means
    /// An index says how long its manifests are, and a manifest how long its configuration and layers are. Current
    /// engines check that and stop: `failed size validation`. Where the digest is right, whoever made the document wrote
    /// a wrong number into it. Where not, too short means that bytes were lost, and too long that something on the way
    /// unpacked it.
    ///
    /// ## How it is recognised
    /// The length of what is served, by its bytes or, where only its beginning was fetched, by `Content-Range` or
    /// `Content-Length` without an encoding, is not the `size` of the descriptor. An entry of an index is fetched before
    /// it is judged, because the length in an answer to HEAD may be anything.
    ///
    /// ## What to do
    /// Publish the image again. If the lengths change on the way, look at proxies and caches in front of the registry.
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
    let title = format!("{name} is not as long as the {by} says");
    let quote = format!("{found} bytes");
    let finding = if *needed {
        Finding::error(ExitStatus::Integrity, title, id, quote)
    } else {
        Finding::warning(title, id, quote)
    };
    let more = match wrong.len() {
        1 => String::new(),
        2 => " One more differs as well.".to_owned(),
        many => format!(" {} more differ as well.", many - 1),
    };
    let reading = match (verified, found > said) {
        (true, _) => "Its digest is right, so the wrong number is in the document that names it.",
        (false, true) => "Either the number is wrong, or something on the way changes what is sent.",
        (false, false) => "Either the number is wrong, or bytes of it were lost.",
    };
    let fix = if verified {
        "Publish the image again, with a tool that takes the lengths from what is stored."
    } else {
        "Ask again without proxy or cache. If it stays so, push the image again."
    };
    let digest = part.descriptor.digest.named_within(140);
    Some(
        finding
            .because(shown, format!("size: {said}, {digest}"))
            .cause(format!(
                "The {by} says {said}, and it is {found} bytes long. {reading} containerd refuses it.{more}"
            ))
            .fix(fix),
    )
}

/// The exchange with the document that names a piece, and what that is.
fn named_by(case: &Case<'_>, piece: &Piece<'_>) -> Option<(ExchangeId, &'static str)> {
    let (served, observation) = case.served()?;
    let entries = observation.document.as_ref().map(Manifest::manifests).unwrap_or_default();
    if entries.iter().any(|entry| entry.digest == piece.part.descriptor.digest) {
        return Some((served, "index"));
    }
    content::image(case).map(|image| (image.shown, "manifest"))
}

/// The exchange that shows it, what is said, what it is, and whether the digest is known to be right.
fn mismatch(case: &Case<'_>, part: &Part<'_>) -> Option<(ExchangeId, u64, u64, bool)> {
    let said = part.descriptor.size?;
    let (id, exchange) = part.answer()?;
    if is_other(part).is_some() || is_page(part) {
        return None;
    }
    if let Some((id, response)) = part.whole() {
        let found = response.body.size;
        return (found != said).then_some((id, said, found, true));
    }
    // Longer than the manifest says, and read no further than that.
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
    let (id, response) = fetched.whole().filter(|_| is_other(&fetched).is_none())?;
    (response.body.size != said).then_some((id, said, response.body.size, true))
}
