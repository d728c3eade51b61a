//! Why a command has no result, and the exit status of that.

use std::io;
use std::path::PathBuf;

use super::{OutputError, UnreadList, WrongPath};
use crate::diagnosis::ExitStatus;
use crate::explanation::UnknownTopic;
use crate::lab::{LabError, NoSuchScenario};
use crate::oci::Refusal;
use crate::recording::UnreadRecording;
use crate::session::{SessionError, SimulationError};

/// Why a command has no result. Errors of a registry are results.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The reference is not valid.
    #[error("{}", .0.explain())]
    Reference(Box<Refusal>),
    /// An address is not one of a registry's API.
    #[error(transparent)]
    Path(#[from] WrongPath),
    /// References that are not valid and have no suggestion.
    #[error("{}", .0.iter().map(Refusal::explain).collect::<Vec<_>>().join("\n\n"))]
    References(Vec<Refusal>),
    /// A recording is about several references, and none is given.
    #[error("the recording is about several references; name one of {}", .0.join(", "))]
    SeveralRecorded(Vec<String>),
    /// Nothing could be sent.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// There is no such scenario.
    #[error(transparent)]
    Scenario(#[from] NoSuchScenario),
    /// The lab could not be started.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// A topic is unknown.
    #[error(transparent)]
    UnknownTopic(#[from] Box<UnknownTopic>),
    /// There is nothing to explain.
    #[error("there is nothing to explain; name a topic or a file, or pass client output on standard input")]
    NoTopic,
    /// There is no command of that name, and so no manual page.
    #[error("no manual page for {0}; `ociscope --help` lists the commands")]
    NoManual(String),
    /// A blob without a digest.
    #[error(
        "a blob is addressed by its digest: ghcr.io/o/n@sha256:…; `ociscope manifest REF` shows the digests of an image"
    )]
    NoDigest,
    /// The references are not two sides to compare.
    #[error("{0}")]
    Sides(&'static str),
    /// Two identities are to be compared, and there is only one.
    #[error("there are no credentials for {0}, so there is one identity; log in, or add --username NAME")]
    NoIdentity(String),
    /// A list of references could not be read.
    #[error(transparent)]
    List(#[from] UnreadList),
    /// Standard input could not be read.
    #[error("standard input could not be read: {0}")]
    Input(#[source] io::Error),
    /// A file could not be read.
    #[error("{} could not be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// A file is not a recording.
    #[error("{} cannot be used: {source}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// Why.
        source: UnreadRecording,
    },
    /// A file could not be written.
    #[error("{} could not be written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Reference(Box::new(refusal))
    }
}

impl CommandError {
    /// The exit status of a run with this error.
    pub fn exit_status(&self) -> ExitStatus {
        match self {
            Self::Session(SessionError::Simulation(SimulationError::Lab(_))) => ExitStatus::ToolFailed,
            // A reader that has gone is not an error.
            Self::Output(OutputError::Closed) => ExitStatus::Success,
            Self::Reference(_)
            | Self::References(_)
            | Self::Path(_)
            | Self::Session(_)
            | Self::SeveralRecorded(_)
            | Self::Recording { .. }
            | Self::Scenario(_)
            | Self::UnknownTopic(_)
            | Self::List(_)
            | Self::NoTopic
            | Self::NoManual(_)
            | Self::Sides(_)
            | Self::NoIdentity(_)
            | Self::NoDigest => ExitStatus::Usage,
            Self::Output(OutputError::RawForEverybody) => ExitStatus::Usage,
            Self::Lab(_) | Self::Input(_) | Self::Unreadable { .. } | Self::File { .. } | Self::Output(_) => {
                ExitStatus::ToolFailed
            }
        }
    }
}
