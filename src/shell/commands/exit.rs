//! `exit`: leave the shell.

use clap::Args;

use crate::commands::{CommandSpec, Group, Overview};
use crate::diagnosis::ExitStatus;
use crate::shell::state::State;

/// The description of `exit`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Rest, at: (2, 1), usage: "exit", about: "" }),
    examples: &[("exit", "the same as Ctrl-D")],
    ..CommandSpec::named("exit")
};

/// The arguments of `exit`: none.
#[derive(Debug, Args)]
pub(in crate::shell) struct ExitArguments {}

impl ExitArguments {
    pub fn run(&self, state: &mut State) -> ExitStatus {
        state.is_leaving = true;
        ExitStatus::Success
    }
}
