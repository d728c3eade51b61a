//! The environment of the program: the terminal, its size and colors, and error messages.

use std::ffi::OsString;
use std::io::{self, IsTerminal, StdoutLock, Write};

use clap::ValueEnum;

use crate::evidence::Pseudonyms;
use crate::report::UNWRAPPED;
use crate::text::{Untrusted, cut_at_marks, is_safe};

/// The width without a terminal.
const WIDTH: usize = 80;

/// The runtime. One thread would be enough for the network, but judging keeps the main thread busy, and a server can do that to
/// the thread of its connection (see `transport`). So another thread watches deadlines and signals.
///
/// # Errors
/// Where the system cannot start a thread.
pub(crate) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    has_files_left()?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).event_interval(1).enable_all().build()
}

/// Checks that the runtime can open the files that it needs for I/O and signals: it panics without them.
fn has_files_left() -> io::Result<()> {
    const PAIRS: usize = 5;
    #[cfg(unix)]
    {
        use std::os::unix::net::UnixStream;
        (0..PAIRS).map(|_| UnixStream::pair()).collect::<io::Result<Vec<_>>>()?;
    }
    Ok(())
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set; anywhere with CLICOLOR_FORCE or FORCE_COLOR
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Whether results are colored: an option comes before the variables that programs have in common.
pub(crate) fn coloured(choice: Colour) -> bool {
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => by_environment(|name| std::env::var_os(name), io::stdout().is_terminal()),
    }
}

/// Whether there is color by the environment. A variable counts if it is set and not empty. `NO_COLOR` comes before those
/// that force color (no-color.org, bixense.com/clicolors); of these, 0 forces nothing, as in Node.js. Otherwise a terminal
/// that understands escape codes has color.
fn by_environment(variable: impl Fn(&str) -> Option<OsString>, is_terminal: bool) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let forces =
        |name: &str| is_set(name) && !["0", "false"].iter().any(|no| variable(name).is_some_and(|it| it == *no));
    let is_dumb = variable("TERM").is_some_and(|value| value == "dumb");
    !is_set("NO_COLOR") && (forces("CLICOLOR_FORCE") || forces("FORCE_COLOR") || (is_terminal && !is_dumb))
}

/// Whether the terminal does not understand escape codes.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// The names that identify this machine: the home directory, the user names, the host name.
pub(crate) fn whose_machine() -> Pseudonyms {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = std::env::home_dir().and_then(|home| home.to_str().map(str::to_owned));
    let users = ["USER", "LOGNAME", "USERNAME", "SUDO_USER"].iter().filter_map(|name| variable(name)).collect();
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    Pseudonyms::new(home, users, machine.or_else(|| variable("COMPUTERNAME")).or_else(|| variable("HOSTNAME")))
}

/// The columns of the terminal, or else of COLUMNS, or else 80.
pub(crate) fn width() -> usize {
    let of_terminal = size().map(|(columns, _)| columns);
    let of_environment = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    of_terminal.or_else(of_environment).filter(|&width| width > 0).unwrap_or(WIDTH)
}

/// The columns of standard error, if it is a terminal; otherwise nothing is wrapped.
pub(crate) fn error_width() -> usize {
    terminal_size::terminal_size_of(io::stderr()).map_or(UNWRAPPED, |(columns, _)| usize::from(columns.0))
}

/// The columns and rows of the terminal; `None` if standard output is not one.
pub(crate) fn size() -> Option<(usize, usize)> {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map(|(columns, rows)| (usize::from(columns.0), usize::from(rows.0)))
}

/// Standard output, for results, which [`Output`](crate::commands::Output) writes, and for the shell itself. Nothing else opens
/// it: everything on it has to be free of secrets.
pub(crate) fn standard_output() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// Whether standard output is a pipe whose reader has gone.
pub(crate) fn reader_has_gone() -> bool {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;

        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        let stdout = io::stdout();
        // Errors are always reported (poll(2)).
        let mut polled = [PollFd::new(stdout.as_fd(), PollFlags::empty())];
        let has_news = poll(&mut polled, PollTimeout::ZERO).is_ok_and(|count| count > 0);
        has_news && polled[0].revents().is_some_and(|events| events.contains(PollFlags::POLLERR))
    }
    #[cfg(not(unix))]
    false
}

/// Prints help, or an error of the argument parser. Errors repeat arguments as they are, which may have been pasted.
///
/// # Errors
/// Where it could not be written.
pub(crate) fn print_refusal(error: &clap::Error, color: Colour) -> io::Result<()> {
    let words = error.render();
    let plain = words.to_string();
    if !plain.chars().all(|character| character == '\n' || is_safe(character)) {
        return write!(io::stderr().lock(), "{}", Untrusted::new(plain).printable_lines().join("\n"));
    }
    let styled = |is_colored: bool| if is_colored { words.ansi().to_string() } else { plain.clone() };
    match (error.use_stderr(), color) {
        (true, Colour::Auto) => error.print(),
        (true, color) => write!(io::stderr().lock(), "{}", styled(color == Colour::Always)),
        (false, color) => {
            let mut stdout = standard_output();
            stdout.write_all(styled(coloured(color)).as_bytes())?;
            stdout.flush()
        }
    }
}

/// Prints an error or a remark of the tool itself to standard error, if that still exists. It may contain pasted text, such as
/// names of files.
///
/// Several lines are a picture, which begins on a line of its own.
pub(crate) fn complain(words: &str) {
    let lines = Untrusted::new(cut_at_marks(words)).printable_lines();
    let gap = if lines.len() > 1 { "\n" } else { " " };
    let _ = writeln!(io::stderr().lock(), "ociscope:{gap}{}", lines.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_the_conventions() {
        let on = |variables: &[(&str, &str)], is_terminal| {
            let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
            by_environment(|name| value(name).map(|(_, value)| value.into()), is_terminal)
        };
        for (variables, in_a_pipe, on_a_terminal) in [
            (&[][..], false, true),
            (&[("NO_COLOR", "1")], false, false),
            (&[("NO_COLOR", "")], false, true),
            (&[("TERM", "dumb")], false, false),
            (&[("CLICOLOR_FORCE", "1")], true, true),
            (&[("CLICOLOR_FORCE", "0")], false, true),
            (&[("FORCE_COLOR", "3")], true, true),
            (&[("FORCE_COLOR", "true")], true, true),
            (&[("FORCE_COLOR", "")], false, true),
            (&[("FORCE_COLOR", "0")], false, true),
            (&[("FORCE_COLOR", "1"), ("TERM", "dumb")], true, true),
            (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "0")], false, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], true, true),
        ] {
            assert_eq!(on(variables, false), in_a_pipe, "{variables:?} in a pipe");
            assert_eq!(on(variables, true), on_a_terminal, "{variables:?} on a terminal");
        }
    }
}
