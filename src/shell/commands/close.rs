//! `close`: ask the network again after `open`.

use clap::Args;

use crate::commands::{CommandSpec, Group, Overview};
use crate::diagnosis::ExitStatus;
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The description of `close`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Exchanges, at: (3, 2), usage: "close", about: "" }),
    examples: &[("close", "requests are sent again")],
    ..CommandSpec::named("close")
};

/// The arguments of `close`: none.
#[derive(Debug, Args)]
pub(in crate::shell) struct CloseArguments {}

impl CloseArguments {
    /// Closes the recording.
    ///
    /// # Errors
    /// Where none is open.
    pub fn run(&self, state: &mut State) -> Result<ExitStatus, ShellError> {
        match state.settings.recording.take() {
            Some(_) => Ok(ExitStatus::Success),
            None => Err(ShellError::NothingOpen),
        }
    }
}
