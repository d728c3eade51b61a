//! A pasted line that is an error message of a client. It is explained.

use clap::Command;

use super::line::quoted;
use super::state::State;
use crate::commands::EXPLAIN;
use crate::explanation::{Kind, explain};
use crate::text::Untrusted;

/// The `explain` line for a text that does not begin with a command and that `explain` recognizes. Lines of a script are never
/// taken for texts, and neither are lines right after an answer that requires authentication: they may be passwords.
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
