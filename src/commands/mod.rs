//! One command, one file: its arguments, whose comments are its help, and what it does.

mod output;
mod probe;

pub use output::{Format, Output, OutputError};
pub use probe::ProbeArguments;

use clap::Subcommand;

use crate::diagnosis::ExitStatus;
use crate::oci::Refusal;
use crate::session::{Session, SessionError};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send every Accept variant, side by side, and say what the differences mean
    Probe(ProbeArguments),
}

/// Why a command did not come to a result. What a registry does wrong is a result.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The reference cannot be parsed.
    #[error("{}", .0.explain())]
    Reference(Box<Refusal>),
    /// Nothing could be sent.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        match self {
            Self::Probe(arguments) => arguments.run(session, output).await,
        }
    }
}
