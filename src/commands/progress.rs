//! The progress of a run, on one line of a terminal that is erased again.

use std::cell::{Cell, RefCell};
use std::io::Write;

use crate::text::cut;

/// The number of requests or pages from which on progress is shown.
const WORTH_SAYING: usize = 8;

/// The progress line; without a terminal it is not shown.
#[derive(Default)]
pub struct Progress {
    stream: Option<RefCell<Box<dyn Write>>>,
    /// The width of the terminal: a wrapped line could not be erased.
    columns: usize,
    is_drawn: Cell<bool>,
    /// Whether the line shows counts, which tell more than the waiting time.
    is_counting: Cell<bool>,
    /// Whether something was written, after which waiting is not reported.
    is_answered: Cell<bool>,
}

impl Progress {
    /// Progress on a terminal of this width that understands escape codes.
    pub fn on_terminal(stream: Box<dyn Write>, columns: usize) -> Self {
        Self { stream: Some(RefCell::new(stream)), columns, ..Self::default() }
    }

    /// Reports answered requests.
    pub(super) fn step(&self, answered: usize, all: usize) {
        if all >= WORTH_SAYING && answered < all {
            self.draw(&format!("looking at what it is made of: {answered} of {all}"));
            self.is_counting.set(true);
        } else {
            self.clear();
        }
    }

    /// Reports the names of a list so far.
    pub(super) fn listed(&self, names: usize, what: &str, pages: usize) {
        if pages >= WORTH_SAYING {
            self.draw(&format!("{names} {what} on {pages} pages so far; Ctrl-C stops"));
            self.is_counting.set(true);
        }
    }

    /// Reports that nothing has arrived for so many seconds, and the program that may be waiting for the user, if any.
    pub fn waiting(&self, seconds: u64, program: Option<&str>) {
        let words = match program {
            Some(program) => format!("waiting for {seconds} s; {program} may be waiting for you; Ctrl-C stops"),
            None => format!("waiting for {seconds} s; Ctrl-C stops"),
        };
        if !self.is_answered.get() && !self.is_counting.get() {
            self.draw(&words);
        }
    }

    /// Notes that something is about to be written.
    pub(super) fn answered(&self) {
        self.is_answered.set(true);
        self.clear();
    }

    /// Erases the line, before anything else is written.
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
            // Progress that cannot be written is dropped.
            let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        }
    }
}
