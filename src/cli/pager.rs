//! Showing what is longer than the screen with the user's own pager.
//!
//! It is started when the result is there, and the program waits for its end: the keys, Ctrl-C among them, are the pager's
//! until then.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use unicode_width::UnicodeWidthChar;

use super::place::{is_dumb, size};
use crate::auth::credentials::find_program;

/// The columns and rows of a terminal that does not tell.
const SCREEN: (usize, usize) = (80, 24);

/// The statuses with which shells and `env` say that they could not start a program.
const NOT_STARTED: [i32; 2] = [126, 127];

/// The process of the pager that is open; 0 where none is.
static OPEN: AtomicU32 = AtomicU32::new(0);

/// A pager: a program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pager {
    program: String,
    arguments: Vec<String>,
}

impl Pager {
    /// The pager of this user: `preferred` (of `OCISCOPE_PAGER` or the configuration) before `PAGER` before `less`. `None`
    /// where none is wanted, or the terminal cannot show one.
    pub fn of_this_user(preferred: Option<&str>) -> Option<Self> {
        let named = std::env::var("PAGER").ok();
        Self::chosen(preferred.or(named.as_deref()), is_dumb())
    }

    /// The first that was named is meant. The text is taken as words, without a shell; no words, and `cat`, mean none.
    fn chosen(named: Option<&str>, is_dumb: bool) -> Option<Self> {
        let mut words = match named {
            Some(named) => named.split_whitespace(),
            None if is_dumb => return None,
            None => "less".split_whitespace(),
        };
        let program = words.next()?.to_owned();
        let arguments: Vec<_> = words.map(str::to_owned).collect();
        let is_none = program == "cat" && arguments.is_empty();
        (!is_none).then_some(Self { program, arguments })
    }

    /// Where the program is. One that is named without its folder is looked for on PATH, in absolute folders.
    fn path(&self) -> Option<PathBuf> {
        if self.program.contains(std::path::MAIN_SEPARATOR) {
            return Some(PathBuf::from(&self.program));
        }
        find_program(&self.program, &std::env::var_os("PATH")?)
    }

    /// Shows text, and waits until the pager ends. Returns whether it could be started; how it ended says nothing.
    pub async fn show(&self, text: &[u8]) -> bool {
        let Some(path) = self.path() else { return false };
        let mut command = Command::new(path);
        command.args(&self.arguments).stdin(Stdio::piped());
        // Quit where it fits, show colours, leave the text on the screen: what git and gh ask for. A `LESS` of the user's own
        // is left alone.
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", "FRX");
        }
        let Ok(mut child) = command.spawn() else { return false };
        OPEN.store(child.id().unwrap_or(0), Ordering::SeqCst);
        let _open = Open;
        if let Some(mut input) = child.stdin.take() {
            // A pager that is left early does not read the rest.
            let _ = input.write_all(text).await;
            let _ = input.shutdown().await;
        }
        let status = child.wait().await;
        OPEN.store(0, Ordering::SeqCst);
        let code = status.ok().and_then(|status| status.code());
        !code.is_some_and(|code| NOT_STARTED.contains(&code))
    }
}

/// Ends the pager with this, where nothing waits for it anymore.
struct Open;

impl Drop for Open {
    fn drop(&mut self) {
        end_pager();
    }
}

/// Ends the pager that is open, for a process that is about to end: it would be left on the terminal of another.
pub(crate) fn end_pager() {
    let id = OPEN.swap(0, Ordering::SeqCst);
    #[cfg(unix)]
    if let Some(id) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself. With this signal it gives the terminal back.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
    #[cfg(not(unix))]
    let _ = id;
}

/// Whether a text is longer than the screen, where the next prompt needs a row too.
pub(crate) fn exceeds_screen(text: &[u8]) -> bool {
    let (columns, rows) = size().unwrap_or(SCREEN);
    rows_of(&String::from_utf8_lossy(text), columns) >= rows
}

/// How many rows a text takes on a terminal of so many columns: a line that is wider goes on in the next row.
fn rows_of(text: &str, columns: usize) -> usize {
    text.lines().map(|line| width_of(line).div_ceil(columns.max(1)).max(1)).sum()
}

/// How many columns a line takes; codes of colours take none.
fn width_of(line: &str) -> usize {
    let mut width = 0;
    let mut is_code = false;
    for character in line.chars() {
        match character {
            '\u{1b}' => is_code = true,
            'm' if is_code => is_code = false,
            _ if is_code => {}
            character => width += character.width().unwrap_or(0),
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(named: Option<&str>) -> Option<String> {
        Pager::chosen(named, false).map(|pager| [&[pager.program][..], &pager.arguments].concat().join("|"))
    }

    #[test]
    fn pager_is_what_is_named_and_less_where_nothing_is() {
        for (named, expected) in [
            (None, Some("less")),
            (Some("less -S"), Some("less|-S")),
            (Some("  most  "), Some("most")),
            (Some("/opt/my/pager -x 2"), Some("/opt/my/pager|-x|2")),
            (Some("bat --paging always"), Some("bat|--paging|always")),
            (Some("cat -v"), Some("cat|-v")),
            (Some("catless"), Some("catless")),
            (Some(""), None),
            (Some(" \t"), None),
            (Some("cat"), None),
            (Some(" cat "), None),
        ] {
            assert_eq!(chosen(named).as_deref(), expected, "{named:?}");
        }
        assert_eq!(Pager::chosen(None, true), None, "less needs more than a dumb terminal");
        assert!(Pager::chosen(Some("more"), true).is_some(), "it is the user's own choice");
    }

    #[test]
    fn rows_are_those_of_the_screen() {
        for (text, columns, rows) in [
            ("", 80, 0),
            ("a\n", 80, 1),
            ("a\n\nb\n", 80, 3),
            ("aaaaa\n", 5, 1),
            ("aaaaaa\n", 5, 2),
            ("日本語\n", 5, 2),
            ("\u{1b}[1;31maaaaa\u{1b}[0m\n", 5, 1),
            ("a\nb", 5, 2),
            ("a\n", 0, 1),
        ] {
            assert_eq!(rows_of(text, columns), rows, "{text:?} in {columns}");
        }
    }
}
