//! Running one line: scan, prepare, parse, run, and note the result.

use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use super::commands::{OWN, may_be_given_a_password};
use super::error::{LoginError, Refused, ShellError};
use super::grammar::{self, ShellCommand, Spoken};
use super::line::{Line, Redirection};
use super::meaning;
use super::pasted::recognised;
use super::prepare::{Prepared, prepare};
use super::state::State;
use super::unshown::Unshown;
use crate::cli::{
    self, Delivery, Existing, Global, Place, Writing, at_home, format_by_name, other_format, progress, tell_of_waiting,
};
use crate::commands::{
    CommandError, CommandSpec, DIAGNOSE, Format, Output, Program, Selection, WrongPath, asks_a_registry,
};
use crate::diagnosis::ExitStatus;
use crate::session::{Recorder, Session};

/// The most characters of a file's name in an error.
const SHOWN_OF_PATH: usize = 200;

/// The program, for commands that describe it.
const PROGRAM: Program = Program { grammar: cli::grammar, shell: OWN };

/// Runs a line.
///
/// # Errors
/// Where it has no result.
pub(super) async fn execute(text: &str, state: &mut State, grammar: &clap::Command) -> Result<ExitStatus, ShellError> {
    let explained = recognised(text, state, grammar);
    let result = executed(explained.as_deref().unwrap_or(text), state, grammar).await;
    if result.as_ref().is_err_and(ShellError::asks_for_login) {
        state.guard.note(true);
    }
    result
}

async fn executed(text: &str, state: &mut State, grammar: &clap::Command) -> Result<ExitStatus, ShellError> {
    let line = Line::read(text)?;
    if line.words.is_empty() {
        let nothing =
            if line.redirection.is_some() { Err(ShellError::NothingToWrite) } else { Ok(ExitStatus::Success) };
        return nothing;
    }
    state.memory.settle();
    let redirection = line.redirection.clone();
    let words = meaning::words(line);
    if meaning::is_pasted_curl(&words) {
        return Err(Refused::PastedCurl.into());
    }
    if meaning::logs_in(&words, grammar) {
        let error = match state.is_interactive {
            true => LoginError::First(meaning::registry(&words, grammar, state)),
            false => LoginError::AtTheOpening,
        };
        return Err(error.into());
    }
    let Prepared { spec, words, about } = prepare(words, grammar, state)?;
    let spoken = grammar::parse(&words).map_err(|error| match spec.name {
        // The parser repeats arguments that it refuses.
        name if may_be_given_a_password(name) && error.use_stderr() => ShellError::Login(LoginError::Usage),
        _ => error.into(),
    })?;
    let before = state.memory.last_number();
    let selection = spoken.selection();
    let status = run(spoken, redirection, state, grammar).await;
    let status = status.map_err(|error| match error {
        ShellError::Command(CommandError::Path(WrongPath::Credentials)) if state.is_interactive => {
            LoginError::NotInAddresses.into()
        }
        ShellError::Command(CommandError::Path(WrongPath::Credentials)) => LoginError::AtTheOpening.into(),
        other => other,
    });
    let is_advised = state.memory.take_login_advice();
    let is_asked = matches!(status, Ok(ExitStatus::Unauthenticated | ExitStatus::Denied));
    state.guard.note(is_advised || is_asked);
    let diagnosed = status.as_ref().ok().copied().filter(|_| spec.name == DIAGNOSE.name && about.is_some());
    note(spec, about, selection, before, state);
    if state.memory.last_number() > before {
        state.last_status = status.as_ref().ok().copied();
        state.verdict = diagnosed;
    }
    status
}

/// Notes what the next line may refer to.
fn note(
    spec: &CommandSpec,
    about: Option<crate::oci::Reference>,
    selection: Selection,
    before: u64,
    state: &mut State,
) {
    let was_asked = state.memory.last_number() > before;
    let moves = was_asked && (spec.moves_the_shell || state.current.is_none());
    if let Some(about) = about.filter(|_| moves) {
        state.go_to(about);
    }
    state.note_shown(spec, selection, before);
    state.seen.catch_up(&state.memory);
}

