//! The start time of the current run, for the code that enforces its deadline.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// When the last run of a session began. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Began(Arc<Mutex<Option<Instant>>>);

impl Began {
    /// The time; `None` before the first request.
    pub fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a run begins.
    pub(super) fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}
