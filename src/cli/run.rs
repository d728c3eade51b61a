//! From arguments to an exit status.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::sync::watch;

use super::arguments::{Arguments, Colour};
use crate::commands::{CommandError, Output, OutputError, Progress};
use crate::diagnosis::ExitStatus;
use crate::evidence::{Untrusted, is_safe};
use crate::lab::scenario;
use crate::report::Style;
use crate::session::{Session, SessionError, SimulationError};
use crate::transport::Stop;

/// The width where there is no terminal to ask.
const WIDTH: usize = 80;

/// Runs one command line.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(joined_lab(arguments)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are results; anything else is wrong usage. A reader that has gone is neither.
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Success };
            print_refusal(&error);
            return ExitCode::from(status.code());
        }
    };
    let status = match run(&arguments) {
        Ok(status) => status,
        Err(Failed::Command(CommandError::Output(OutputError::Closed))) => ExitStatus::Success,
        Err(failed) => {
            complain(&failed.to_string());
            failed.status()
        }
    };
    ExitCode::from(status.code())
}

/// Writes `--lab SCENARIO` as `--lab=SCENARIO`. The parser could not tell the name from the command or the reference
/// behind it: before the command every word that is none is the name, and behind it every word that is a scenario's.
fn joined_lab(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    // Neither the commands nor the scenarios are looked at for who does not ask for the lab.
    if !arguments.iter().any(|argument| argument == "--lab") {
        return arguments;
    }
    let commands = Arguments::command();
    let is_command = |word: &str| commands.find_subcommand(word).is_some() || word == "help";
    let mut joined: Vec<OsString> = Vec::new();
    let mut command_seen = false;
    for argument in arguments {
        let word = argument.to_str().unwrap_or_default();
        let behind_lab = joined.last().is_some_and(|last| last == "--lab");
        let is_name = || if command_seen { scenario(word).is_ok() } else { !is_command(word) };
        if behind_lab && !word.is_empty() && !word.starts_with('-') && is_name() {
            joined.pop();
            joined.push(format!("--lab={word}").into());
            continue;
        }
        command_seen |= is_command(word);
        joined.push(argument);
    }
    joined
}

/// Why a run came to no result.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the asynchronous runtime could not be started: {0}")]
    Runtime(#[source] io::Error),
}

impl Failed {
    fn status(&self) -> ExitStatus {
        match self {
            Self::Usage(_) => ExitStatus::Usage,
            Self::Command(error) => match error {
                CommandError::Session(SessionError::Simulation(SimulationError::Lab(_))) => ExitStatus::ToolFailed,
                CommandError::Reference(_)
                | CommandError::References(_)
                | CommandError::Path(_)
                | CommandError::Session(_)
                | CommandError::Scenario(_)
                | CommandError::UnknownTopic(_)
                | CommandError::NoTopic
                | CommandError::NoDigest => ExitStatus::Usage,
                CommandError::Lab(_) | CommandError::Input(_) | CommandError::File { .. } | CommandError::Output(_) => {
                    ExitStatus::ToolFailed
                }
            },
            Self::Runtime(_) => ExitStatus::ToolFailed,
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitStatus, Failed> {
    let global = &arguments.global;
    let settings = global.settings(&mut io::stdin().lock()).map_err(Failed::Usage)?;
    if global.insecure {
        complain("INSECURE: the registry's certificate is not checked; anybody on the way could answer in its place");
    }
    let runtime = runtime().map_err(Failed::Runtime)?;
    let (stop, stopped) = watch::channel(None);
    let session = Session::new(settings, stopped);
    let mut stdout = io::stdout().lock();
    let style = Style::new(coloured(global.color));
    let output = Output::new(&mut stdout, global.format(), style, width())
        .on_a_terminal(io::stdout().is_terminal())
        .with_remarks(Box::new(io::stderr()));
    let mut output = if io::stderr().is_terminal() && !is_dumb() {
        output.with_progress(Progress::on_terminal(Box::new(io::stderr())))
    } else {
        output
    };
    let status = runtime.block_on(async {
        let interrupted = async {
            // Where the signal cannot be listened to, the system's own way of ending the process stays in place.
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.send_replace(Some(Stop::Interrupted));
                // Whoever presses it twice does not want the report either, which may wait for a reader.
                tokio::spawn(async {
                    if tokio::signal::ctrl_c().await.is_ok() {
                        std::process::exit(ExitStatus::Interrupted.code().into());
                    }
                });
            }
            std::future::pending::<Infallible>().await
        };
        tokio::select! {
            // In this order: the signal is listened to before anything is sent.
            biased;
            never = interrupted => match never {},
            status = arguments.command.run(&session, &mut output, Arguments::command) => status,
        }
    });
    // A name look-up that still hangs must not keep the process.
    runtime.shutdown_background();
    Ok(status?)
}

/// All waiting is for the network, so one thread would do. But a server that sends early hints without end keeps the
/// thread busy that reads them. So connections have a thread of their own, which looks up after every piece of work:
/// deadlines and Ctrl-C are heard whatever comes in.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).event_interval(1).enable_all().build()
}

/// NO_COLOR counts when it is set and not empty (no-color.org).
fn coloured(choice: Colour) -> bool {
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !refused && !is_dumb() && io::stdout().is_terminal()
        }
    }
}

/// Whether the terminal knows no escape codes.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// The terminal's width; without a terminal that of COLUMNS; else 80.
fn width() -> usize {
    let of_terminal =
        terminal_size::terminal_size_of(io::stdout()).map(|(terminal_size::Width(width), _)| usize::from(width));
    let of_environment = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    of_terminal.or_else(of_environment).filter(|&width| width > 0).unwrap_or(WIDTH)
}

/// Prints what the argument parser has to say. It repeats arguments as they are, and they may have been pasted.
fn print_refusal(error: &clap::Error) {
    let words = error.render().to_string();
    if words.chars().all(|character| character == '\n' || is_safe(character)) {
        let _ = error.print();
    } else {
        let _ = write!(io::stderr().lock(), "{}", Untrusted::new(words).printable_lines().join("\n"));
    }
}

/// Says something about the tool itself, to standard error. Nothing can be done where even that has gone. Names of files
/// and the like are in it, which may have been pasted.
///
/// Words of several lines are a picture, whose lines must keep their places.
fn complain(words: &str) {
    let lines = Untrusted::from(words).printable_lines();
    let gap = if lines.len() > 1 { "\n" } else { " " };
    let _ = writeln!(io::stderr().lock(), "ociscope:{gap}{}", lines.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_scenario_may_stand_behind_the_option() {
        let joined = |line: &str| {
            let words = joined_lab(line.split(' ').map(OsString::from));
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        for (typed, meant) in [
            ("o --lab gcr-deepvariant probe a", "o --lab=gcr-deepvariant probe a"),
            ("o --lab gcr-deepvarint probe a", "o --lab=gcr-deepvarint probe a"),
            ("o --lab probe gcr.io/a/b:c", "o --lab probe gcr.io/a/b:c"),
            ("o probe --lab gcr-deepvariant a", "o probe --lab=gcr-deepvariant a"),
            ("o probe --lab gcr.io/a/b:c", "o probe --lab gcr.io/a/b:c"),
            ("o probe a --lab", "o probe a --lab"),
            ("o --lab --json probe a", "o --lab --json probe a"),
        ] {
            assert_eq!(joined(typed), meant);
        }
    }
}
