//! `record`: write the requests of this session and their answers to a file.

use std::path::Path;

use clap::Args;

use crate::cli::{RecordingFile, at_home};
use crate::commands::{CommandSpec, Group, Overview};
use crate::diagnosis::ExitStatus;
use crate::shell::error::ShellError;
use crate::shell::state::State;

/// The description of `record`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Exchanges,
        at: (3, 0),
        usage: "record FILE",
        about: "keep all of it in a file; look at one",
    }),
    examples: &[("record night.json", "for an issue, or to judge it again with `open`")],
    ..CommandSpec::named("record")
};

/// The arguments of `record`.
#[derive(Debug, Args)]
pub(in crate::shell) struct RecordArguments {
    /// File that ends in .json, or in .har for HAR 1.2
    #[arg(value_name = "FILE")]
    file: String,
}

impl RecordArguments {
    /// Writes the file. `is_forced` replaces a file that is not a recording.
    ///
    /// # Errors
    /// Where there is nothing to record, or the file cannot be written.
    pub fn run(&self, is_forced: bool, is_quiet: bool, state: &State) -> Result<ExitStatus, ShellError> {
        let file = RecordingFile::new(&at_home(Path::new(&self.file)), is_forced)?;
        let public = state.settings_now().public.map(|mut public| {
            public.hide_users(state.settings.logins.users().map(str::to_owned));
            public
        });
        file.write(&state.recorder, public, is_quiet)?;
        Ok(ExitStatus::Success)
    }
}
