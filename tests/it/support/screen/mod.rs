//! The program on a terminal with somebody before it, who reads the screen and types.
//!
//! A test waits for what it expects to see, and never for time to pass. What it waits for and does not come within
//! [`DEADLINE`] fails it, with a picture of the screen.
//!
//! A line editor forgets what was typed behind Ctrl-C before it has shown its next prompt, so whatever ends a line is
//! done within [`Screen::next_prompt`].

mod key;
mod state;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

pub use key::Key;
use state::State;

/// How long something may take that is waited for.
const DEADLINE: Duration = Duration::from_secs(20);

/// A run on a terminal that is being prepared.
pub struct ScreenBuilder {
    command: CommandBuilder,
    columns: u16,
    rows: u16,
    home: Option<PathBuf>,
    folder: Option<PathBuf>,
}

/// A run on a terminal. It is ended where the test is done with it.
pub struct Screen {
    process: Box<dyn Child + Send + Sync>,
    terminal: Box<dyn MasterPty + Send>,
    keyboard: Keyboard,
    shared: Arc<Shared>,
    /// The modes of the terminal before the program was started.
    modes: String,
    /// Kept for as long as the program may need it.
    _home: Option<TempDir>,
}

type Keyboard = Arc<Mutex<Box<dyn Write + Send>>>;

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Screen {
    /// Prepares a run of the program under test, in an environment of its own.
    pub fn open(arguments: &[&str]) -> ScreenBuilder {
        Self::open_program(env!("CARGO_BIN_EXE_ociscope"), arguments)
    }

    /// Prepares a run of another program.
    pub fn open_program(program: &str, arguments: &[&str]) -> ScreenBuilder {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        ScreenBuilder { command, columns: 80, rows: 24, home: None, folder: None }
    }
}

impl ScreenBuilder {
    /// How wide the terminal is.
    pub fn columns(self, columns: u16) -> Self {
        Self { columns, ..self }
    }

    /// How high the terminal is.
    pub fn rows(self, rows: u16) -> Self {
        Self { rows, ..self }
    }

    /// Sets a variable of the program's environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// The home folder, which two runs may share. Without it the run has one of its own.
    pub fn home(self, home: &Path) -> Self {
        Self { home: Some(home.to_owned()), ..self }
    }

    /// The folder to run in; without it, the home folder.
    pub fn folder(self, folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self }
    }

    /// Starts the program.
    pub fn start(mut self) -> Screen {
        let own = self.home.is_none().then(|| TempDir::new().expect("a home folder"));
        let home = self.home.or_else(|| own.as_ref().map(|own| own.path().to_owned())).expect("either of the two");
        self.command.env("HOME", &home);
        self.command.cwd(self.folder.as_ref().unwrap_or(&home));
        let pair = native_pty_system().openpty(size(self.columns, self.rows)).expect("a terminal");
        let modes = modes(&*pair.master);
        let process = pair.slave.spawn_command(self.command).expect("to start the program");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("the other end of the terminal");
        let keyboard = Arc::new(Mutex::new(pair.master.take_writer().expect("a keyboard")));
        let state = Mutex::new(State::new(self.columns, self.rows));
        let shared = Arc::new(Shared { state, changed: Condvar::new() });
        let theirs = (Arc::clone(&shared), Arc::clone(&keyboard));
        std::thread::spawn(move || read(reader, &theirs.0, &theirs.1));
        Screen { process, terminal: pair.master, keyboard, shared, modes, _home: own }
    }
}

/// Whatever the test does.
impl Screen {
    /// Types text, key by key; a line feed is Enter.
    pub fn type_text(&mut self, text: &str) {
        self.send(text.replace('\n', "\r").as_bytes());
    }

    /// Presses a key.
    pub fn press(&mut self, key: Key) {
        self.send(&key.bytes());
    }

    /// Pastes text as a terminal does: between marks where the program wants them, and with Enter for each line feed.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace('\n', "\r");
        let marked = self.state().screen().bracketed_paste();
        self.send(if marked { format!("\x1b[200~{text}\x1b[201~") } else { text }.as_bytes());
    }

    /// Sends the program a signal, by the name that `kill` knows.
    pub fn signal(&self, name: &str) {
        let number = self.process.process_id().expect("a process").to_string();
        let sent = Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", name, &number]).status();
        assert!(sent.expect("a shell").success(), "SIG{name} could not be sent");
    }

    /// Makes the terminal wider or narrower, higher or lower.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let mut state = self.state();
        state.resize(columns, rows);
        self.terminal.resize(size(columns, rows)).expect("to resize the terminal");
    }

    /// Types a command at the prompt, and returns what it wrote before the next.
    #[track_caller]
    pub fn command(&mut self, text: &str) -> String {
        self.next_prompt(|screen| {
            screen.type_text(text);
            screen.press(Key::Enter);
        })
    }

    /// Does at the prompt what leads to another prompt, and returns what was written in between.
    #[track_caller]
    pub fn next_prompt(&mut self, act: impl FnOnce(&mut Self)) -> String {
        self.wait_for_prompt();
        let before = self.state().prompts();
        act(self);
        let state = self.wait("the next prompt", |state| state.prompts() > before && state.is_at_prompt());
        state.output(before)
    }

    fn send(&self, bytes: &[u8]) {
        let mut keyboard = self.keyboard.lock().expect("a keyboard that works");
        keyboard.write_all(bytes).and_then(|()| keyboard.flush()).expect("a terminal that takes what is typed");
    }
}

