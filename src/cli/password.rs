//! Reading a password: from standard input, or from the terminal without echo.
//!
//! While a password is typed, the terminal echoes nothing and passes every key, including Ctrl-C and Ctrl-D. However the
//! question ends, the terminal is restored, and pending input is dropped: it could be the rest of the password.

use std::io::{self, IsTerminal, Read};

use crate::text::{Secret, Untrusted};

/// The longest password, in bytes.
const LIMIT: usize = 64 << 10;

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// There is no terminal.
    #[error("there is no terminal to ask for the password; pass it on standard input: --password-stdin < FILE")]
    NoTerminal,
    /// Ctrl-C was pressed.
    #[error("no password was given")]
    Interrupted,
    /// Ctrl-D was pressed, or the terminal has gone.
    #[error("no password was given")]
    Ended,
    /// It is empty.
    #[error("the password is empty")]
    Empty,
    /// Standard input is empty.
    #[error("there is no password on standard input")]
    NothingOnInput,
    /// It is too long.
    #[error("the password is longer than 64 KiB")]
    TooLong,
    /// It is not text.
    #[error("the password is not UTF-8")]
    NotUtf8,
    /// An error of the terminal or of standard input.
    #[error("the password could not be read: {0}")]
    Read(#[source] io::Error),
}

/// The password of a user: from standard input, if requested and not a terminal, or else typed on the terminal.
///
/// # Errors
/// Where there is no password.
pub(super) fn given(username: &str, is_on_input: bool, input: &mut dyn Read) -> Result<Secret, PasswordError> {
    if is_on_input && !io::stdin().is_terminal() {
        return read(input);
    }
    let prompt = format!("password for {}: ", Untrusted::from(username).cut_within(60));
    terminal::ask_alone(&prompt)
}

/// Asks for a password on the terminal, until `is_over` returns true.
///
/// # Errors
/// Where none is typed, or there is no terminal.
pub(crate) fn ask(prompt: &str, is_over: &dyn Fn() -> bool) -> Result<Secret, PasswordError> {
    terminal::ask(prompt, is_over)
}

/// Reads a password: everything up to the end, without the line feed that `echo` adds.
fn read(input: &mut dyn Read) -> Result<Secret, PasswordError> {
    let mut bytes = Vec::new();
    input.take(LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(PasswordError::Read)?;
    if bytes.len() > LIMIT {
        return Err(PasswordError::TooLong);
    }
    let text = String::from_utf8(bytes).map_err(|_| PasswordError::NotUtf8)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(PasswordError::NothingOnInput);
    }
    Ok(Secret::new(text))
}

/// The keys that were typed so far.
#[derive(Debug, Default)]
struct Keys {
    bytes: Vec<u8>,
    escape: Escape,
}

/// The position in the code of a special key, such as an arrow.
#[derive(Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Inside,
}

impl Keys {
    /// Adds a byte. Returns the password, or why there is none, when the input ends.
    fn take(&mut self, byte: u8) -> Option<Result<Secret, PasswordError>> {
        match (&self.escape, byte) {
            (_, 0x03) => return Some(Err(PasswordError::Interrupted)),
            (_, b'\r' | b'\n') => return Some(self.finish()),
            (_, 0x04) if self.bytes.is_empty() => return Some(Err(PasswordError::Ended)),
            (_, 0x04) => return Some(self.finish()),
            (Escape::Begun, b'[' | b'O') => self.escape = Escape::Inside,
            (Escape::Begun, _) => self.escape = Escape::None,
            (Escape::Inside, 0x40..=0x7e) => self.escape = Escape::None,
            (Escape::Inside, _) => {}
            (Escape::None, 0x1b) => self.escape = Escape::Begun,
            (Escape::None, 0x7f | 0x08) => {
                // All bytes of the last character.
                while self.bytes.pop().is_some_and(|last| (0x80..0xc0).contains(&last)) {}
            }
            // Ctrl-U and Ctrl-W: without echo, words are not visible.
            (Escape::None, 0x15 | 0x17) => self.bytes.clear(),
            (Escape::None, 0x00..0x20) => {}
            (Escape::None, byte) => self.bytes.push(byte),
        }
        (self.bytes.len() > LIMIT).then_some(Err(PasswordError::TooLong))
    }

