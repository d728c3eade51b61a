//! The interactive shell.
//!
//! It has the commands of the command line, and state between them: a line may omit what an earlier one has named, every
//! exchange keeps its number, and the state of registries is kept. In reading order: `opening` starts it, `line` scans a
//! line, `prepare` fills in what is omitted, `execute` runs it, `state` is the state between two lines.

mod commands;
mod editor;
mod error;
mod execute;
mod grammar;
mod guard;
mod history;
mod interactive;
pub mod line;
mod meaning;
mod opening;
mod pasted;
mod prepare;
mod prompt;
mod run;
mod script;
mod seen;
mod state;
mod sticky;
mod tags;
mod target;
mod unshown;

use crate::cli::Shell;

/// The shell, as the command line knows it.
pub const SHELL: Shell = Shell { open: opening::open, commands: commands::OWN };
