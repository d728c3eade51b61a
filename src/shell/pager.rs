//! Showing what is longer than the screen with the user's own pager.

use std::io::Write;
use std::process::{Command, Stdio};

/// Shows bytes with `$PAGER`, or with `less`. Whether that worked.
///
/// The variable is the user's own; it is taken as words, without a shell.
pub(super) fn show(bytes: &[u8]) -> bool {
    let pager = std::env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let pager = pager.unwrap_or_else(|| "less".to_owned());
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else { return false };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    // Without these, less shows colours as codes; whoever has set it knows better.
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager early has seen enough.
        let _ = input.write_all(bytes);
    }
    child.wait().is_ok_and(|status| status.success())
}