/// Where the result of a line goes: `> FILE` comes before `-o FILE`.
fn place(redirection: Option<&Redirection>, global: &Global, state: &State) -> Place {
    let file = |path: &str, existing| Place::File { path: at_home(Path::new(path)), existing };
    match (redirection, global.display.file()) {
        (Some(redirection), _) => file(&redirection.path, redirection.existing),
        (None, Some(path)) => file(&path.to_string_lossy(), Existing::Replace),
        (None, None) if state.is_quiet(global) => Place::Nowhere,
        (None, None) => match state.display.pager().filter(|_| state.pages(global)) {
            Some(pager) => Place::Pager(pager),
            None => Place::Stream,
        },
    }
}

/// Refuses a file that exists or has the ending of another format, before anything is sent. Bytes may have any ending.
fn check(redirection: &Redirection, command: &ShellCommand, global: &Global) -> Result<(), ShellError> {
    let path = at_home(Path::new(&redirection.path));
    let shown = || crate::text::Untrusted::from(redirection.path.as_str()).cut_within(SHOWN_OF_PATH);
    // A link is refused where the file is written.
    let is_file = || std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    if redirection.existing == Existing::Keep && is_file() {
        return Err(ShellError::FileExists(shown()));
    }
    let is_text = global.format().is_none() && !command.asks_for_bytes();
    match other_format(&path).filter(|_| is_text) {
        Some(ending) => Err(ShellError::OtherFormat(ending)),
        None => Ok(()),
    }
}

async fn run(
    spoken: Spoken,
    redirection: Option<Redirection>,
    state: &mut State,
    grammar: &clap::Command,
) -> Result<ExitStatus, ShellError> {
    let Spoken { mut command, global } = spoken;
    redirection.as_ref().map_or(Ok(()), |redirection| check(redirection, &command, &global))?;
    if let ShellCommand::Everywhere(command) = &mut command {
        command.load(None).map_err(CommandError::from)?;
    }
    if !matches!(command, ShellCommand::Login(_)) && !matches!(global.login(), Ok(None)) {
        return Err(if state.is_interactive { LoginError::First(None) } else { LoginError::AtTheOpening }.into());
    }
    let (first, named) = match &command {
        ShellCommand::Everywhere(command) => (command.registry(), command.registries()),
        _ => (None, Vec::new()),
    };
    state.visit(first.as_ref(), &named);
    let mut settings = global.settings_over(&state.settings_now()).map_err(ShellError::Setting)?;
    if let Some(first) = &first {
        settings.bind(first);
    }
    if !state.is_quiet(&global) && named.iter().any(|registry| settings.is_insecure_for(registry)) {
        cli::complain(cli::INSECURE);
    }
    if let Some(recording) = global.recording.recorded(None)? {
        settings = settings.answered_by(recording, global.selects_platform());
    }
    let recording_file = global.recording.recording_file()?;
    let is_conversion = settings.recording.is_some();
    let recorder = Rc::new(settings.recording.as_ref().map_or_else(Recorder::default, Recorder::of));
    let public = settings.public.clone();
    let session = Session::new(settings, state.stop.subscribe(), asks_a_registry).remembering(Rc::clone(&state.memory));
    let session = session.typed(state.is_interactive && redirection.is_none() && global.display.file().is_none());
    let session = session.recording_to(Rc::clone(&state.recorder));
    let session = if recording_file.is_some() { session.recording_to(Rc::clone(&recorder)) } else { session };
    let goes_on = matches!(&command, ShellCommand::Everywhere(command) if command.goes_on());
    let place = match place(redirection.as_ref(), &global, state) {
        Place::Pager(_) if goes_on => Place::Stream,
        place => place,
    };
    let file = match &place {
        Place::File { path, .. } => Some(path.clone()),
        _ => None,
    };
    let is_quiet = state.is_quiet(&global);
    let by_name = redirection.is_some().then_some(file.as_deref()).flatten().and_then(format_by_name);
    let asked = global.format().or(by_name).or(state.format);
    if asked == Some(Format::Html)
        && redirection.as_ref().is_some_and(|redirection| redirection.existing == Existing::Append)
    {
        return Err(ShellError::NothingToAppend);
    }
    let colour = global.colour().unwrap_or(state.colour);
    let is_colour_asked = global.asks_for_colour() || state.asks_for_colour;
    let public = public.map(|mut public| {
        public.hide_hosts(state.memory.hosts(state.current.as_ref()));
        let logins = &state.settings.logins;
        public.hide_hosts(logins.registries().map(|registry| registry.name().to_owned()));
        public.hide_users(logins.users().map(str::to_owned));
        public
    });
    let recorded_public = public.clone();
    let is_shown = file.is_none() && cli::size().is_some();
    let delivery = Delivery::to(place, is_quiet);
    let mut stream = delivery.stream(&Writing::default());
    let output = delivery.output(&mut *stream, asked, colour, is_colour_asked).for_everybody(public);
    let output = match is_shown && state.is_interactive {
        true => output.for_the_prompt(state.settings.lab.is_some()),
        false => output,
    };
    let output = if file.is_some() { output } else { output.not_repeating(Rc::clone(&state.last_remark)) };
    let progress = progress(state.is_interactive && !is_quiet);
    let mut output = output.verbosely(global.verbose).with_progress(Rc::clone(&progress));
    let status = tokio::select! {
        biased;
        status = dispatch(command, &global, &session, state, &mut output, grammar) => status,
        never = tell_of_waiting(&progress, &session) => match never {},
    };
    progress.clear();
    let finished = output.finish();
    drop(output);
    drop(stream);
    if let Some(file) = recording_file.filter(|_| status.is_ok() || (!is_conversion && !recorder.is_empty())) {
        file.write(&recorder, recorded_public, is_quiet)?;
    }
    let status = status?;
    finished.map_err(CommandError::from)?;
    let Some(path) = file else {
        state.unshown = Some(Unshown { delivery, status });
        return Ok(status);
    };
    if let Some(count) = delivery.deliver(status).await?.filter(|_| !is_quiet) {
        let words = format!("{count} bytes written to {}", path.display());
        let _ = writeln!(io::stderr().lock(), "{}", crate::text::Untrusted::new(words).printable());
    }
    Ok(status)
}

