//! `exit`: leave.

use clap::Args;

use crate::diagnosis::ExitStatus;
use crate::shell::state::State;

/// What `exit` is told: nothing.
#[derive(Debug, Args)]
pub(in crate::shell) struct ExitArguments {}

impl ExitArguments {
    pub fn run(&self, state: &mut State) -> ExitStatus {
        state.is_leaving = true;
        ExitStatus::Success
    }
}
