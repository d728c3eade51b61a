//! What the rules about places that were closed or left have in common.

use super::{Absence, Elsewhere, absence, elsewhere};
use crate::diagnosis::sentence::{as_typed, listed};
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{BodyKind, ExchangeId, FailureKind, Step, body_kind};
use crate::knowledge::{Moved, moved};
use crate::oci::Reference;

/// What happened to the place that is asked, where it is this rule that tells of it.
pub(super) fn place(case: &Case<'_>, rule: &str) -> Option<&'static Moved> {
    let place = moved(case.reference()).filter(|place| place.rule == rule)?;
    case.record().depth.goes_deep().then_some(place)
}

/// How the image could not be had there: a refusal, or for a place that was closed altogether also no answer.
pub(super) fn unavailable(case: &Case<'_>, place: &Moved) -> Option<(ExchangeId, bool)> {
    if let Some((id, absence)) = absence(case) {
        return Some((id, absence == Absence::Missing));
    }
    let (id, failure) = case.failure().filter(|_| place.everything)?;
    let closed = match failure.kind {
        FailureKind::Dns | FailureKind::Refused | FailureKind::Unreachable => true,
        FailureKind::Timeout(step) => matches!(step, Step::Dns | Step::Connect),
        _ => false,
    };
    closed.then_some((id, false))
}

/// The finding of a rule about such a place, which ends a run with this status where it is an error.
///
/// It is certain where the same image is served by a successor. Where it is not, it is likely only if everything at the
/// old place is gone: then it is enough that the image is said not to be there and a successor was reached, or that a web
/// page came, as closed mirrors send it. Where the successors say that they do not have it either, the image is what is wrong
/// and nothing is said; and where they say nothing, this is only mentioned.
pub(super) fn moved_away(case: &Case<'_>, rule: &str, exit: ExitStatus) -> Option<Finding> {
    let place = place(case, rule)?;
    let (id, missing) = unavailable(case, place)?;
    let asked: Vec<(Reference, Option<(ExchangeId, Elsewhere)>)> =
        place.successors(case.reference()).into_iter().map(|to| (to.clone(), elsewhere(case, to))).collect();
    let there = asked.iter().find_map(|(to, answer)| match answer {
        Some((shown, Elsewhere::There)) => Some((to, *shown)),
        _ => None,
    });
    if let Some((to, shown)) = there {
        let title = format!("it is at {}/{}", to.registry(), to.repository());
        let (to, word) = (as_typed(to), Word::in_full(to));
        let finding = Finding::error(exit, title, id, case.words(id))
            .because(shown, format!("{} at {}", case.words(shown).as_str(), case.host_of(shown)))
            .cause(format!("{} Asked for as {to}, the image is there.", told(place)))
            .fix_with(format!("Use {to}."), words!["ociscope", "diagnose", word]);
        return Some(finding);
    }
    let lacks = |answer: &Option<(ExchangeId, Elsewhere)>| matches!(answer, Some((_, Elsewhere::Missing)));
    if !place.everything && !asked.is_empty() && asked.iter().all(|(_, answer)| lacks(answer)) {
        return None;
    }
    let response = case.journal().get(id).response.as_ref();
    let page = response.is_some_and(|response| body_kind(response) == BodyKind::Html);
    let reached = asked.iter().any(|(_, answer)| matches!(answer, Some((_, Elsewhere::Missing | Elsewhere::Unclear))));
    let places: Vec<String> = asked.iter().map(|(to, _)| as_typed(to)).collect();
    let outcome = match (places.len(), reached) {
        (0, _) => String::new(),
        (_, true) => format!(" Asked for as {}, it was not served either.", listed(&places, 3)),
        (_, false) => format!(" Whether {} is there is not known.", listed(&places, 3)),
    };
    let title = "this may no longer be the place for it";
    let finding = if place.everything && ((missing && reached) || page) {
        Finding::error(exit, title, id, case.words(id))
            .fix(format!("Look for the image elsewhere: {} is no longer the place for it.", place.name))
    } else {
        Finding::info(title, id, case.words(id))
    };
    let answers = asked.iter().filter_map(|(to, answer)| answer.map(|(shown, _)| (to, shown)));
    let finding = answers.fold(finding, |finding, (_, shown)| {
        finding.because(shown, format!("{} at {}", case.words(shown).as_str(), case.host_of(shown)))
    });
    Some(finding.likely().cause(format!("{}{outcome}", told(place))))
}

/// What happened, and where and when.
pub(super) fn told(place: &Moved) -> String {
    format!("{} That is known of {} since {}.", place.happened, place.name, place.since)
}
