//! The sides of a comparison as the user names them: references, or recordings.

use std::path::Path;

use crate::commands::CommandError;
use crate::oci::Reference;
use crate::recording::{LONGEST, Recording};
use crate::session::Compared;
use crate::transport::read_file;

/// A side.
pub(super) enum Named {
    /// A reference, to be asked for.
    Reference(Reference),
    /// A recording, which has the answers.
    Recording(Recording),
}

/// Whether a word names a file, and not a reference: one that exists, a path that cannot be a reference, or the name of a
/// recording that is not there: it is not sent to a registry.
pub(super) fn is_file(word: &str) -> bool {
    let is_path = ["./", "../", "/"].iter().any(|start| word.starts_with(start));
    let is_recording = [".json", ".har"].iter().any(|ending| word.ends_with(ending)) && !word.contains('/');
    is_path || is_recording || Path::new(word).is_file()
}

impl Named {
    /// Reads a side.
    ///
    /// # Errors
    /// Where the reference is not valid, or the file is not a recording.
    pub fn read(word: &str) -> Result<Self, CommandError> {
        if !is_file(word) {
            return Ok(Self::Reference(Reference::parse(word)?));
        }
        let path = Path::new(word).to_owned();
        let unreadable = |why| CommandError::Unreadable { path: path.clone(), why };
        let bytes = read_file(&path, LONGEST).map_err(|unread| unreadable(unread.words(LONGEST)))?;
        let recording = Recording::read(&bytes);
        recording.map(Self::Recording).map_err(|source| CommandError::Recording { path: path.clone(), source })
    }

    /// The side for the session. A recording of several references is asked about that of the other side.
    ///
    /// # Errors
    /// Where the recording leaves open which of its references is meant.
    pub fn side<'a>(&'a self, other: &'a Self, anonymous: bool) -> Result<Compared<'a>, CommandError> {
        let recording = match self {
            Self::Reference(reference) => return Ok(Compared { reference, anonymous, recorded: None }),
            Self::Recording(recording) => recording,
        };
        let references = recording.references();
        let reference = match (&references[..], other) {
            ([only], _) => *only,
            (_, Self::Reference(reference)) if recording.about(reference).next().is_some() => reference,
            _ => {
                return Err(CommandError::SeveralRecorded(references.iter().map(ToString::to_string).collect()));
            }
        };
        // The run that observed most, and the latest of several.
        let recorded = recording.about(reference).max_by_key(|run| run.depth.goes_deep());
        Ok(Compared { reference, anonymous, recorded })
    }
}
