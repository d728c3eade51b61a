//! All bounds on what is read from the network and on how long it may take, in one place.
//!
//! Each has a name that messages use. The values follow common clients and servers.

use std::time::Duration;

/// How much of a body is kept, and how much is read at most to measure its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimit {
    /// Bytes kept of a successful answer.
    pub kept: u64,
    /// Bytes kept of any other answer.
    pub kept_of_error: u64,
    /// Bytes read before the connection is closed.
    pub read: u64,
    /// Whether only the beginning is needed: then a longer body is not a failure.
    pub beginning: bool,
}

impl BodyLimit {
    /// For manifests: distribution and containers/image refuse more than 4 MiB.
    pub const MANIFEST: Self = Self { kept: 4 << 20, kept_of_error: 64 << 10, read: 4 << 20, beginning: false };
    /// For the answer of a token service.
    pub const TOKEN: Self = Self { kept: 256 << 10, kept_of_error: 64 << 10, read: 256 << 10, beginning: false };
    /// For a blob that the user requested: it is held in memory.
    pub const BLOB: Self = Self { kept: 64 << 20, kept_of_error: 64 << 10, read: 64 << 20, beginning: false };
    /// For one page of a list that a command shows: CNCF distribution 2.8 serves all tags of a repository on one page.
    pub const LIST: Self = Self { kept: 64 << 20, kept_of_error: 64 << 10, read: 64 << 20, beginning: false };
    /// For the first bytes of a layer: enough to recognize its type (a tar archive has its magic at offset 257).
    pub const BEGINNING: Self = Self { kept: 512, kept_of_error: 64 << 10, read: 512, beginning: true };

    /// For a small layer that is to be hashed: at most this many bytes, and 1 MiB. A longer body is truncated.
    pub fn small_layer(most: u64) -> Self {
        let most = most.min(1 << 20);
        Self { kept: most, kept_of_error: 64 << 10, read: most, beginning: true }
    }

    /// For a server's page at `/`: it is kept as evidence of what answers, not as content.
    pub const FRONT_PAGE: Self = Self { kept: 4 << 10, kept_of_error: 4 << 10, read: 4 << 10, beginning: true };

    /// How much of the body is kept for this status.
    pub(crate) fn kept_for(&self, status: u16) -> u64 {
        if (200..300).contains(&status) { self.kept } else { self.kept_of_error }
    }

    /// How much of the body is read for this status. Of an error, up to 1 MiB is counted to report its length.
    pub(crate) fn read_for(&self, status: u16) -> u64 {
        if (200..300).contains(&status) { self.read } else { 1 << 20 }
    }
}

/// The maximum number of body bytes that one run keeps, all answers together.
pub(crate) const KEPT_IN_ALL: u64 = 96 << 20;

/// The maximum number of header lines in an answer.
pub(crate) const HEADER_LINES: usize = 256;
/// The maximum number of header bytes in an answer.
pub(crate) const HEADER_BYTES: usize = 64 << 10;
/// The maximum number of interim responses (status 1xx) on a connection that wait for their final answer.
pub(crate) const INTERIM_HEADS: usize = 64;
/// The maximum number of header block bytes on an HTTP/2 connection that wait for their final answer, as sent.
pub(crate) const HEADER_BLOCKS: usize = 1 << 20;
/// How many bytes of an HTTP/1 answer the library reads at once, or twice as many if it has the room: more than the
/// limit on headers.
pub(crate) const READ_AHEAD: usize = 128 << 10;
/// The maximum number of bytes received over HTTP/1 before they yield a final header block or content. Twice the data
/// that can be buffered for a slow reader: one piece that waits for it, and one that was read after it.
pub(crate) const WITHOUT_CONTENT: usize = 1 << 20;
/// The maximum number of continuation frames for trailers over HTTP/2; they hold as many bytes as trailers may have.
pub(crate) const TRAILER_PIECES: usize = 4;
/// The maximum number of concurrent requests to one origin over HTTP/1.1, each on its own connection.
pub(crate) const LINES_TO_ONE: usize = 16;
/// The maximum number of concurrent requests over HTTP/1.1 in total. With [`MOST_KEPT`], half of the 256 descriptors
/// that a process may open under a low limit.
pub(crate) const LINES_IN_ALL: usize = 64;
/// How many connections are opened concurrently to an origin that is not yet known to multiplex requests.
pub(crate) const OPENERS: usize = 2;
/// The maximum number of concurrent requests to one origin over HTTP/2. Servers allow 100 and more (RFC 9113 §6.5.2).
pub(crate) const STREAMS: usize = 64;
/// The maximum number of idle connections kept.
pub(crate) const MOST_KEPT: usize = 64;
/// The maximum number of addresses tried for a name.
pub(crate) const ADDRESSES: usize = 8;
/// How long to wait for the lookup of a name that a proxy will look up as well.
pub(crate) const MOMENT: Duration = Duration::from_secs(2);

/// How long a server may take to show whether it speaks the other scheme, from the lookup of its name to the end of its
/// answer.
pub(crate) const OTHER_SCHEME: Duration = Duration::from_secs(5);

/// How long a server may take after a handshake to object to a client certificate, or to the lack of one.
pub(crate) const OBJECTION: Duration = Duration::from_secs(2);

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Name lookup, TCP connection and TLS handshake together.
    pub connect: Duration,
    /// From there, or from the request on a reused connection, to the end of the headers.
    pub headers: Duration,
    /// Between two pieces of a body.
    pub idle: Duration,
    /// The whole run.
    pub total: Duration,
}

impl Limits {
    /// The default: 20 s to connect, 30 s to answer, 30 s of silence in a body, 120 s in all.
    pub const DEFAULT: Self = Self {
        connect: Duration::from_secs(20),
        headers: Duration::from_secs(30),
        idle: Duration::from_secs(30),
        total: Duration::from_secs(120),
    };

    /// The default limits with another total. If a step may take longer than that, the run ends before the step does.
    pub fn within(total: Duration) -> Self {
        Self { total, ..Self::DEFAULT }
    }
}
