//! Line editing: completion, hints, colors, and the terminal.
//!
//! The line editor blocks on keys and cannot be interrupted, so it has a thread of its own. It completes from a
//! [`Vocabulary`], which the interactive loop fills.

mod candidates;
mod colours;
mod completion;
mod files;
mod helper;
mod listing;
mod place;
mod suspension;
mod terminal;
mod vocabulary;

use std::sync::{Arc, RwLock, mpsc};
use std::thread;

use rustyline::config::{Behavior, BellStyle};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, CompletionType, Config};
use tokio::sync::oneshot;

use helper::Helper;
use terminal::Terminal;

use crate::cli::password::{self, PasswordError};
use crate::text::Secret;

pub use suspension::leave_to_editor;
pub use vocabulary::Vocabulary;

/// The prompt of a line.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    /// The prompt without escape codes.
    pub plain: String,
    /// The prompt with escape codes; equally wide.
    pub coloured: String,
    /// The initial text of the line.
    pub initial: String,
}

/// The result of reading a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A line, or a pasted block of lines.
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D on an empty line, or the terminal has gone.
    End,
    /// The terminal cannot be read; why.
    Failed(String),
}

/// A request to the thread of the editor.
enum EditorRequest {
    Read(Prompt, oneshot::Sender<Input>),
    ReadPassword(String, oneshot::Sender<Result<Secret, PasswordError>>),
    Remember(String),
}

type RustylineEditor = rustyline::Editor<Helper, MemHistory>;

/// A line editor. Its thread ends when it is dropped; the terminal is restored if a line is being read.
pub struct Editor {
    requests: mpsc::Sender<EditorRequest>,
    terminal: Terminal,
    is_reading: bool,
}

impl Editor {
    /// An editor on the terminal with the lines of the history, oldest first. `beside_input` says whether lines are read from
    /// the terminal itself instead of standard input.
    ///
    /// # Errors
    /// Why the terminal cannot be used, or the thread cannot be started.
    pub fn open<'a>(
        vocabulary: Arc<RwLock<Vocabulary>>,
        before: impl Iterator<Item = &'a str>,
        coloured: bool,
        beside_input: bool,
    ) -> Result<Self, String> {
        let behavior = if beside_input { Behavior::PreferTerm } else { Behavior::Stdio };
        // Whether colors are wanted is already decided.
        let colours = if coloured { ColorMode::Forced } else { ColorMode::Disabled };
        let config = Config::builder()
            .completion_type(CompletionType::List)
            // Lists always fit on the screen.
            .completion_prompt_limit(usize::MAX)
            .completion_show_all_if_ambiguous(true)
            .color_mode(colours)
            .behavior(behavior)
            .bell_style(BellStyle::None)
            .max_history_size(crate::shell::history::KEPT)
            .map_err(|error| error.to_string())?
            .build();
        let history = MemHistory::with_config(&config);
        let terminal = Terminal::now();
        let mut editor = RustylineEditor::with_history(config, history).map_err(|error| error.to_string())?;
        editor.set_helper(Some(Helper::new(vocabulary, coloured)));
        for line in before {
            let _ = editor.add_history_entry(line);
        }
        let (requests, received) = mpsc::channel();
        let thread = thread::Builder::new().name("line editor".to_owned());
        let work = move || {
            suspension::take();
            serve(&mut editor, &received);
        };
        thread.spawn(work).map_err(|error| error.to_string())?;
        Ok(Self { requests, terminal, is_reading: false })
    }

    /// Waits for a line. A line that is read after the wait was dropped goes to the next call.
    pub async fn read(&mut self, prompt: Prompt) -> Input {
        let (answer, line) = oneshot::channel();
        if self.requests.send(EditorRequest::Read(prompt, answer)).is_err() {
            return Input::End;
        }
        self.is_reading = true;
        let input = line.await.unwrap_or(Input::End);
        self.is_reading = false;
        input
    }

    /// Waits for a password, without echo. A password that is read after the wait was dropped is discarded.
    ///
    /// # Errors
    /// Where none is typed.
    pub async fn read_password(&mut self, prompt: String) -> Result<Secret, PasswordError> {
        let (answer, typed) = oneshot::channel();
        if self.requests.send(EditorRequest::ReadPassword(prompt, answer)).is_err() {
            return Err(PasswordError::Ended);
        }
        self.is_reading = true;
        let typed = typed.await.unwrap_or(Err(PasswordError::Ended));
        self.is_reading = false;
        typed
    }

    /// Adds a line to the history of this session.
    pub fn remember(&mut self, line: &str) {
        // Without the thread, no further line is read.
        let _ = self.requests.send(EditorRequest::Remember(line.to_owned()));
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if self.is_reading {
            self.terminal.restore();
        }
    }
}

fn serve(editor: &mut RustylineEditor, received: &mpsc::Receiver<EditorRequest>) {
    let mut unclaimed = None;
    while let Ok(request) = received.recv() {
        match request {
            EditorRequest::Remember(line) => {
                let _ = editor.add_history_entry(line);
            }
            EditorRequest::ReadPassword(prompt, answer) => {
                let typed = password::ask(&prompt, &|| answer.is_closed());
                let _ = answer.send(typed);
            }
            EditorRequest::Read(prompt, answer) => {
                let input = unclaimed.take().unwrap_or_else(|| read(editor, &prompt));
                unclaimed = answer.send(input).err();
            }
        }
    }
}

fn read(editor: &mut RustylineEditor, prompt: &Prompt) -> Input {
    match editor.readline_with_initial(&(&prompt.plain, &prompt.coloured), (&prompt.initial, "")) {
        Ok(line) => Input::Line(line),
        Err(ReadlineError::Interrupted) => Input::Interrupted,
        Err(ReadlineError::Eof) => Input::End,
        Err(error) => Input::Failed(format!("the terminal cannot be read: {error}")),
    }
}
