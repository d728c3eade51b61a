//! Opening and closing the shell.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::rc::Rc;

use tokio::sync::watch;

use super::editor::leave_to_editor;
use super::error::ShellError;
use super::grammar::grammar;
use super::guard::Guard;
use super::line::quoted;
use super::run::{Surroundings, run_line};
use super::seen::Seen;
use super::state::State;
use super::sticky::Sticky;
use super::{interactive, script};
use crate::cli::{Global, Opening, complain, end_at_signal, end_signal, in_background, runtime};
use crate::commands::{CommandError, List, OutputError};
use crate::diagnosis::ExitStatus;
use crate::session::{MOST_KEPT, Recorder};
use crate::text::Untrusted;

/// Opens the shell. If standard input is not a terminal, it is a script.
pub fn open(opening: Opening) -> ExitStatus {
    let is_script = opening.arguments.script.is_some();
    let is_interactive = !is_script && io::stdout().is_terminal() && can_be_typed_to(&opening.global);
    if is_interactive {
        // Before other threads start.
        leave_to_editor();
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the asynchronous runtime could not be started: {error}"));
            return ExitStatus::ToolFailed;
        }
    };
    let status = runtime.block_on(opened(opening, is_interactive));
    // A name lookup that still hangs must not keep the process alive.
    runtime.shutdown_background();
    status
}

/// Whether a user can type: on standard input, or, if that contains the password, on the terminal itself.
fn can_be_typed_to(global: &Global) -> bool {
    match global.reads_password() {
        false => io::stdin().is_terminal(),
        true => cfg!(unix) && File::open("/dev/tty").is_ok(),
    }
}

async fn opened(opening: Opening, is_interactive: bool) -> ExitStatus {
    let Opening { arguments, mut settings, global } = opening;
    settings.reserve();
    let mut state = State {
        settings,
        sticky: Sticky::default(),
        memory: Rc::default(),
        recorder: Rc::new(Recorder::of_the_latest(MOST_KEPT)),
        stop: watch::Sender::new(None),
        current: None,
        seen: Seen::default(),
        list: List::default(),
        shown: None,
        last_status: None,
        verdict: None,
        last_remark: Rc::default(),
        format: global.format(),
        colour: global.colour().unwrap_or_default(),
        asks_for_colour: global.asks_for_colour(),
        display: global.display.clone(),
        unshown: None,
        declined: Vec::new(),
        said: BTreeSet::new(),
        walk: None,
        lab_lines: BTreeSet::new(),
        guard: Guard::over(is_interactive || (arguments.script.is_none() && io::stdin().is_terminal())),
        is_leaving: false,
        is_interactive,
        is_beside_input: global.reads_password(),
    };
    global.display.switched_on().for_each(|name| state.sticky.put(name, vec!["on".to_owned()]));
    let surroundings = Surroundings { grammar: grammar() };
    let first = arguments.reference.map(|reference| format!("probe {}", quoted(&reference)));
    if state.is_interactive {
        let ended = tokio::select! {
            status = interactive::run(first, &mut state, &surroundings) => Ok(status),
            signal = end_signal() => Err(signal),
        };
        // The running command has ended, and the terminal is restored.
        return ended.unwrap_or_else(|signal| std::process::exit(128 + signal));
    }
    in_background(end_at_signal()).await;
    let mut worst = ExitStatus::Success;
    if let Some(first) = first {
        match run_line(&first, &mut state, &surroundings).await {
            Ok(ExitStatus::Interrupted) => return ExitStatus::Interrupted,
            Ok(status) => worst = status,
            // The reader has gone.
            Err(ShellError::Command(CommandError::Output(OutputError::Closed))) => return ExitStatus::Success,
            Err(error) => {
                complain(error.to_string().trim_end());
                worst = error.status();
            }
        }
    }
    let mut script: Box<dyn BufRead> = match &arguments.script {
        None => Box::new(io::stdin().lock()),
        Some(path) => match File::open(path) {
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) => {
                let name = Untrusted::new(path.display().to_string()).printable();
                complain(&format!("the script {name} could not be read: {error}"));
                return ExitStatus::Usage;
            }
        },
    };
    let status = script::run(&mut *script, &mut state, &surroundings).await;
    script::worse(worst, status)
}
