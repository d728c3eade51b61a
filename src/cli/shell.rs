//! `shell`: its arguments. The shell itself is in a room of its own.

use std::path::PathBuf;

use clap::Args;

/// The arguments of `shell`.
#[derive(Debug, Default, Args)]
pub(crate) struct ShellArguments {
    /// Image reference to probe first
    #[arg(value_name = "REF")]
    pub reference: Option<String>,

    /// Run the commands in FILE, one per line, instead of opening a prompt
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}
