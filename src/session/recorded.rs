//! Runs that a recording answers instead of the network.

use std::sync::Arc;

use super::examination::Examination;
use super::run::Run;
use super::{Assignment, RegistrySettings, Session, SessionError, Settings};
use crate::evidence::{Depth, Record, RunOptions};
use crate::oci::Reference;
use crate::recording::Recording;
use crate::registry::{Dialogue, Progress};

/// A recording that answers. Equal only to itself.
#[derive(Debug, Clone)]
pub struct OpenedRecording(Arc<Recording>);

impl OpenedRecording {
    /// Opens a recording.
    pub fn new(recording: Recording) -> Self {
        Self(Arc::new(recording))
    }

    /// The recording.
    pub fn recording(&self) -> &Recording {
        &self.0
    }
}

impl PartialEq for OpenedRecording {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Settings {
    /// These settings with a recording that answers instead of the network. It is judged for the recorded platform, unless
    /// another one was selected.
    #[must_use]
    pub(crate) fn answered_by(self, recording: Recording, is_platform_selected: bool) -> Self {
        let recorded = recording.runs.first().map(|run| run.platform.clone()).filter(|_| !is_platform_selected);
        let platform = recorded.unwrap_or_else(|| self.platform.clone());
        Self { platform, stored: None, recording: Some(OpenedRecording::new(recording)), ..self }
    }
}

impl Session {
    /// The references of the recording that answers, each once. Empty if the network answers.
    pub fn recorded_references(&self) -> Vec<String> {
        let recording = self.settings.recording.as_ref().map(OpenedRecording::recording);
        recording.iter().flat_map(|recording| recording.references()).map(ToString::to_string).collect()
    }

    /// Makes the recorded run about a reference again. A diagnosis prefers the run that observed most.
    pub(super) async fn replay<'a>(
        &self,
        recording: &OpenedRecording,
        assignment: Assignment<'_>,
        progress: &'a Progress<'a>,
    ) -> Result<Examination<'a>, SessionError> {
        let Assignment { reference, accept, depth, one_of_many: _, mended: _ } = assignment;
        // Commands that fetch one thing are recorded, too, and have sent no variants.
        let variants = |run: &Record| run.matrix.probes.iter().filter(|probe| probe.exchange.is_some()).count();
        let is_as_deep = |run: &Record| run.depth.goes_deep() == depth.goes_deep();
        let runs = recording.recording().about(reference).filter(|run| variants(run) > 0);
        let run = runs.max_by_key(|run| (is_as_deep(run), variants(run)));
        let run = run.map_or_else(|| recorded_run(recording, reference), Ok)?;
        let run = Record { platform: self.settings.platform.clone(), ..run.clone() };
        self.replay_of(&run, accept, depth, progress).await
    }

    /// Makes a recorded run again, as deep as this.
    pub(super) async fn replay_of<'a>(
        &self,
        run: &Record,
        accept: &[String],
        depth: Depth,
        progress: &'a Progress<'a>,
    ) -> Result<Examination<'a>, SessionError> {
        let settings = RegistrySettings::new(&self.settings, &run.reference);
        let mut run = Record { options: self.options_of_recording(&settings, run, accept), ..run.clone() };
        if run.depth.goes_deep() != depth.goes_deep() {
            (run.depth, run.one_of_many) = (depth, false);
        }
        let mut replay = Run { dialogue: Dialogue::of_recording(&run, self.last_number())?, progress };
        replay.through(&run.options.accept).await?;
        let record = replay.record();
        if record.matrix.probes.iter().all(|probe| probe.exchange.is_none()) && !record.interrupted {
            return Err(SessionError::NotRecorded(format!("a request for the manifest of {}", run.reference)));
        }
        Ok(Examination { run: replay, settings, lab: None, tickets: Vec::new() })
    }

    /// The options of a recorded run, as far as they are not those of the one who reads it.
    pub(super) fn options_of_recording(
        &self,
        settings: &RegistrySettings,
        run: &Record,
        accept: &[String],
    ) -> RunOptions {
        let recorded = run.options.clone();
        RunOptions {
            accept: if accept.is_empty() { recorded.accept.clone() } else { accept.to_vec() },
            public: settings.public.is_some() || recorded.public,
            typed: self.typed,
            ..recorded
        }
    }
}

/// The recorded run about a reference with the most observations.
///
/// # Errors
/// Fails if there is none.
pub(super) fn recorded_run<'a>(
    recording: &'a OpenedRecording,
    reference: &'a Reference,
) -> Result<&'a Record, SessionError> {
    let best = recorded_runs(recording, reference).into_iter().next();
    best.ok_or_else(|| {
        let has: Vec<_> = recording.recording().references().iter().take(3).map(ToString::to_string).collect();
        SessionError::NotRecorded(format!("a run about {reference}; it is about {}", has.join(", ")))
    })
}

/// The recorded runs about a reference: a diagnosis before a probe, and the latest first.
pub(super) fn recorded_runs<'a>(recording: &'a OpenedRecording, reference: &'a Reference) -> Vec<&'a Record> {
    let mut runs: Vec<_> = recording.recording().about(reference).rev().collect();
    runs.sort_by_key(|run| (run.depth != Depth::Diagnosis, !run.depth.goes_deep()));
    runs
}
