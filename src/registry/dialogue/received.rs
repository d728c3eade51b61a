//! Answers before they are entered in the journal, and how many are waited for.

use crate::auth::Grant;
use crate::evidence::{Exchange, Query};

/// How many queries are answered concurrently: as many as fit on one HTTP/2 connection. Over HTTP/1.1 fewer are sent,
/// and the others wait for a connection.
pub(super) const AT_ONCE: usize = 64;

/// The result of one query, before it is entered in the journal.
pub struct Received {
    pub(super) query: Query,
    pub(super) exchanges: Vec<Exchange>,
    /// Additional tokens, which must be kept out of every output.
    pub(super) grants: Vec<Grant>,
}
