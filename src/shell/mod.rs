//! The interactive shell: how a line is typed, what is known while it is typed, and what is kept of it.
//!
//! [`line`] reads a line as words, and a pasted block as commands. [`history`] keeps what was typed for the next time.

pub mod history;
pub mod line;
