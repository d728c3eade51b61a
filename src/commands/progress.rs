//! The progress of a run, on one line of a terminal that is erased again.

use std::cell::{Cell, RefCell};
use std::io::Write;

use crate::text::{Untrusted, cut};

/// The number of requests or pages from which on progress is shown.
const WORTH_SAYING: usize = 8;

/// The most columns that the name of a host takes.
const HOST: usize = 60;

/// The progress line; without a terminal it is not shown.
#[derive(Default)]
pub struct Progress {
    stream: Option<RefCell<Box<dyn Write>>>,
    /// The width of the terminal: a wrapped line could not be erased.
    columns: usize,
    is_drawn: Cell<bool>,
    /// How much is done, where that is counted: more than the waiting time tells.
    counted: RefCell<Option<String>>,
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
            self.count(format!("looking at what it is made of: {answered} of {all}"));
        } else {
            self.clear();
        }
    }

    /// So many of so many images were looked at.
    pub(super) fn looked_at(&self, done: usize, all: usize) {
        if done < all {
            self.count(format!("{done} of {all}"));
        } else {
            self.clear();
        }
    }

    /// Reports the names of a list so far.
    pub(super) fn listed(&self, names: usize, what: &str, pages: usize) {
        if pages >= WORTH_SAYING {
            self.count(format!("{names} {what} on {pages} pages so far; Ctrl-C stops"));
        }
    }

    /// Nothing has come for so many seconds: because of a program where one is named, which may have a question, else of a
    /// host where one is.
    pub fn waiting(&self, seconds: u64, program: Option<&str>, host: Option<&Untrusted>) {
        let host = host.map(|host| host.cut_within(HOST));
        let counted = self.counted.borrow().clone();
        let words = match (counted, program, host) {
            (None, Some(program), _) => {
                format!("waiting for {seconds} s; {program} may be waiting for you; Ctrl-C stops")
            }
            (None, None, Some(host)) => format!("waiting for {host}: {seconds} s; Ctrl-C stops"),
            (None, None, None) => format!("waiting for {seconds} s; Ctrl-C stops"),
            (Some(counted), _, Some(host)) => format!("{counted}, waiting for {host}"),
            (Some(_), _, None) => return,
        };
        if self.counted.borrow().is_some() || !self.is_answered.get() {
            self.draw(&words);
        }
    }

    /// Notes that something is about to be written.
    pub(super) fn answered(&self) {
        self.is_answered.set(true);
        self.clear();
    }

    /// Erases the line until something comes of what is waited for: a remark is about to be written.
    pub(super) fn hide(&self) {
        if self.is_drawn.replace(false) {
            self.write("\r\u{1b}[K");
        }
    }

    /// Takes the line away, before anything else is written.
    pub fn clear(&self) {
        self.counted.borrow_mut().take();
        self.hide();
    }

    fn count(&self, words: String) {
        self.draw(&words);
        self.counted.replace(Some(words));
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Rc<RefCell<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The line that is drawn last; empty where it was taken away.
    fn shown(act: impl FnOnce(&Progress)) -> String {
        let kept = Kept::default();
        act(&Progress::on_terminal(Box::new(kept.clone()), 80));
        let text = String::from_utf8(kept.0.take()).unwrap();
        text.rsplit("\r\u{1b}[K").next().unwrap_or_default().to_owned()
    }

    #[test]
    fn line_says_how_much_is_done_and_what_is_waited_for() {
        let host = Untrusted::from("auth.example.com");
        let waits = |progress: &Progress| progress.waiting(5, None, Some(&host));
        assert_eq!(shown(waits), "waiting for auth.example.com: 5 s; Ctrl-C stops");
        assert_eq!(shown(|progress| progress.waiting(5, None, None)), "waiting for 5 s; Ctrl-C stops");
        assert_eq!(shown(|progress| progress.looked_at(3, 12)), "3 of 12");
        let of_several = |progress: &Progress| {
            progress.looked_at(3, 12);
            waits(progress);
        };
        assert_eq!(shown(of_several), "3 of 12, waiting for auth.example.com");
        let of_one = |progress: &Progress| {
            progress.step(31, 90);
            waits(progress);
        };
        assert_eq!(shown(of_one), "looking at what it is made of: 31 of 90, waiting for auth.example.com");
        let after_a_result = |progress: &Progress| {
            progress.answered();
            progress.looked_at(4, 12);
            waits(progress);
        };
        assert_eq!(shown(after_a_result), "4 of 12, waiting for auth.example.com");
    }

    #[test]
    fn line_comes_again_after_a_remark() {
        let host = Untrusted::from("r.example");
        let remark = |progress: &Progress| {
            progress.looked_at(3, 12);
            progress.hide();
        };
        assert_eq!(shown(remark), "");
        let later = |progress: &Progress| {
            remark(progress);
            progress.waiting(9, None, Some(&host));
        };
        assert_eq!(shown(later), "3 of 12, waiting for r.example");
    }

    #[test]
    fn nothing_is_shown_where_nothing_is_waited_for() {
        let host = Untrusted::from("r.example");
        assert_eq!(shown(|progress| progress.looked_at(12, 12)), "");
        assert_eq!(shown(|progress| progress.step(1, 2)), "");
        let answered = |progress: &Progress| {
            progress.answered();
            progress.waiting(60, None, Some(&host));
        };
        assert_eq!(shown(answered), "");
        let program = |progress: &Progress| progress.waiting(3, Some("docker-credential-x"), Some(&host));
        assert_eq!(shown(program), "waiting for 3 s; docker-credential-x may be waiting for you; Ctrl-C stops");
        assert_eq!(shown(|progress| progress.waiting(1, None, Some(&Untrusted::from("\u{1b}[2J")))), {
            "waiting for \\x1b[2J: 1 s; Ctrl-C stops"
        });
    }
}
