//! From arguments to an exit status.

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::rc::Rc;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::arguments::{Arguments, Global, Invocation};
use super::configuration::configuration;
use super::delivery::Delivery;
use super::ending::{LastWords, Told, Writing, end_at_signal, in_background, stop_at_signal, watch_over};
use super::meant::{Meant, has_mark, meant};
use super::password::{self, PasswordError};
use super::place::{Colour, complain, print_refusal, runtime};
use super::preferences::preferring;
use super::recording::RecordingFileError;
use super::shell::ShellArguments;
use super::texts::with_texts_apart;
use super::waiting::{progress, tell_of_waiting};
use super::{completion, help};
use crate::commands::{
    COMMANDS, Command, CommandError, CommandSpec, FROM, OutputError, Program, UnreadList, asks_a_registry,
};
use crate::diagnosis::ExitStatus;
use crate::lab::scenario;
use crate::session::{Recorder, Session, Settings};

/// The warning of every run that does not verify certificates.
pub(crate) const INSECURE: &str =
    "INSECURE: the registry's certificate is not verified; anyone on the network path could impersonate the registry";

/// The arguments and settings that the shell is opened with.
pub struct Opening {
    pub(crate) arguments: ShellArguments,
    pub(crate) settings: Settings,
    pub(crate) global: Global,
}

/// The shell, as far as the command line needs it.
#[derive(Clone, Copy)]
pub struct Shell {
    /// Opens it.
    pub(crate) open: fn(Opening) -> ExitStatus,
    /// The commands that only it has.
    pub(crate) commands: &'static [&'static CommandSpec],
}

/// Runs one command line.
pub fn main(arguments: impl IntoIterator<Item = OsString>, shell: Shell) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    if let Some(answered) = completion::answered(&arguments, grammar) {
        return answered;
    }
    let arguments = with_texts_apart(joined_lab(with_recording_last(arguments)), grammar);
    let color = color_of(&arguments);
    let parsed = match parsed(&arguments) {
        Err(error) if error.kind() == ErrorKind::InvalidSubcommand => {
            let mut built = grammar();
            built.build();
            match meant(&arguments, &built, shell.commands) {
                Meant::Line(line) => parsed(&with_texts_apart(line, grammar)),
                Meant::Refused(words) => {
                    complain(&words);
                    return ExitCode::from(ExitStatus::Usage.code());
                }
                Meant::Unknown => Err(error),
            }
        }
        parsed => parsed,
    };
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are results; anything else is wrong usage. A reader that has gone is neither.
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Success };
            let status = match print_refusal(&error, color).map_err(OutputError::from) {
                Err(failed @ OutputError::Write(_)) if status == ExitStatus::Success => {
                    complain(&failed.to_string());
                    ExitStatus::ToolFailed
                }
                _ => status,
            };
            return ExitCode::from(status.code());
        }
    };
    let is_quiet = arguments.global.display.is_quiet();
    let status = match run(arguments, shell) {
        Ok(status) => status,
        Err(Failed::Command(CommandError::Output(OutputError::Closed))) => ExitStatus::Success,
        Err(failed) => {
            let status = failed.status();
            if !is_quiet || status == ExitStatus::Usage {
                complain(&failed.to_string());
            }
            status
        }
    };
    ExitCode::from(status.code())
}

fn parsed(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    Arguments::from_arg_matches(&grammar().try_get_matches_from(arguments)?)
}

/// The value of `--color`, for help and errors of the parser, which come before any value is parsed.
fn color_of(arguments: &[OsString]) -> Colour {
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    let next = words.iter().position(|word| *word == "--color").and_then(|at| words.get(at + 1)).copied();
    match words.iter().find_map(|word| word.strip_prefix("--color=")).or(next) {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        _ => Colour::Auto,
    }
}