    fn finish(&mut self) -> Result<Secret, PasswordError> {
        let text = String::from_utf8(std::mem::take(&mut self.bytes)).map_err(|_| PasswordError::NotUtf8)?;
        if text.is_empty() { Err(PasswordError::Empty) } else { Ok(Secret::new(text)) }
    }
}

#[cfg(unix)]
mod terminal {
    use std::fs::File;
    use std::io::{self, IsTerminal, Read, Write};
    use std::os::fd::AsFd;
    use std::thread::JoinHandle;
    use std::time::{Duration, Instant};

    use nix::sys::signal::{SigSet, Signal};
    use rustix::termios::{InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    use super::{Keys, PasswordError};
    use crate::text::Secret;

    /// A closed terminal returns no bytes at once; one without a key press does so after a tenth of a second.
    const AT_ONCE: Duration = Duration::from_millis(20);

    /// Asks in a process that does nothing else meanwhile. A signal restores the terminal before it ends the process.
    pub fn ask_alone(prompt: &str) -> Result<Secret, PasswordError> {
        let terminal = open().ok_or(PasswordError::NoTerminal)?;
        let watch = Watch::begin(&terminal).map_err(PasswordError::Read)?;
        let typed = ask_on(terminal, prompt, &|| false);
        watch.end();
        typed
    }

    pub fn ask(prompt: &str, is_over: &dyn Fn() -> bool) -> Result<Secret, PasswordError> {
        ask_on(open().ok_or(PasswordError::NoTerminal)?, prompt, is_over)
    }

    /// The terminal of the process, or standard input if that is a terminal.
    fn open() -> Option<File> {
        let own = File::options().read(true).write(true).open("/dev/tty").ok();
        own.or_else(|| {
            let input = io::stdin();
            input.is_terminal().then(|| input.as_fd().try_clone_to_owned().ok().map(File::from)).flatten()
        })
    }

    fn ask_on(mut terminal: File, prompt: &str, is_over: &dyn Fn() -> bool) -> Result<Secret, PasswordError> {
        let silent = Silent::make(terminal.try_clone().map_err(PasswordError::Read)?).map_err(PasswordError::Read)?;
        // If the question cannot be written, reading fails as well.
        let _ = terminal.write_all(prompt.as_bytes());
        let typed = read_keys(&mut terminal, is_over);
        drop(silent);
        let _ = terminal.write_all(b"\n");
        typed
    }

    fn read_keys(terminal: &mut File, is_over: &dyn Fn() -> bool) -> Result<Secret, PasswordError> {
        let mut keys = Keys::default();
        let mut buffer = [0; 256];
        while !is_over() {
            let began = Instant::now();
            match terminal.read(&mut buffer) {
                Ok(0) if began.elapsed() < AT_ONCE => return Err(PasswordError::Ended),
                Ok(count) => {
                    let ended = buffer[..count].iter().find_map(|byte| keys.take(*byte));
                    buffer.fill(0);
                    if let Some(typed) = ended {
                        return typed;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(PasswordError::Read(error)),
            }
        }
        Err(PasswordError::Ended)
    }

    /// A terminal without echo, restored when dropped.
    struct Silent {
        terminal: File,
        before: Termios,
    }

    impl Silent {
        fn make(terminal: File) -> io::Result<Self> {
            let before = tcgetattr(&terminal)?;
            let mut modes = before.clone();
            modes.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON;
            modes.local_modes -= LocalModes::ISIG | LocalModes::IEXTEN;
            modes.input_modes -= InputModes::IXON;
            // A read waits at most a tenth of a second.
            modes.special_codes[SpecialCodeIndex::VMIN] = 0;
            modes.special_codes[SpecialCodeIndex::VTIME] = 1;
            // Input that was echoed is not part of the password.
            tcsetattr(&terminal, OptionalActions::Flush, &modes)?;
            Ok(Self { terminal, before })
        }
    }

    impl Drop for Silent {
        fn drop(&mut self) {
            let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
        }
    }

    /// Waits for a signal that ends the process, to restore the terminal first.
    struct Watch {
        waits_for: SigSet,
        thread: JoinHandle<()>,
    }

    /// Ends the watch. A running process ignores this signal.
    const ENOUGH: Signal = Signal::SIGCONT;

    impl Watch {
        fn begin(terminal: &File) -> io::Result<Self> {
            let terminal = terminal.try_clone()?;
            let before = tcgetattr(&terminal)?;
            let mut waits_for = SigSet::empty();
            for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM, ENOUGH] {
                waits_for.add(signal);
            }
            // Before other threads start, so that only this one receives them.
            waits_for.thread_block()?;
            let thread = std::thread::spawn(move || {
                if let Ok(signal) = waits_for.wait()
                    && signal != ENOUGH
                {
                    let _ = tcsetattr(&terminal, OptionalActions::Flush, &before);
                    let _ = (&terminal).write_all(b"\n");
                    std::process::exit(128 + signal as i32);
                }
            });
            Ok(Self { waits_for, thread })
        }

        fn end(self) {
            let ended = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::CONT);
            if ended.is_ok() {
                let _ = self.thread.join();
            }
            let _ = self.waits_for.thread_unblock();
        }
    }
}

/// Other systems, where the echo of a console cannot be turned off.
#[cfg(not(unix))]
mod terminal {
    use super::PasswordError;
    use crate::text::Secret;

