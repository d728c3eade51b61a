//! Why a result could not be written.

use std::io;

use crate::evidence::Leak;

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader has gone: `| head -1`. Not an error.
    #[error("the reader of the output has gone")]
    Closed,
    /// Anything else, such as a full disk.
    #[error("the result could not be written: {0}")]
    Write(#[source] io::Error),
    /// The result would have contained a secret, so nothing was written.
    #[error("nothing was written: {0} even after redaction; please report this bug")]
    Leak(#[from] Leak),
    /// The rest of a list would have contained a secret, so it was not written.
    #[error("the rest was not written: {0} even after redaction; please report this bug")]
    LaterLeak(#[source] Leak),
    /// The registry's bytes contain a secret of the run, and bytes are not redacted.
    #[error("nothing was written: these bytes contain your {0}; --format terminal, without --raw or --as, redacts it")]
    OwnSecret(&'static str),
    /// Bytes are not redacted.
    #[error("--raw and --as write values as received, which --public cannot change; leave out one of them")]
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
