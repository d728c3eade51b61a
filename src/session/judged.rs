//! Judges a record: the only path from observations to a report, whether they were just made or are read from a
//! recording.

use super::SessionError;
use super::run::Run;
use super::words::{AsksARegistry, diagnosing, next_steps, notes, placed, repeating};
use crate::diagnosis::{Case, judge};
use crate::endpoint::base;
use crate::evidence::{Record, Redactor};
use crate::oci::{Origin, Scheme};
use crate::registry::Dialogue;
use crate::report::{Note, Report, Surroundings, build};

/// The result of a run.
pub struct Examined {
    /// All observations, without secrets.
    pub record: Record,
    /// Their meaning.
    pub report: Report,
    /// Knows the secrets of the run; all output made from the report passes it once more.
    pub redactor: Redactor,
}

/// Judges a recording as if it were a live run: the queries of the current rules are answered by the recorded answers,
/// if they were made then. Nothing is sent, and no clock is read. `asks` recognizes commands that contact a registry.
///
/// # Errors
/// Fails if the reference does not form a valid address.
pub async fn replayed(recording: &Record, asks: AsksARegistry) -> Result<Examined, SessionError> {
    let dialogue = Dialogue::of_recording(recording, recording.journal.before())?;
    let mut run = Run { dialogue, progress: &|_, _| {} };
    run.through(&recording.options.accept).await?;
    run.dialogue.note_unrecorded();
    // The secrets of the run were removed when the recording was made, and are unknown here; others are recognized by
    // form.
    let mut redactor = Redactor::new([]);
    let record = redactor.sealed(run.record());
    let report = report_of(&record, &mut redactor, asks);
    Ok(Examined { record, report, redactor })
}

/// The report of a record without secrets ([`Redactor::sealed`]). Nothing is sent, and no clock is read.
pub(super) fn report_of(record: &Record, redactor: &mut Redactor, asks: AsksARegistry) -> Report {
    let mut judgement = judge(&Case::new(record));
    if record.depth.goes_deep() {
        diagnosing(judgement.findings.iter_mut().flat_map(|finding| &mut finding.fix));
    }
    placed(record, &mut judgement.findings, asks);
    let mut notes = notes(record);
    let mut next = Vec::new();
    for (command, purpose) in next_steps(record) {
        match command {
            Ok(command) => next.push((command, purpose)),
            Err(unfit) => notes.push(Note::plain(format!("{unfit} It would be for this: {purpose}."))),
        }
    }
    let surroundings = Surroundings { is_usual_origin: is_usual(record), notes, again: repeating(record), next };
    build(record, judgement, surroundings, redactor)
}

/// Whether the registry answered at the address that clients expect.
fn is_usual(record: &Record) -> bool {
    let usual = base(&record.reference, Scheme::Https).ok().and_then(|base| Origin::of(&base));
    record.origin.is_none() || record.origin == usual
}
