//! A dialogue that a recording answers.

use super::Dialogue;
use crate::endpoint::NoAddress;
use crate::evidence::{Authentication, Journal, Record};
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
        Self::begun(begun, Access::of_recording(options), Source::Recording(Recording::of(recording)))
    }

    /// Takes further answers from another recorded run about the same reference.
    pub fn go_on_with(&mut self, recording: &Record) {
        self.source = Source::Recording(Recording::of(recording));
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
}