    pub fn ask_alone(_: &str) -> Result<Secret, PasswordError> {
        Err(PasswordError::NoTerminal)
    }

    pub fn ask(_: &str, _: &dyn Fn() -> bool) -> Result<Secret, PasswordError> {
        Err(PasswordError::NoTerminal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_on_standard_input_is_everything_except_the_last_line_feed() {
        let read = |text: &str| read(&mut text.as_bytes()).map(|secret| secret.reveal().to_owned());
        assert_eq!(read("pass word\r\n").unwrap(), "pass word");
        assert_eq!(read("two\nlines\n").unwrap(), "two\nlines");
        assert!(matches!(read("\n"), Err(PasswordError::NothingOnInput)));
        assert!(matches!(read(&"x".repeat(70_000)), Err(PasswordError::TooLong)));
    }

    #[test]
    fn typed_password_has_no_deleted_characters() {
        let typed = |keys: &[u8]| {
            let mut typed = Keys::default();
            let ended = keys.iter().find_map(|byte| typed.take(*byte));
            ended.map(|ended| ended.map(|secret| secret.reveal().to_owned()).map_err(|error| error.to_string()))
        };
        let is = |text: &str| Some(Ok(text.to_owned()));
        assert_eq!(typed(b"Pa55/word:x\rrest"), is("Pa55/word:x"));
        assert_eq!(typed("pä\u{7f}\u{7f}ässe\n".as_bytes()), is("ässe"));
        assert_eq!(typed(b"wrong\x15right\x04"), is("right"));
        assert_eq!(typed(b"\x1b[200~pasted\x1b[201~\r"), is("pasted"));
        assert_eq!(typed(b"a\x1b[Db\x1bOC\x1a\r"), is("ab"));
        assert_eq!(typed(b"unfinished"), None);
        for keys in [&b"x\x03"[..], b"\x04", b"\r", b"\xff\r"] {
            assert!(matches!(typed(keys), Some(Err(_))), "{keys:?}");
        }
    }
}
