//! The terminal settings before line editing.
//!
//! While a line is edited, the terminal neither echoes nor buffers lines. Without restoring it, a shell that ends then leaves
//! a terminal that seems dead.

/// The settings to restore.
#[derive(Debug)]
pub(super) struct Terminal {
    #[cfg(unix)]
    before: Option<(std::fs::File, rustix::termios::Termios)>,
}

/// Turns bracketed paste off, shows the cursor, and begins a new line.
#[cfg(unix)]
const LEFT: &[u8] = b"\x1b[?2004l\x1b[?25h\r\n";

impl Terminal {
    /// The current settings. If they are unknown, nothing is restored.
    #[cfg(unix)]
    pub fn now() -> Self {
        let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty").ok();
        let before = terminal.and_then(|terminal| {
            let settings = rustix::termios::tcgetattr(&terminal).ok()?;
            Some((terminal, settings))
        });
        Self { before }
    }

    /// Nothing: consoles of other systems keep their mode.
    #[cfg(not(unix))]
    pub fn now() -> Self {
        Self {}
    }

    /// Restores the settings, if the terminal still exists.
    pub fn restore(&self) {
        #[cfg(unix)]
        if let Some((terminal, settings)) = &self.before {
            let _ = rustix::termios::tcsetattr(terminal, rustix::termios::OptionalActions::Now, settings);
            let _ = std::io::Write::write_all(&mut &*terminal, LEFT);
        }
    }
}
