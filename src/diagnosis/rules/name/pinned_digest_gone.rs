use super::tag::{MOST, counted};
use super::versions::newest;
use super::{to_strangers, unknown_repository};
use crate::diagnosis::case::absence::{is_of_repository, nothing_there};
use crate::diagnosis::case::cached::with_cache_remark;
use crate::diagnosis::content::is_blob;
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::{TagList, tag_list};
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{ExchangeId, Query};
use crate::oci::{Digest, Reference};
use crate::text::Untrusted;

rule! {
    /// There is nothing with this digest in the repository.
    ///
    /// ## What it means
    /// It was removed, most often by a rule that cleans up what has no tag, or it belongs to another repository. A
    /// digest that was read from an answer in docker v1 never existed as a document.
    ///
    /// ## How it is recognised
    /// A 404 for the digest as a manifest, and no blob with it either. Where a tag stands beside the digest, that is
    /// asked for too: what it is now is what can be pinned.
    ///
    /// ## What to do
    /// Find out the present digest by asking for the tag, and pin that. Keep a tag on what others have pinned.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; snok/container-retention-policy#97
    "pinned-digest-gone" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let reference = case.reference();
    let digest = reference.digest()?;
    let (id, response) = nothing_there(case)?;
    if is_of_repository(response) {
        return None;
    }
    let blob = is_blob(case, digest);
    let list = tag_list(case);
    if unknown_repository(case).is_some() {
        return None;
    }
    let repository = reference.repository();
    let title = format!("{repository} has nothing with this digest");
    let mut finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id));
    finding = match blob {
        Some((blob, _)) => finding.because(blob, format!("{} as a blob", case.words(blob).as_str())),
        None => finding.likely(),
    };
    let mut cause =
        format!("There is no manifest with the digest {digest}. It was removed, or it belongs to another repository.");
    let present = present(case);
    if let Some((tagged, now, shown)) = &present {
        finding = finding.because(*shown, Untrusted::new(now.to_string()));
        cause.push_str(&format!(" The tag {} is another image by now.", tagged.tag().unwrap_or_default()));
    } else if let Some(TagList::Served { tags, complete, last, .. }) = &list {
        finding = finding.because(*last, counted(tags, *complete));
        cause.push_str(" The repository itself is there.");
    } else {
        cause.push_str(to_strangers(case));
    }
    let finding = finding.cause(cause);
    let finding = with_cache_remark(case, id, finding);
    Some(match (present, list) {
        (Some((tagged, now, _)), _) => {
            let pinned = tagged.with_digest(now);
            finding.fix_with(
                "Pin what the tag is now, if that will do.",
                words!["ociscope", "diagnose", Word::in_full(&pinned)],
            )
        }
        (None, Some(TagList::Served { tags, .. })) if !tags.is_empty() => {
            let tag = newest(&tags, MOST).into_iter().next().unwrap_or_default();
            let tagged = reference.with_tag(&tag).map_or_else(|_| Word::input(reference), |at| Word::in_full(&at));
            finding.fix_with("Find the present digest by a tag, and pin that.", words!["ociscope", "probe", tagged])
        }
        _ => finding.fix("Probe the tag to find the present digest, and pin that."),
    })
}

/// What the tag beside the digest is now, where it is there and is something else.
fn present(case: &Case<'_>) -> Option<(Reference, Digest, ExchangeId)> {
    let tagged = case.reference().with_tag(case.reference().tag()?).ok()?;
    let (id, exchange) = case.ask(Query::Elsewhere(tagged.clone()))?;
    let response = exchange.response.as_ref().filter(|_| exchange.is_success())?;
    let now: Digest = response.header("docker-content-digest")?.as_str().parse().ok()?;
    (Some(&now) != case.reference().digest()).then_some((tagged, now, id))
}
