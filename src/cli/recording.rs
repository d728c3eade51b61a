//! Recordings as files: `--record FILE` and `--from FILE`, for both doors.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::file::{self, Existing};
use super::place::complain;
use crate::evidence::{Build, Pseudonyms};
use crate::recording::{LONGEST, Recording, UnreadRecording, is_ours, to_har};
use crate::session::{Recorder, RecorderError};
use crate::text::Untrusted;
use crate::transport::{UnreadFile, read_file};

/// The number of bytes by which a file is recognized as a recording.
const BEGINNING: u64 = 4096;
/// The name of standard input on a command line.
const STANDARD_INPUT: &str = "-";

/// Why there is no recording, in or out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordingFileError {
    /// The ending of its name means no format.
    #[error("{0}: a recording ends in .json, or in .har for HAR 1.2")]
    Ending(String),
    /// Another file is there.
    #[error("{0} exists and is not a recording; choose another name, or replace it with --force")]
    Exists(String),
    /// It cannot be written.
    #[error("{name} could not be written: {source}")]
    Unwritable {
        /// The file, printable.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// There is nothing that may be written.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// It cannot be read.
    #[error("{name} could not be read: {why}")]
    Unreadable {
        /// The file, printable.
        name: String,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// It is not a recording.
    #[error("{name} cannot be used: {source}")]
    Unread {
        /// The file, printable.
        name: String,
        /// Why.
        source: UnreadRecording,
    },
    /// The shell reads its commands from standard input.
    #[error("the shell reads its commands from standard input, so write the name of a file")]
    InputTaken,
}

impl RecordingFileError {
    /// Whether something that was asked for is wrong, and not the tool or the machine.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Unwritable { .. } | Self::Recorder(RecorderError::Leak(_) | RecorderError::Json(_)))
    }
}

/// A file that a recording is to be written to.
#[derive(Debug, Clone)]
pub(crate) struct RecordingFile {
    path: PathBuf,
    is_forced: bool,
}

impl RecordingFile {
    /// A file by its name. With `is_forced`, it may replace a file that is not a recording.
    ///
    /// # Errors
    /// Where the name has another ending, or a file is there that may not be replaced. Both are known before anything is sent.
    pub fn new(path: &Path, is_forced: bool) -> Result<Self, RecordingFileError> {
        let file = Self { path: path.to_owned(), is_forced };
        let is_regular = fs::symlink_metadata(path).map_or(true, |found| found.is_file());
        if is_regular && !file.ends_in("json") && !file.is_har() {
            return Err(RecordingFileError::Ending(file.name()));
        }
        file.check()?;
        Ok(file)
    }

    fn ends_in(&self, ending: &str) -> bool {
        self.path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
    }

    /// Whether its name is that of a HAR file.
    fn is_har(&self) -> bool {
        self.ends_in("har")
    }

    /// Checks that what is there may be replaced.
    fn check(&self) -> Result<(), RecordingFileError> {
        let unwritable = |source| RecordingFileError::Unwritable { name: self.name(), source };
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unwritable(error)),
            Ok(found) if found.is_symlink() => Err(unwritable(io::Error::other(file::IS_A_LINK))),
            Ok(found) if found.is_dir() => Err(unwritable(io::ErrorKind::IsADirectory.into())),
            Ok(found) if !found.is_file() || found.len() == 0 || self.is_forced => Ok(()),
            Ok(_) => {
                let mut beginning = Vec::new();
                let read = fs::File::open(&self.path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
                read.map_err(unwritable)?;
                if is_ours(&beginning) { Ok(()) } else { Err(RecordingFileError::Exists(self.name())) }
            }
        }
    }

    /// Writes the runs of a recorder, with pseudonyms if the result is anonymized, and says so unless `is_quiet`.
    ///
    /// # Errors
    /// Where there is nothing to write, a secret would be written, or the file cannot be.
    pub fn write(
        &self,
        recorder: &Recorder,
        public: Option<Pseudonyms>,
        is_quiet: bool,
    ) -> Result<(), RecordingFileError> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
        let now = now.and_then(|now| i64::try_from(now.as_secs()).ok());
        let (recording, runs) = recorder.recording(now, public)?;
        let text = match self.is_har() {
            true => format!("{}\n", to_har(&recording.runs, &Build::current())),
            false => recording.write(&runs).map_err(RecorderError::from)?,
        };
        // Another program may have put a file there since.
        self.check()?;
        let written = file::write(&self.path, Existing::Replace, text.as_bytes());
        written.map_err(|source| RecordingFileError::Unwritable { name: self.name(), source })?;
        if !is_quiet {
            complain(&format!("{} recorded in {}", requests(&recording), self.name()));
        }
        Ok(())
    }

    fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// Reads a recording. `input` is standard input, for the name `-`; `None` where commands are read from it.
///
/// # Errors
/// Where the file cannot be read, or is not a recording.
pub(crate) fn read_recording(path: &Path, input: Option<&mut dyn Read>) -> Result<Recording, RecordingFileError> {
    let is_input = path == Path::new(STANDARD_INPUT);
    let name = if is_input { "standard input".to_owned() } else { name_of(path) };
    let unreadable = |why: String| RecordingFileError::Unreadable { name: name.clone(), why };
    let bytes = match (is_input, input) {
        (true, None) => return Err(RecordingFileError::InputTaken),
        (true, Some(input)) => {
            let mut bytes = Vec::new();
            input.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
            bytes
        }
        (false, _) => read_file(path, LONGEST).map_err(|unread| unreadable(unread.words(LONGEST)))?,
    };
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable(UnreadFile::TooLong.words(LONGEST)));
    }
    Recording::read(&bytes).map_err(|source| RecordingFileError::Unread { name, source })
}

/// `15 requests in 2 runs`
pub(crate) fn requests(recording: &Recording) -> String {
    let count = recording.runs.iter().map(|run| run.journal.iter().count()).sum::<usize>();
    let requests = if count == 1 { "1 request".to_owned() } else { format!("{count} requests") };
    match recording.runs.len() {
        1 => requests,
        runs => format!("{requests} in {runs} runs"),
    }
}

fn name_of(path: &Path) -> String {
    Untrusted::from(&*path.to_string_lossy()).printable()
}
