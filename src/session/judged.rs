//! A record judged: the one way from what was observed to a report, whether it was observed just now or is read from a
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

/// What came of a run.
pub struct Examined {
    /// Everything that was observed, without secrets.
    pub record: Record,
    /// What it means.
    pub report: Report,
    /// Knows the secrets of the run; what is made of the report goes through it once more.
    pub redactor: Redactor,
}

/// Judges a recording as if it were asked now: the same queries, as far as the rules of today want to know what was asked
/// then, answered by what was answered then. Nothing is asked, and no clock is read. `asks` knows the commands.
///
/// # Errors
/// Where the reference makes no address.
pub async fn replayed(recording: &Record, asks: AsksARegistry) -> Result<Examined, SessionError> {
    let dialogue = Dialogue::of_recording(recording)?;
    let mut run = Run { dialogue, progress: &|_, _| {} };
    run.through(&recording.options.accept).await?;
    // Whoever made it has taken out the secrets of the run, and nobody knows them here: others are known by their form.
    let mut redactor = Redactor::new([]);
    let record = redactor.sealed(run.record());
    let report = report_of(&record, &mut redactor, asks);
    Ok(Examined { record, report, redactor })
}

/// The report of a record that has no secrets in it ([`Redactor::sealed`]). Nothing is asked, and no clock is read.
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

/// Whether the registry answered at the address at which clients expect it.
fn is_usual(record: &Record) -> bool {
    let usual = base(&record.reference, Scheme::Https).ok().and_then(|base| Origin::of(&base));
    record.origin.is_none() || record.origin == usual
}
