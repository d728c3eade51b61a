//! The terminal as it was before lines were edited on it.
//!
//! While a line is typed, the terminal shows nothing by itself and keeps no lines. Whoever ends the shell then would be
//! left with a terminal that seems dead.

/// How to put the terminal back.
#[derive(Debug)]
pub(super) struct Terminal {
    #[cfg(unix)]
    before: Option<(std::fs::File, rustix::termios::Termios)>,
}

/// Bracketed paste off, the cursor shown, and a new line: what is written next is not to stand in the line that was typed.
#[cfg(unix)]
const LEFT: &[u8] = b"\x1b[?2004l\x1b[?25h\r\n";

impl Terminal {
    /// The terminal as it is now. Where nobody can tell, nothing is put back.
    #[cfg(unix)]
    pub fn now() -> Self {
        let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty").ok();
        let before = terminal.and_then(|terminal| {
            let settings = rustix::termios::tcgetattr(&terminal).ok()?;
            Some((terminal, settings))
        });
        Self { before }
    }

    /// The same elsewhere, where the console keeps its mode for itself.
    #[cfg(not(unix))]
    pub fn now() -> Self {
        Self {}
    }

    /// Puts it back. Where the terminal has gone there is nothing to put back.
    pub fn restore(&self) {
        #[cfg(unix)]
        if let Some((terminal, settings)) = &self.before {
            let _ = rustix::termios::tcsetattr(terminal, rustix::termios::OptionalActions::Now, settings);
            let _ = std::io::Write::write_all(&mut &*terminal, LEFT);
        }
    }
}
