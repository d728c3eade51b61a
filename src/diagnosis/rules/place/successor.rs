//! The common part of the rules for registries and repositories that were shut down or abandoned.

use super::{Absence, Elsewhere, absence, elsewhere};
use crate::diagnosis::sentence::{as_typed, listed};
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{BodyKind, ExchangeId, FailureKind, Step, body_kind};
use crate::knowledge::{Moved, moved};
use crate::oci::Reference;

/// The known history of the requested place, if it belongs to this rule.
pub(super) fn place(case: &Case<'_>, rule: &str) -> Option<&'static Moved> {
    let place = moved(case.reference()).filter(|place| place.rule == rule)?;
    case.record().depth.goes_deep().then_some(place)
}

/// The reason that the image is unavailable there: a refusal, or, for a place that was shut down altogether, no answer.
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

/// The finding of such a rule; `exit` is the exit status where it is an error.
///
/// It is certain if a successor serves the same image. Otherwise it is likely only if everything at the old place is
/// gone: the registry reports the image missing and a successor answers, or the answer is a web page, as closed mirrors
/// send it. If the successors report the image missing too, the reference is wrong and the rule is silent; if they do
/// not answer, the finding is only a note.
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
        let title = format!("the image is at {}/{} now", to.registry(), to.repository());
        let (to, word) = (as_typed(to), Word::in_full(to));
        let finding = Finding::error(exit, title, id, case.words(id))
            .because(shown, format!("{} at {}", case.words(shown).as_str(), case.host_of(shown)))
            .cause(format!("{} As {to}, the image exists.", history(place)))
            .fix_with(format!("Use {to}:"), words!["ociscope", "diagnose", word]);
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
        (_, true) => format!(" {} is not served either.", listed(&places, 3)),
        (_, false) => format!(" Whether {} exists is unknown.", listed(&places, 3)),
    };
    let title = "the image may have moved";
    let finding = if place.everything && ((missing && reached) || page) {
        Finding::error(exit, title, id, case.words(id))
            .fix(format!("Look for the image elsewhere: {} no longer serves it.", place.name))
    } else {
        Finding::info(title, id, case.words(id))
    };
    let answers = asked.iter().filter_map(|(to, answer)| answer.map(|(shown, _)| (to, shown)));
    let finding = answers.fold(finding, |finding, (_, shown)| {
        finding.because(shown, format!("{} at {}", case.words(shown).as_str(), case.host_of(shown)))
    });
    Some(finding.likely().cause(format!("{}{outcome}", history(place))))
}

/// The history of a place, in two sentences.
pub(super) fn history(place: &Moved) -> String {
    format!("{} This applies to {} since {}.", place.happened, place.name, place.since)
}
