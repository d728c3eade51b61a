//! How far a run has come, on one line of a terminal that goes away again.

use std::cell::{Cell, RefCell};
use std::io::Write;

use crate::text::cut;

/// From how many questions or pages on it is worth saying how far a run has come.
const WORTH_SAYING: usize = 8;

/// Says how far a run has come, where somebody can see that.
#[derive(Default)]
pub struct Progress {
    stream: Option<RefCell<Box<dyn Write>>>,
    /// How wide the terminal is: a line that goes on in the next one could not be taken away as one.
    columns: usize,
    is_drawn: Cell<bool>,
    /// Whether the line says how many questions are answered, which is more than that nothing has come.
    is_counting: Cell<bool>,
    /// Whether something was written, behind which nobody waits for a first sign any more.
    is_answered: Cell<bool>,
}

impl Progress {
    /// On this stream, which is a terminal that understands escape codes and is so wide.
    pub fn on_terminal(stream: Box<dyn Write>, columns: usize) -> Self {
        Self { stream: Some(RefCell::new(stream)), columns, ..Self::default() }
    }

    /// So many of so many are answered.
    pub(super) fn step(&self, answered: usize, all: usize) {
        if all >= WORTH_SAYING && answered < all {
            self.draw(&format!("looking at what it is made of: {answered} of {all}"));
            self.is_counting.set(true);
        } else {
            self.clear();
        }
    }

    /// So many names of a list are known by now, from so many pages.
    pub(super) fn listed(&self, names: usize, what: &str, pages: usize) {
        if pages >= WORTH_SAYING {
            self.draw(&format!("{names} {what} on {pages} pages so far; Ctrl-C stops"));
            self.is_counting.set(true);
        }
    }

    /// Nothing has come for so many seconds, because of this program where one is named: it may have a question.
    pub fn waiting(&self, seconds: u64, program: Option<&str>) {
        let words = match program {
            Some(program) => format!("waiting for {seconds} s; {program} may be waiting for you; Ctrl-C stops"),
            None => format!("waiting for {seconds} s; Ctrl-C stops"),
        };
        if !self.is_answered.get() && !self.is_counting.get() {
            self.draw(&words);
        }
    }

    /// Something is about to be written.
    pub(super) fn answered(&self) {
        self.is_answered.set(true);
        self.clear();
    }

    /// Takes the line away, before anything else is written.
    pub fn clear(&self) {
        self.is_counting.set(false);
        if self.is_drawn.replace(false) {
            self.write("\r\u{1b}[K");
        }
    }

    fn draw(&self, words: &str) {
        self.write(&format!("\r\u{1b}[K{}", cut(words, self.columns.saturating_sub(1))));
        self.is_drawn.set(true);
    }

    fn write(&self, text: &str) {
        if let Some(stream) = &self.stream {
            let mut stream = stream.borrow_mut();
            // Nobody misses it where it cannot be written.
            let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        }
    }
}
