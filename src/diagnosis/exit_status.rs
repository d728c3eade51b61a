//! The exit status, which scripts rely on.

use crate::text::written_by;

/// What a run comes to. The numbers are part of the public contract; a new one is only ever added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// The reference can be pulled as asked.
    Success,
    /// The tool itself failed.
    ToolFailed,
    /// Wrong usage, or a reference that cannot be parsed.
    Usage,
    /// The name, tag or digest does not exist.
    NotFound,
    /// It exists, but not in a form that the asking client accepts.
    NotAcceptable,
    /// Authentication failed or is missing.
    Unauthenticated,
    /// Refused by permission or policy.
    Denied,
    /// Rate limited.
    RateLimited,
    /// Name look-up, connection, proxy, or something that is not a registry.
    Network,
    /// TLS.
    Tls,
    /// Digest, size or missing content.
    Integrity,
    /// Platform missing, not an image, unsupported layers.
    Content,
    /// The server failed in some other way.
    ServerFailed,
    /// The user interrupted (128 and the number of the signal, as shells have it).
    Interrupted,
}

impl ExitStatus {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::ToolFailed => 1,
            Self::Usage => 2,
            Self::NotFound => 10,
            Self::NotAcceptable => 11,
            Self::Unauthenticated => 12,
            Self::Denied => 13,
            Self::RateLimited => 14,
            Self::Network => 15,
            Self::Tls => 16,
            Self::Integrity => 17,
            Self::Content => 18,
            Self::ServerFailed => 19,
            Self::Interrupted => 130,
        }
    }
}

written_by!(ExitStatus::code {
    Success,
    ToolFailed,
    Usage,
    NotFound,
    NotAcceptable,
    Unauthenticated,
    Denied,
    RateLimited,
    Network,
    Tls,
    Integrity,
    Content,
    ServerFailed,
    Interrupted,
});
