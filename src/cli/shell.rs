//! `shell`: what it is told when it is opened. The shell itself has a room of its own.

use std::path::PathBuf;

use clap::Args;

/// What `shell` is told.
#[derive(Debug, Default, Args)]
pub(crate) struct ShellArguments {
    /// The image to begin with; it is probed
    #[arg(value_name = "REF")]
    pub reference: Option<String>,

    /// Run the commands in this file, one a line, in the place of asking for them
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}
