//! A line that nobody meant as a command: an error that a client printed. It is explained.

use clap::Command;

use super::line::quoted;
use super::state::State;
use crate::commands::EXPLAIN;
use crate::explanation::{Kind, explain};
use crate::text::Untrusted;

/// The line that explains a text, where no command begins it and `explain` recognises it. A line of a script is a command
/// or nothing, and so is what is typed right after an answer that asked for a login: it may be a password.
pub(super) fn recognised(text: &str, state: &State, grammar: &Command) -> Option<String> {
    let may_be_text = state.is_interactive && !state.guard.expects_command;
    let line = text.trim();
    let (first, _) = line.split_once(char::is_whitespace).filter(|_| may_be_text)?;
    let is_command =
        grammar.find_subcommand(first).is_some() || matches!(first, "ociscope" | "#") || first.starts_with("--");
    if is_command {
        return None;
    }
    let explanation = explain(&Untrusted::from(line)).ok()?;
    (explanation.kind == Kind::ErrorText).then(|| format!("{} {}", EXPLAIN.name, quoted(line)))
}
