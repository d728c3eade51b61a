//! A command line that runs inside this process and writes into memory.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::Parser;
use tokio::sync::watch;

use super::arguments::{Arguments, Invocation};
use super::place::runtime;
use super::run::grammar;
use crate::commands::{Output, Program, asks_a_registry};
use crate::report::Style;
use crate::session::{Session, Settings};

/// What a command wrote, and how it ended.
#[derive(Debug)]
pub struct Captured {
    /// The exit status.
    pub status: u8,
    /// The bytes for standard output.
    pub stdout: Vec<u8>,
    /// The bytes for standard error.
    pub stderr: Vec<u8>,
}

/// Runs a command line, which begins with the name of the program: anonymously, in the form
/// that a terminal of 80 columns gets.
///
/// It does what the program does after it has read its environment: no stored credential, password or configuration is
/// looked for. It is for tests that look at what very many inputs come to, and not at the process.
///
/// # Errors
/// Where the command line cannot be read, names no command, or there is no runtime.
pub fn captured(arguments: &[&str]) -> io::Result<Captured> {
    let Arguments { command, global } = Arguments::try_parse_from(arguments).map_err(io::Error::other)?;
    let Some(Invocation::Command(command)) = command else { return Err(io::Error::other("no command")) };
    let settings = global.settings_over(&Settings::new()).map_err(io::Error::other)?;
    let runtime = runtime()?;
    // The sender is kept until the end: without it the run would count as stopped.
    let (_running, stop) = watch::channel(None);
    let session = Session::new(settings, stop, asks_a_registry);
    let (mut stdout, mut stderr) = (Vec::new(), Kept::default());
    let mut output = Output::new(&mut stdout, global.format().unwrap_or_default(), Style::new(false), 80)
        .verbosely(global.verbose)
        .with_remarks(Box::new(stderr.clone()));
    // The command line does not know the commands of the shell.
    let program = Program { grammar, shell: &[] };
    let status = match runtime.block_on(command.run(&session, &mut output, &program)) {
        Ok(status) => status,
        Err(error) => {
            writeln!(stderr, "ociscope: {error}")?;
            error.exit_status()
        }
    };
    runtime.shutdown_background();
    Ok(Captured { status: status.code(), stdout, stderr: stderr.0.take() })
}

/// Bytes that are written in one place and read in another.
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
