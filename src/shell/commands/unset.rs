//! `unset`: clear a setting.

use clap::Args;

use super::set;
use crate::commands::{CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The description of `unset`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Change, at: (3, 1), usage: "unset NAME", about: "" }),
    examples: &[
        ("unset accept", "accept what current clients accept again"),
        ("unset platform", "this machine's again"),
    ],
    ..CommandSpec::named("unset")
};

/// The arguments of `unset`.
#[derive(Debug, Args)]
pub(in crate::shell) struct UnsetArguments {
    /// Setting
    #[arg(value_name = "NAME")]
    setting: String,
}

impl UnsetArguments {
    pub fn run(&self, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        set::clear(&self.setting, state, output)
    }
}
