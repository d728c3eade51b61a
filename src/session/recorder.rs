//! Keeps the records of runs, to be written to a file.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde_json::value::RawValue;

use super::OpenedRecording;
use super::secrets::{hide_private, redactor_of};
use crate::evidence::{Leak, Pseudonyms, Record, UnreadRecord};
use crate::recording::{Ended, Recording, anonymized};
use crate::text::Secret;

/// The records of runs, in their order.
#[derive(Default)]
pub struct Recorder {
    kept: RefCell<Kept>,
    /// The maximum number of exchanges, if the oldest runs are dropped.
    most: Option<usize>,
}

#[derive(Default)]
struct Kept {
    runs: VecDeque<Run>,
    exchanges: usize,
    /// The number of runs that have begun.
    begun: usize,
}

/// A run without its secrets, and the secrets, to verify that.
pub(super) struct Run {
    /// Its place by when it began: several end in any order.
    pub ticket: usize,
    /// The sealed record.
    pub record: Record,
    /// Every secret of the run, with its kind.
    pub secrets: Vec<(&'static str, Secret)>,
    /// The names of the users whose credentials it had.
    pub users: Vec<String>,
}

/// Why runs are not written.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// Nothing was sent.
    #[error("no requests to record yet")]
    Nothing,
    /// A secret of the run is still in its record.
    #[error("the recording would contain a secret of the run, so it is not written ({0})")]
    Leak(#[from] Leak),
    /// Pseudonyms make a record invalid.
    #[error("names in the recording could not be replaced by pseudonyms: {0}")]
    Public(#[from] UnreadRecord),
    /// It could not be written as JSON.
    #[error("the recording could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Recorder {
    /// Creates a recorder that drops the oldest runs if they have more than this many exchanges.
    pub fn of_the_latest(most: usize) -> Self {
        Self { most: Some(most), ..Self::default() }
    }

    /// Creates a recorder that has the runs of a recording, to be written in another form.
    pub fn of(opened: &OpenedRecording) -> Self {
        let recorder = Self::default();
        for run in &opened.recording().runs {
            recorder.keep(Run { ticket: 0, record: run.clone(), secrets: Vec::new(), users: Vec::new() });
        }
        recorder
    }

    /// The place of a run that begins now.
    pub(super) fn begin(&self) -> usize {
        let mut kept = self.kept.borrow_mut();
        kept.begun += 1;
        kept.begun
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.kept.borrow().runs.is_empty()
    }

    /// Keeps a run that has sent something.
    pub(super) fn keep(&self, run: Run) {
        let count = run.record.journal.iter().count();
        if count == 0 {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        kept.exchanges += count;
        kept.runs.push_back(run);
        while self.most.is_some_and(|most| kept.exchanges > most) && kept.runs.len() > 1 {
            let Some(oldest) = kept.runs.pop_front() else { break };
            kept.exchanges -= oldest.record.journal.iter().count();
        }
    }

    /// The runs as a recording of this moment, in seconds since 1970, and each of them as it is written. With
    /// `public`, private names are replaced by pseudonyms, the same ones in all runs.
    ///
    /// # Errors
    /// Fails if nothing was sent, or a secret would be written.
    pub fn recording(
        &self,
        at: Option<i64>,
        public: Option<Pseudonyms>,
    ) -> Result<(Recording, Vec<Box<RawValue>>), RecorderError> {
        let mut kept = self.kept.borrow_mut();
        if kept.runs.is_empty() {
            return Err(RecorderError::Nothing);
        }
        kept.runs.make_contiguous().sort_by_key(|run| run.ticket);
        let mut public = public;
        if let Some(public) = &mut public {
            for Run { record, users, .. } in &kept.runs {
                hide_private(public, &record.reference, &record.journal);
                public.hide_users(users.iter().cloned());
            }
        }
        let (mut runs, mut written) = (Vec::new(), Vec::new());
        for Run { record, secrets, .. } in &kept.runs {
            let redactor = redactor_of(secrets, &record.reference, &record.journal);
            let record = match &mut public {
                Some(public) => anonymized(record, public)?,
                None => record.clone(),
            };
            let text = Recording::written_run(&record)?;
            redactor.last_scan(text.get())?;
            runs.push(record);
            written.push(text);
        }
        let interrupted = runs.iter().any(Record::ended_early);
        let ended = if interrupted { Ended::Interrupted } else { Ended::Complete };
        Ok((Recording::new(at, ended, public.is_some(), runs), written))
    }
}
