//! `completions`: shell completions.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use super::{CommandError, CommandSpec, Output, OutputError};
use crate::diagnosis::ExitStatus;

/// The variable of the environment by which a completion script asks the program for candidates.
pub const COMPLETE: &str = "OCISCOPE_COMPLETE";

/// The description of `completions`.
pub const SPEC: CommandSpec = CommandSpec {
    one_shot: &[
        ("source <(ociscope completions bash)", "in ~/.bashrc"),
        ("source <(ociscope completions zsh)", "in ~/.zshrc, after compinit"),
        ("ociscope completions fish | source", "in ~/.config/fish/config.fish"),
    ],
    examples: &[("completions bash > ociscope.bash", "for a shell of the system")],
    ..CommandSpec::named("completions")
};

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// Shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

impl CompletionsArguments {
    /// Prints a script that asks the program for candidates at each Tab, so that rules, scenarios, media types and hosts are
    /// completed as well.
    pub(super) fn run(&self, grammar: &clap::Command, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let name = grammar.get_name();
        let mut script = Vec::new();
        if let Some(completer) = Shells::builtins().completer(&self.shell.to_string()) {
            completer.write_registration(COMPLETE, name, name, name, &mut script).map_err(OutputError::Write)?;
        }
        output.generated(&script)?;
        Ok(ExitStatus::Success)
    }
}
