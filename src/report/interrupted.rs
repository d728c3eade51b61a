//! A report of an interrupted run for people, who know that they interrupted it.

use std::borrow::Cow;

use super::value::{Note, Report, Verdict};
use crate::diagnosis::ExitStatus;
use crate::evidence::FailureKind;

/// The same report, in which the interruption is said once and not of each request that had no answer yet: by the verdict, or
/// where that is about something else by a note.
pub fn said_once(report: &Report) -> Cow<'_, Report> {
    if report.exit != ExitStatus::Interrupted {
        return Cow::Borrowed(report);
    }
    let mut report = report.clone();
    let kind = FailureKind::Interrupted.as_str();
    let unanswered = |exchange: &super::value::ShownExchange| {
        exchange.response.is_none() && exchange.failure.as_ref().is_some_and(|(failed, _)| *failed == kind)
    };
    let ids: Vec<_> =
        report.exchanges.iter().filter(|exchange| unanswered(exchange)).map(|exchange| exchange.id).collect();
    for exchange in report.exchanges.iter_mut().filter(|exchange| ids.contains(&exchange.id)) {
        exchange.failure = None;
    }
    for probe in report.probes.iter_mut().filter(|probe| probe.exchange.is_some_and(|id| ids.contains(&id))) {
        probe.failure = None;
    }
    if report.verdict != Verdict::Unknown {
        report.notes.push(Note::caution("Interrupted: requests without a status had no answer yet.".to_owned()));
    }
    Cow::Owned(report)
}