/// Writes `--lab SCENARIO` as `--lab=SCENARIO`, because the parser cannot tell a scenario from the command or reference that
/// follows: before the command, every word that is neither is a scenario; after it, only names of scenarios are.
fn joined_lab(arguments: Vec<OsString>) -> Vec<OsString> {
    // Without the option, neither the commands nor the scenarios are loaded.
    if !arguments.iter().any(|argument| argument == "--lab") {
        return arguments;
    }
    /// The similarity from which on a word is taken for a misspelled command.
    const ALIKE: f64 = 0.9;
    let commands = Arguments::command();
    let is_command = |word: &str| commands.find_subcommand(word).is_some() || word == "help";
    // `--lab diagnos REF`: the parser suggests the command.
    let is_like_a_command =
        |word: &str| commands.get_subcommands().any(|command| strsim::jaro_winkler(command.get_name(), word) > ALIKE);
    let mut joined: Vec<OsString> = Vec::new();
    let mut command_seen = false;
    for argument in arguments {
        let word = argument.to_str().unwrap_or_default();
        let follows_lab = joined.last().is_some_and(|last| last == "--lab");
        let is_scenario = || scenario(word).is_ok();
        let is_place = || has_mark(word) || word.contains(char::is_whitespace);
        let is_name =
            || is_scenario() || (!command_seen && !is_command(word) && !is_like_a_command(word) && !is_place());
        if follows_lab && !word.is_empty() && !word.starts_with('-') && is_name() {
            joined.pop();
            joined.push(format!("--lab={word}").into());
            continue;
        }
        command_seen |= is_command(word);
        joined.push(argument);
    }
    joined
}

