//! `completions`: what a shell needs to complete the words of a command line.

use clap::Args;
use clap_complete::Shell;

use super::{CommandError, CommandSpec, Output};
use crate::diagnosis::ExitStatus;

/// The description of `completions`.
pub const SPEC: CommandSpec = CommandSpec {
    examples: &[("completions bash > ociscope.bash", "for a shell of the system")],
    ..CommandSpec::named("completions")
};

/// What `completions` is told.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

impl CompletionsArguments {
    pub(super) fn run(&self, mut grammar: clap::Command, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let name = grammar.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut grammar, name, &mut script);
        output.generated(&script)?;
        Ok(ExitStatus::Success)
    }
}
