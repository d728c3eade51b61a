//! When the run under way began, for whoever watches that it ends in time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// When the last run of a session began. Copies share it.
#[derive(Debug, Clone, Default)]
pub struct Began(Arc<Mutex<Option<Instant>>>);

impl Began {
    /// When that was; `None` before anything was asked.
    pub fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that one begins.
    pub(super) fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}
