//! Options that write a run to a file, or take its answers from one.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::OUTPUT;
use crate::cli::recording::{RecordingFile, RecordingFileError, read_recording};
use crate::commands::FROM;
use crate::recording::Recording;

/// The id of the option that names the file to write.
const TO: &str = "record";

/// Options that write a run to a file, or take its answers from one.
#[derive(Debug, Clone, Args)]
pub(crate) struct RecordingOptions {
    /// Write the requests and answers to FILE (.json, or .har for HAR 1.2), to be judged again with --from
    #[arg(long, global = true, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    record: Option<PathBuf>,

    /// With --record, replace a file that is not a recording
    #[arg(long, global = true, requires = TO, help_heading = OUTPUT, hide_short_help = true)]
    force: bool,

    /// Take the answers from FILE instead of the network: a recording, a report in JSON, HAR, or the log of curl, crane, oras or ctr; REF is not needed; - is standard input
    #[arg(id = FROM, long, global = true, value_name = "FILE", help_heading = "Connection", hide_short_help = true)]
    #[cfg_attr(feature = "lab", arg(conflicts_with = super::LAB))]
    from: Option<PathBuf>,
}

impl RecordingOptions {
    /// The file that the run is recorded in.
    ///
    /// # Errors
    /// Where it may not be written.
    pub fn recording_file(&self) -> Result<Option<RecordingFile>, RecordingFileError> {
        self.record.as_deref().map(|path| RecordingFile::new(path, self.force)).transpose()
    }

    /// The recording that answers instead of the network. `input` is standard input; `None` where commands are read from it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn recorded(&self, input: Option<&mut dyn Read>) -> Result<Option<Recording>, RecordingFileError> {
        self.from.as_deref().map(|path| read_recording(path, input)).transpose()
    }

    /// Whether the run is recorded.
    pub(super) fn records(&self) -> bool {
        self.record.is_some()
    }

    /// Whether the recording comes on standard input.
    pub(super) fn reads_standard_input(&self) -> bool {
        self.from.as_deref() == Some(Path::new("-"))
    }

    /// Whether a recording may replace a file that is not one.
    pub fn forces(&self) -> bool {
        self.force
    }

    /// Whether a recording is named that answers instead of the network.
    pub fn replays(&self) -> bool {
        self.from.is_some()
    }
}