/// Moves `--from FILE` after the command that it is before: the parser wants to know there that no reference is needed.
fn with_recording_last(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let option = format!("--{FROM}");
    let is_it =
        |word: &OsString| word.to_str().is_some_and(|word| word == option || word.starts_with(&format!("{option}=")));
    let Some(at) = arguments.iter().position(is_it) else { return arguments };
    let commands = Arguments::command();
    let is_command = |word: &OsString| word.to_str().is_some_and(|word| commands.find_subcommand(word).is_some());
    let length = if arguments[at] == *option { 2 } else { 1 };
    let is_before = !arguments[..at].iter().skip(1).any(is_command);
    let command = arguments.iter().skip(at + length).position(is_command);
    if let Some(command) = command.filter(|_| is_before) {
        arguments[at..=at + length + command].rotate_left(length);
    }
    arguments
}

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    List(#[from] UnreadList),
    #[error(transparent)]
    Recording(#[from] RecordingFileError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the asynchronous runtime could not be started: {0}")]
    Runtime(#[source] io::Error),
}

impl Failed {
    fn status(&self) -> ExitStatus {
        match self {
            Self::Password(PasswordError::Interrupted) => ExitStatus::Interrupted,
            Self::Usage(_) | Self::Password(_) | Self::List(_) => ExitStatus::Usage,
            Self::Command(error) => error.exit_status(),
            Self::Recording(error) if error.is_usage() => ExitStatus::Usage,
            Self::Recording(_) | Self::Runtime(_) => ExitStatus::ToolFailed,
        }
    }
}

/// The grammar of the command line, with its help.
pub fn grammar() -> clap::Command {
    let program = help::OF_THE_COMMAND_LINE.lay_out(Arguments::command(), COMMANDS.iter().copied());
    help::of_the_program(program, COMMANDS)
}

fn run(arguments: Arguments, shell: Shell) -> Result<ExitStatus, Failed> {
    let Arguments { mut command, global } = arguments;
    let configuration = configuration().map_err(|error| Failed::Usage(error.to_string()))?;
    let kept = (configuration.file.as_str(), &configuration.display[..]);
    if let Some(Invocation::Command(command)) = &mut command {
        global.check_for(command).map_err(Failed::Usage)?;
        command.load(Some(&mut io::stdin().lock()))?;
    }
    let global = preferring(global, |name| std::env::var_os(name), kept).map_err(Failed::Usage)?;
    let is_quiet = global.display.is_quiet();
    let password = match global.login().map_err(Failed::Usage)? {
        Some((username, _)) => Some(password::given(username, global.reads_password(), &mut io::stdin().lock())?),
        None => None,
    };
    let mut settings = global.settings(password, &configuration.trusted_pairs).map_err(Failed::Usage)?;
    if let Some(recording) = global.recording.recorded(Some(&mut io::stdin().lock()))? {
        settings = settings.answered_by(recording, global.selects_platform());
    }
    // `tls` verifies certificates despite --insecure, and says so.
    let checks_anyway = matches!(command, Some(Invocation::Command(Command::Tls(_))));
    if settings.insecure && !checks_anyway && !is_quiet {
        complain(INSECURE);
    }
    match command {
        Some(Invocation::Command(command)) => {
            let mut settings = settings;
            if let Some(registry) = command.registry() {
                settings.bind(&registry);
                // Reports and `auth` say this themselves.
                if !is_quiet
                    && !matches!(
                        command,
                        Command::Probe(_) | Command::Diagnose(_) | Command::Compare(_) | Command::Auth(_)
                    )
                {
                    let withheld = settings.login_withheld_from(&registry);
                    withheld.iter().for_each(|words| complain(&settings.for_reader(&registry, words)));
                }
            }
            run_once(&command, &global, settings, &Program { grammar, shell: shell.commands })
        }
        Some(Invocation::Shell(arguments)) => Ok((shell.open)(Opening { arguments, settings, global })),
        None => Ok((shell.open)(Opening { arguments: ShellArguments::default(), settings, global })),
    }
}

fn run_once(command: &Command, global: &Global, settings: Settings, program: &Program) -> Result<ExitStatus, Failed> {
    let file = global.recording.recording_file()?;
    let public = settings.public.clone();
    let is_conversion = settings.recording.is_some();
    let recorder = Rc::new(settings.recording.as_ref().map_or_else(Recorder::default, Recorder::of));
    let runtime = runtime().map_err(Failed::Runtime)?;
    let (stop, stopped) = watch::channel(None);
    let mut session = Session::new(settings, stopped, asks_a_registry);
    if file.is_some() {
        session = session.recording_to(Rc::clone(&recorder));
    }
    let writing = Writing::default();
    let is_quiet = global.display.is_quiet();
    let delivery = Delivery::to(global.display.place(command.goes_on()), is_quiet);
    let progress = progress(!is_quiet);
    let is_recorded = file.is_some();
    let last = LastWords { ended: session.ended(), unfinished: delivery.unfinished(), is_quiet, is_recorded };
    let told = Told::default();
    let stopping = stop_at_signal(stop.clone(), told.clone());
    let watching = watch_over(stop, writing.clone(), session.began(), last, session.total());
    let status = runtime.block_on(async {
        // Tasks of their own, because the run may be busy for long; started before anything is sent.
        let watching = in_background(watching).await;
        match is_recorded {
            true => in_background(stopping).await,
            false => in_background(end_at_signal()).await,
        };
        let mut stream = delivery.stream(&writing);
        let colour = global.colour().unwrap_or_default();
        let output = delivery.output(&mut *stream, global.format(), colour, global.asks_for_colour());
        let mut output = output.verbosely(global.verbose).with_progress(Rc::clone(&progress));
        let status = tokio::select! {
            biased;
            status = command.run(&session, &mut output, program) => status,
            never = tell_of_waiting(&progress, &session) => match never {},
        };
        progress.clear();
        let finished = output.finish();
        drop(output);
        drop(stream);
        // What was sent before an error is recorded; a recording that did not answer is not written again.
        if let Some(file) = file.filter(|_| status.is_ok() || (!is_conversion && !recorder.is_empty())) {
            file.write(&recorder, public, is_quiet)?;
        }
        let status = status?;
        finished.map_err(CommandError::from)?;
        // The run is over: what a pager shows may be read for as long as one likes, and Ctrl-C is the pager's.
        watching.inspect(AbortHandle::abort);
        delivery.deliver(status).await?;
        Ok::<_, Failed>(status)
    });
    // A name lookup that still hangs must not keep the process alive.
    runtime.shutdown_background();
    told.end();
    status
}

#[cfg(all(test, feature = "lab"))]
mod tests {
    use super::*;

    #[test]
    fn scenario_may_follow_the_option() {
        let joined = |line: &str| {
            let words = joined_lab(line.split(' ').map(OsString::from).collect());
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
            ("o --lab diagnos alpine:3", "o --lab diagnos alpine:3"),
            ("o --lab porbe alpine:3", "o --lab porbe alpine:3"),
            ("o --lab tag alpine", "o --lab tag alpine"),
            ("o --lab healthy probe a", "o --lab=healthy probe a"),
            ("o --lab ghcr.io/example/greeting:1.0", "o --lab ghcr.io/example/greeting:1.0"),
            ("o --lab alpine:3 --json", "o --lab alpine:3 --json"),
        ] {
            assert_eq!(joined(typed), meant);
        }
    }
}