/// Whatever the test waits for.
impl Screen {
    /// Waits until a text is on the screen. Where a line is longer than the screen is wide, that does not divide it.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        drop(self.wait(&format!("{text:?}"), |state| state.screen().contents().contains(text)));
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn wait_until(&self, fits: impl Fn(&vt100::Screen) -> bool) {
        drop(self.wait("a screen that fits", |state| fits(state.screen())));
    }

    /// Waits until a line is read of which nothing has been typed yet.
    #[track_caller]
    pub fn wait_for_prompt(&self) {
        drop(self.wait("a prompt", State::is_at_prompt));
    }

    /// Waits until this, and nothing else, stands between the prompt and the cursor: what was typed or completed, without
    /// a hint behind it. The screen may show the same text elsewhere.
    #[track_caller]
    pub fn wait_for_input(&self, text: &str) {
        drop(self.wait(&format!("{text:?} behind the prompt"), |state| state.input().as_deref() == Some(text)));
    }

    /// Waits for the end of the program, and returns its exit status.
    #[track_caller]
    pub fn wait_for_exit(&mut self) -> u32 {
        drop(self.wait("the end of the program", |state| state.ended));
        self.process.wait().expect("its status").exit_code()
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let end = Instant::now() + DEADLINE;
        let mut state = self.state();
        while state.is_half_drawn() || !holds(&state) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !state.ended, "{what} did not come:\n{}", state.picture());
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }
}

/// Whatever the test looks at.
impl Screen {
    /// What stands between the last prompt and the cursor.
    pub fn input(&self) -> String {
        self.state().input().unwrap_or_default()
    }

    /// The text of the screen, without blanks at the ends of lines. A line that is wider than the screen is one line.
    pub fn text(&self) -> String {
        self.state().screen().contents()
    }

    /// A row of the screen, counted from 0, without blanks at its end.
    pub fn line(&self, row: u16) -> String {
        let state = self.state();
        let (_, columns) = state.screen().size();
        let line = state.screen().rows(0, columns.get()).nth(usize::from(row));
        line.unwrap_or_else(|| panic!("no row {row}:\n{}", state.picture())).trim_end().to_owned()
    }

    /// The row and the column of the cursor, counted from 0.
    pub fn cursor(&self) -> (u16, u16) {
        self.state().screen().cursor_position()
    }

    /// The colour of what stands in this row and column, counted from 0.
    pub fn colour_at(&self, row: u16, column: u16) -> vt100::Color {
        self.cell(row, column).fgcolor()
    }

    /// Whether what stands in this row and column, counted from 0, is dim: a hint is.
    pub fn is_dim_at(&self, row: u16, column: u16) -> bool {
        self.cell(row, column).dim()
    }

    /// Where a text stands on the screen last: row and column, counted from 0.
    #[track_caller]
    pub fn place_of(&self, text: &str) -> (u16, u16) {
        let state = self.state();
        let (rows, columns) = state.screen().size();
        let starts = (0..rows.get()).rev().flat_map(|row| (0..columns.get()).rev().map(move |column| (row, column)));
        let stands = |&(row, column): &(u16, u16)| {
            state.screen().contents_between(row, column, row, columns.get()).starts_with(text)
        };
        starts.into_iter().find(stands).unwrap_or_else(|| panic!("{text:?} is not there:\n{}", state.picture()))
    }

    /// Whether the terminal does for who types next what it did before the program was started: show what is typed, and
    /// wait for whole lines.
    pub fn is_as_before(&self) -> bool {
        modes(&*self.terminal) == self.modes && !self.state().screen().bracketed_paste()
    }

    /// Every byte that the program wrote.
    pub fn raw(&self) -> Vec<u8> {
        self.state().raw().to_vec()
    }

    /// The rows that go on in the next one because they are wider than the screen.
    pub fn too_wide(&self) -> Vec<String> {
        let state = self.state();
        let (rows, columns) = state.screen().size();
        let shown: Vec<_> = state.screen().rows(0, columns.get()).collect();
        let wide = (0..rows.get()).filter(|&row| state.screen().row_wrapped(row));
        wide.map(|row| shown[usize::from(row)].clone()).collect()
    }

    #[track_caller]
    fn cell(&self, row: u16, column: u16) -> vt100::Cell {
        let state = self.state();
        let cell = state.screen().cell(row, column).cloned();
        cell.unwrap_or_else(|| panic!("there is no row {row} with a column {column}:\n{}", state.picture()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The number of a process that has ended may be another's by now.
        if let Ok(None) = self.process.try_wait() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Takes in what the program writes, up to its end, and answers what it asks the terminal.
fn read(mut reader: Box<dyn Read + Send>, shared: &Shared, keyboard: &Mutex<Box<dyn Write + Send>>) {
    let mut buffer = [0; 8192];
    // The end of a terminal is an error on Linux; what came before it is all there is.
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = state.take(&buffer[..length]);
        drop(state);
        shared.changed.notify_all();
        if !answer.is_empty() {
            // Where the program has ended meanwhile, nobody waits for it.
            let _ = keyboard.lock().unwrap_or_else(PoisonError::into_inner).write_all(&answer);
        }
    }
    shared.state.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
    shared.changed.notify_all();
}

fn modes(terminal: &dyn MasterPty) -> String {
    format!("{:?}", terminal.get_termios().expect("the modes of a terminal"))
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}