async fn dispatch(
    command: ShellCommand,
    global: &Global,
    session: &Session,
    state: &mut State,
    output: &mut Output<'_>,
    grammar: &clap::Command,
) -> Result<ExitStatus, ShellError> {
    match command {
        ShellCommand::Everywhere(command) => Ok(command.run(session, output, &PROGRAM).await?),
        ShellCommand::Use(arguments) => arguments.run(state, output),
        ShellCommand::Show(arguments) => arguments.run(state, output),
        ShellCommand::Headers(arguments) => arguments.run(state, output),
        ShellCommand::Query(arguments) => arguments.run(state, output).await,
        ShellCommand::Curl(arguments) => arguments.run(state, output),
        ShellCommand::Session(arguments) => arguments.run(state, output),
        ShellCommand::Record(arguments) => arguments.run(global.recording.forces(), state.is_quiet(global), state),
        ShellCommand::Open(arguments) => arguments.run(state, output),
        ShellCommand::Close(arguments) => arguments.run(state),
        ShellCommand::Set(arguments) => {
            arguments.run(state, output, |words| grammar::parse(words).map(|spoken| spoken.global))
        }
        ShellCommand::Login(arguments) => arguments.run(global, state, output),
        ShellCommand::Unset(arguments) => arguments.run(state, output),
        ShellCommand::Logout(arguments) => arguments.run(state, output),
        ShellCommand::Help(arguments) => arguments.run(grammar, output),
        ShellCommand::Tutorial(arguments) => arguments.run(state, output),
        ShellCommand::Exit(arguments) => Ok(arguments.run(state)),
    }
}
