//! A record judged: the one way from what was observed to a report, whether it was observed just now or is read from a
//! recording.

use super::words::{diagnosing, next_steps, notes, placed};
use crate::diagnosis::{Case, judge};
use crate::evidence::{Depth, Record, Redactor};
use crate::report::{Report, build};

/// What came of a run.
pub struct Examined {
    /// Everything that was observed, without secrets.
    pub record: Record,
    /// What it means.
    pub report: Report,
    /// Knows the secrets of the run; what is made of the report goes through it once more.
    pub redactor: Redactor,
}

/// The report of a record that has no secrets in it ([`Redactor::sealed`]). Nothing is asked, and no clock is read.
pub fn report_of(record: &Record, redactor: &mut Redactor) -> Report {
    let mut judgement = judge(&Case::new(record));
    if record.depth == Depth::Diagnosis {
        diagnosing(judgement.findings.iter_mut().flat_map(|finding| &mut finding.fix));
    }
    placed(record, &mut judgement.findings);
    let mut notes = notes(record);
    let mut next = Vec::new();
    for (command, purpose) in next_steps(record) {
        match command {
            Ok(command) => next.push((command, purpose)),
            Err(unfit) => notes.push(format!("{unfit} It would be for this: {purpose}.")),
        }
    }
    build(record, judgement, notes, next, redactor)
}
