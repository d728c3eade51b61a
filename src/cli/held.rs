//! Results that were written and not delivered yet.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::place::standard_output;

/// What a command has written, until all of it is there. Copies share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    bytes: Vec<u8>,
    /// Whether there was a result, which may be empty.
    is_written: bool,
}

impl Held {
    fn change<T>(&self, change: impl FnOnce(&mut Contents) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was written, and whether there was a result, which may be empty.
    pub(super) fn take(&self) -> (Vec<u8>, bool) {
        self.change(|contents| (std::mem::take(&mut contents.bytes), contents.is_written))
    }

    /// Writes what was held so far, for a process that ends before the delivery.
    pub fn print(&self) {
        let held = self.take().0;
        // A run that writes to standard output itself has it locked while it computes.
        if !held.is_empty() {
            // Where it cannot be written, nothing can be done any more.
            let _ = print(&held);
        }
    }
}

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.change(|contents| contents.bytes.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.change(|contents| contents.is_written = true);
        Ok(())
    }
}

/// Writes to standard output what has passed the nets of [`Output`](crate::commands::Output).
pub(super) fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = standard_output();
    stdout.write_all(bytes).and_then(|()| stdout.flush())
}
