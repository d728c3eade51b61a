//! Why a result could not be written.

use std::io;

use crate::evidence::Leak;

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader has gone: `| head -1`. Not a fault of anybody.
    #[error("the reader of the output has gone")]
    Closed,
    /// Anything else, a full disk for one.
    #[error("the result could not be written: {0}")]
    Write(#[source] io::Error),
    /// A secret would have been written. Nothing is, then.
    #[error("nothing was written: {0}, after all that is known to be secret was taken out; please report this fault")]
    Leak(#[from] Leak),
    /// The same, after a part of a list was written.
    #[error(
        "the rest was not written: {0}, after all that is known to be secret was taken out; please report this fault"
    )]
    LaterLeak(#[source] Leak),
    /// The registry's own bytes have a secret of the run in them, and are not changed.
    #[error(
        "nothing was written: the bytes that were asked for contain your {0}; --format terminal, without --raw, shows them \
         without it"
    )]
    OwnSecret(&'static str),
    /// Bytes are written as they are or not at all.
    #[error("--raw writes bytes as they were received, so they cannot be made public; leave out --raw or --public")]
    RawForEverybody,
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Write(error),
        }
    }
}
