//! Typing a line: what can be completed, hinted and coloured, and the terminal that it is typed on.
//!
//! The line editor waits for keys and cannot be interrupted, so it has a thread of its own; everything else goes on
//! meanwhile. What it knows of the world is a [`Vocabulary`], which others fill.

mod candidates;
mod colours;
mod completion;
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

/// What stands before a line.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    /// Without escape codes.
    pub plain: String,
    /// With them; as wide as without.
    pub coloured: String,
    /// What is typed already.
    pub initial: String,
}

/// What came of waiting for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A line, or a block of them that was pasted.
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D on an empty line, or the terminal has gone.
    End,
    /// It cannot be read any more; why.
    Failed(String),
}

/// What the thread is asked to do.
enum EditorRequest {
    Read(Prompt, oneshot::Sender<Input>),
    ReadPassword(String, oneshot::Sender<Result<Secret, PasswordError>>),
    Remember(String),
}

type RustylineEditor = rustyline::Editor<Helper, MemHistory>;

/// A line editor. Its thread ends with it, as soon as no line is waited for; where one is, the terminal is put back.
pub struct Editor {
    requests: mpsc::Sender<EditorRequest>,
    terminal: Terminal,
    is_reading: bool,
}

impl Editor {
    /// An editor on the terminal, with what was typed before, the oldest line first. `beside_input` says that standard
    /// input is not where lines are typed, but the terminal itself.
    ///
    /// # Errors
    /// Where the terminal cannot be used, or there is no thread; why.
    pub fn open<'a>(
        vocabulary: Arc<RwLock<Vocabulary>>,
        before: impl Iterator<Item = &'a str>,
        coloured: bool,
        beside_input: bool,
    ) -> Result<Self, String> {
        let behavior = if beside_input { Behavior::PreferTerm } else { Behavior::Stdio };
        // That colours are wanted was found out already, and is not to be looked for again.
        let colours = if coloured { ColorMode::Forced } else { ColorMode::Disabled };
        let config = Config::builder()
            .completion_type(CompletionType::List)
            // No more are ever listed than fit on the screen.
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

    /// Waits for a line. Whoever stops waiting leaves the line to whoever waits next.
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

    /// Waits for a password, which is not shown. Whoever stops waiting has it forgotten.
    ///
    /// # Errors
    /// Where none was typed.
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

    /// Offers a line for typing again.
    pub fn remember(&mut self, line: &str) {
        // Without the thread, no line will be typed again.
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
