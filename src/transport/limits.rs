//! Every bound on what is read from the network and on how long it may take, in one place.
//!
//! Each has a name that messages use. The figures are those that the clients and servers of this field settle on.

use std::time::Duration;

/// How much of a body is kept, and how much is read at most to tell its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimit {
    /// Bytes kept of an answer with a status of success.
    pub kept: u64,
    /// Bytes kept of any other answer.
    pub kept_of_error: u64,
    /// Bytes read before the connection is closed.
    pub read: u64,
    /// Whether the beginning is all that is wanted: then a body that goes on is no failure.
    pub beginning: bool,
}

impl BodyLimit {
    /// For manifests: distribution and containers/image refuse more than 4 MiB.
    pub const MANIFEST: Self = Self { kept: 4 << 20, kept_of_error: 64 << 10, read: 4 << 20, beginning: false };
    /// For the answer of a token server.
    pub const TOKEN: Self = Self { kept: 256 << 10, kept_of_error: 64 << 10, read: 256 << 10, beginning: false };
    /// For a blob that somebody wants to have: it is held in memory.
    pub const BLOB: Self = Self { kept: 64 << 20, kept_of_error: 64 << 10, read: 64 << 20, beginning: false };
    /// For one page of a list that a command shows: CNCF distribution 2.8 serves all tags of a repository on one page.
    pub const LIST: Self = Self { kept: 64 << 20, kept_of_error: 64 << 10, read: 64 << 20, beginning: false };
    /// For the first bytes of a layer: enough to see what it is (the mark of a tar archive stands at 257).
    pub const BEGINNING: Self = Self { kept: 512, kept_of_error: 64 << 10, read: 512, beginning: true };

    /// For a small layer that is to be hashed: at most this many bytes, and 1 MiB. A body that goes on is cut.
    pub fn small_layer(most: u64) -> Self {
        let most = most.min(1 << 20);
        Self { kept: most, kept_of_error: 64 << 10, read: most, beginning: true }
    }

    /// For the page that a server shows at `/`: what is kept is evidence of what answers, not content.
    pub const FRONT_PAGE: Self = Self { kept: 4 << 10, kept_of_error: 4 << 10, read: 4 << 10, beginning: true };

    /// How much of the body of an answer with this status is kept.
    pub(crate) fn kept_for(&self, status: u16) -> u64 {
        if (200..300).contains(&status) { self.kept } else { self.kept_of_error }
    }

    /// How much of it is read. Of an error, up to 1 MiB is counted so that its length can be told.
    pub(crate) fn read_for(&self, status: u16) -> u64 {
        if (200..300).contains(&status) { self.read } else { 1 << 20 }
    }
}

/// The most bytes of bodies that one run keeps, all answers together.
pub(crate) const KEPT_IN_ALL: u64 = 96 << 20;

/// The most header lines that an answer may have.
pub(crate) const HEADER_LINES: usize = 256;
/// The most bytes that all headers of an answer may have together.
pub(crate) const HEADER_BYTES: usize = 64 << 10;
/// The most interim heads (status 1xx) on a connection that wait for their final answer.
pub(crate) const INTERIM_HEADS: usize = 64;
/// The most bytes of header blocks on an HTTP/2 connection that wait for their final answer, as they are sent.
pub(crate) const HEADER_BLOCKS: usize = 1 << 20;
/// How many bytes of an HTTP/1 answer the library reads at once, or twice as many where it has the room: more than headers
/// may have.
pub(crate) const READ_AHEAD: usize = 128 << 10;
/// The most bytes that come over HTTP/1 before anything of an answer is made of them: its final head, or content. Twice what
/// can be on its way to a reader that is slow: one piece that waits for it, and one that was read after it.
pub(crate) const WITHOUT_CONTENT: usize = 1 << 20;
/// The most frames that trailers over HTTP/2 go on in; as many hold as many bytes as trailers may have.
pub(crate) const TRAILER_PIECES: usize = 4;
/// The most requests that are under way to one origin over HTTP/1.1, each over a connection of its own.
pub(crate) const LINES_TO_ONE: usize = 16;
/// The most requests that are under way over HTTP/1.1 in all. With [`MOST_KEPT`], half of the 256 descriptors that a
/// process may have open where few are allowed.
pub(crate) const LINES_IN_ALL: usize = 64;
/// How many connections are opened at the same time to an origin of which it is not known yet whether requests can share one.
pub(crate) const OPENERS: usize = 2;
/// The most requests that are under way to one origin over HTTP/2. Servers allow 100 and more (RFC 9113 §6.5.2).
pub(crate) const STREAMS: usize = 64;
/// The most connections that are kept open for the next request.
pub(crate) const MOST_KEPT: usize = 64;
/// The most addresses of one name that are tried.
pub(crate) const ADDRESSES: usize = 8;
/// How long a name is looked up at most that a proxy will look up anyway.
pub(crate) const MOMENT: Duration = Duration::from_secs(2);

/// How long a server has to answer whether it speaks the other scheme, from looking up its name to the end of its answer.
pub(crate) const OTHER_SCHEME: Duration = Duration::from_secs(5);

/// How long a server has to object to a client certificate, or to the lack of one, once a handshake is complete.
pub(crate) const OBJECTION: Duration = Duration::from_secs(2);

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Name look-up, TCP connection and TLS handshake together.
    pub connect: Duration,
    /// From there, or over a connection that is kept from the request, to the end of the headers.
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

    /// The default limits with another total. Where a step may take longer than that, the run ends before the step does.
    pub fn within(total: Duration) -> Self {
        Self { total, ..Self::DEFAULT }
    }
}
