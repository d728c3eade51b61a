//! A command line that runs in this process and writes to memory.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::Parser;
use tokio::sync::watch;

use super::arguments::{Arguments, Invocation};
use super::place::runtime;
use super::run::grammar;
use crate::commands::{CommandError, Output, Program, asks_a_registry};
use crate::report::Style;
use crate::session::{Session, Settings};

/// The output and the exit status of a command.
#[derive(Debug)]
pub struct Captured {
    /// The exit status.
    pub status: u8,
    /// The bytes for standard output.
    pub stdout: Vec<u8>,
    /// The bytes for standard error.
    pub stderr: Vec<u8>,
}

/// Runs a command line, including the name of the program: anonymously, without a terminal, at 80 columns.
///
/// It does not read the environment: no stored credentials, password or configuration. It is for tests with very many inputs.
///
/// # Errors
/// Where the command line is not valid, has no command, or the runtime cannot be started.
pub fn captured(arguments: &[&str]) -> io::Result<Captured> {
    let Arguments { command, global } = Arguments::try_parse_from(arguments).map_err(io::Error::other)?;
    let Some(Invocation::Command(mut command)) = command else { return Err(io::Error::other("no command")) };
    global.check_for(&command).map_err(io::Error::other)?;
    command.load(None).map_err(io::Error::other)?;
    let settings = global.settings_over(&Settings::new()).map_err(io::Error::other)?;
    let runtime = runtime()?;
    // A dropped sender would stop the run.
    let (_running, stop) = watch::channel(None);
    let session = Session::new(settings, stop, asks_a_registry);
    let (mut stdout, mut stderr) = (Vec::new(), Kept::default());
    let mut output = Output::new(&mut stdout, global.format().unwrap_or_default(), Style::new(false), 80)
        .verbosely(global.verbose)
        .with_remarks(Box::new(stderr.clone()));
    // The command line has no commands of the shell.
    let program = Program { grammar, shell: &[] };
    let ended = runtime.block_on(command.run(&session, &mut output, &program));
    let finished = output.finish().map_err(CommandError::from);
    let status = match ended.and_then(|status| finished.map(|()| status)) {
        Ok(status) => status,
        Err(error) => {
            writeln!(stderr, "ociscope: {error}")?;
            error.exit_status()
        }
    };
    runtime.shutdown_background();
    Ok(Captured { status: status.code(), stdout, stderr: stderr.0.take() })
}

/// A shared buffer.
#[derive(Default, Clone)]
struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
