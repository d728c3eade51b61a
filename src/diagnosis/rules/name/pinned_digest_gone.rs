use super::tag::{MOST, counted};
use super::versions::newest;
use super::{anonymous_caveat, unknown_repository};
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
    /// Repository has no content with this digest
    ///
    /// ## What it means
    /// The manifest was removed, most often by a cleanup rule for untagged manifests, or it belongs to another
    /// repository. A digest that was read from a Docker schema 1 answer never existed as a document.
    ///
    /// ## How it is recognised
    /// The registry answers 404 for the digest as a manifest, and has no blob with it either. If the reference has a
    /// tag along with the digest, ociscope requests that too: its current digest can be pinned.
    ///
    /// ## What to do
    /// Get the current digest of the tag with `ociscope probe NAME:TAG`, and pin that. Keep a tag on manifests that
    /// others have pinned.
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
    let title = format!("{repository} has no content with this digest");
    let mut finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id));
    finding = match blob {
        Some((blob, _)) => finding.because(blob, case.words(blob)),
        None => finding.likely(),
    };
    let mut cause =
        format!("There is no manifest with the digest {digest}. It was removed, or it belongs to another repository.");
    let current = current_digest(case);
    if let Some((tagged, now, shown)) = &current {
        finding = finding.because(*shown, Untrusted::new(now.to_string()));
        cause.push_str(&format!(" Tag {} has another digest now.", tagged.tag().unwrap_or_default()));
    } else if let Some(TagList::Served { tags, complete, last, .. }) = &list {
        finding = finding.because(*last, counted(tags, *complete));
        cause.push_str(" The repository itself exists.");
    } else {
        cause.push_str(anonymous_caveat(case));
    }
    let finding = finding.cause(cause);
    let finding = with_cache_remark(case, id, finding);
    Some(match (current, list) {
        (Some((tagged, now, _)), _) => {
            let pinned = tagged.with_digest(now);
            finding.fix_with(
                "Pin the current digest of the tag instead:",
                words!["ociscope", "diagnose", Word::in_full(&pinned)],
            )
        }
        (None, Some(TagList::Served { tags, .. })) if !tags.is_empty() => {
            let tag = newest(&tags, MOST).into_iter().next().unwrap_or_default();
            let tagged = reference.with_tag(&tag).map_or_else(|_| Word::input(reference), |at| Word::in_full(&at));
            finding.fix_with("Get the current digest of a tag, and pin that:", words!["ociscope", "probe", tagged])
        }
        _ => finding.fix("Probe the tag to get its current digest, and pin that."),
    })
}

/// The current digest of the tag in the reference, if it differs from the pinned one.
fn current_digest(case: &Case<'_>) -> Option<(Reference, Digest, ExchangeId)> {
    let tagged = case.reference().with_tag(case.reference().tag()?).ok()?;
    let (id, exchange) = case.ask(Query::Elsewhere(tagged.clone()))?;
    let response = exchange.response.as_ref().filter(|_| exchange.is_success())?;
    let now: Digest = response.header("docker-content-digest")?.as_str().parse().ok()?;
    (Some(&now) != case.reference().digest()).then_some((tagged, now, id))
}
