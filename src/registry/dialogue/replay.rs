//! A dialogue that a recording answers.

use super::Dialogue;
use crate::auth::Grant;
use crate::endpoint::NoAddress;
use crate::evidence::{Authentication, ExchangeId, Journal, Query, Record};
use crate::registry::Access;
use crate::registry::source::{Recording, Source};

impl Dialogue {
    /// Creates a dialogue that is answered by a recording, and sends nothing. It starts without prior state, as the run
    /// did. Its exchanges are numbered after `last_number`.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub fn of_recording(recording: &Record, last_number: u64) -> Result<Self, NoAddress> {
        let Record { reference, depth, platform, options, .. } = recording;
        let begun = Record {
            mended: recording.mended.clone(),
            one_of_many: recording.one_of_many,
            simulation: recording.simulation.clone(),
            now: recording.now,
            trail: recording.trail.clone(),
            bundled_roots: recording.bundled_roots,
            certs_folders: recording.certs_folders.clone(),
            options: options.clone(),
            journal: Journal::after(last_number, Vec::new()),
            provenance: recording.provenance.clone(),
            authentication: Authentication::not_asked(options.credential),
            interrupted: recording.interrupted,
            ..Record::new(reference.clone(), *depth, platform.clone())
        };
        let source = Source::Recording(Box::new(Recording::of(recording)));
        let mut dialogue = Self::begun(begun, Access::of_recording(options), source)?;
        if let Some(before) = &recording.authenticated_before {
            dialogue.begin_with(before, &recording.journal);
        }
        Ok(dialogue)
    }

    /// Begins with the grant that a recorded run began with. The grant itself is worthless now.
    fn begin_with(&mut self, before: &Authentication, recorded: &Journal) {
        let journal = &mut self.record.journal;
        let mut enter = |id: Option<ExchangeId>| {
            id.map(|id| {
                journal.begin_round();
                journal.enter(recorded.get(id).clone())
            })
        };
        let (challenged_by, token) = (enter(before.challenged_by), enter(before.token));
        let before = Authentication { challenged_by, token, ..before.clone() };
        self.grant = before.granted.map(Grant::worthless);
        self.record.authentication = before.clone();
        self.record.authenticated_before = Some(before);
    }

    /// Takes further answers from another recorded run about the same reference.
    pub fn go_on_with(&mut self, recording: &Record) {
        self.source = Source::Recording(Box::new(Recording::of(recording)));
    }

    /// Whether a recording answers.
    pub fn is_of_recording(&self) -> bool {
        self.source.transport().is_none()
    }

    /// Notes how many queries the recording did not answer.
    pub fn note_unrecorded(&mut self) {
        if let Source::Recording(recording) = &self.source {
            self.record.unrecorded = recording.unrecorded();
        }
    }

    /// Whether a query may get an answer: every one does from a network, and from a recording those that it has.
    pub fn may_answer(&self, query: &Query) -> bool {
        match &self.source {
            Source::Network(_) => true,
            Source::Recording(recording) => recording.has(query),
        }
    }
}
