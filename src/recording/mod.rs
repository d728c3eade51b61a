//! Recordings: runs as a file that can be attached to an issue and judged again elsewhere.
//!
//! Bytes come in and values go out, or the reverse: only the application opens files. What comes in was written by
//! somebody else, and is as hostile as a server.

mod file;
mod har;
mod import;
mod public;

/// The longest file that is read, in bytes.
pub const LONGEST: u64 = 256 << 20;

pub use file::{Ended, Recording, UnreadRecording, is_ours};
pub use har::to_har;
pub use public::anonymized;
