//! How far a run has come, on one line of a terminal that goes away again.

use std::cell::{Cell, RefCell};
use std::io::Write;

/// From how many questions on it is worth saying how many are answered.
const WORTH_SAYING: usize = 8;

/// Says how far a run has come, where somebody can see that.
#[derive(Default)]
pub struct Progress {
    stream: Option<RefCell<Box<dyn Write>>>,
    is_drawn: Cell<bool>,
    /// Whether something was written, behind which nobody waits for a first sign any more.
    is_answered: Cell<bool>,
}

impl Progress {
    /// On this stream, which is a terminal that understands escape codes.
    pub fn on_terminal(stream: Box<dyn Write>) -> Self {
        Self { stream: Some(RefCell::new(stream)), ..Self::default() }
    }

    /// So many of so many are answered.
    pub(super) fn step(&self, answered: usize, all: usize) {
        if all >= WORTH_SAYING && answered < all {
            self.write(&format!("\r\u{1b}[Klooking at what it is made of: {answered} of {all}"));
            self.is_drawn.set(true);
        } else {
            self.clear();
        }
    }

    /// Nothing has come for so many seconds.
    pub fn waiting(&self, seconds: u64) {
        if !self.is_answered.get() {
            self.write(&format!("\r\u{1b}[Kwaiting for {seconds} s; Ctrl-C stops"));
            self.is_drawn.set(true);
        }
    }

    /// Something is about to be written.
    pub(super) fn answered(&self) {
        self.is_answered.set(true);
        self.clear();
    }

    /// Takes the line away, before anything else is written.
    pub fn clear(&self) {
        if self.is_drawn.replace(false) {
            self.write("\r\u{1b}[K");
        }
    }

    fn write(&self, text: &str) {
        if let Some(stream) = &self.stream {
            let mut stream = stream.borrow_mut();
            // Nobody misses it where it cannot be written.
            let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        }
    }
}
