//! The shell: the place where somebody with a stubborn registry tries things.
//!
//! It is a second door to the same commands. What it adds is that they follow each other: a line may leave out what the
//! one before has said, every exchange keeps its number, and what was learnt about a registry stays known. In reading
//! order: `opening` begins it, `line` reads what was typed, `prepare` puts in what was left out, `execute` runs it, `state`
//! is what is known between two lines.

mod commands;
mod editor;
mod error;
mod execute;
mod foreign;
mod grammar;
mod guard;
mod history;
mod hosts;
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

/// The shell, for the command line.
pub const SHELL: Shell = Shell { open: opening::open, commands: commands::OWN };
