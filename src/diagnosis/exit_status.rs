//! The exit status, a contract with scripts.

use crate::text::written_by;

/// The result of a run. The numbers are part of the public contract; new ones are only ever added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// The reference can be pulled as asked.
    Success,
    /// The tool itself failed.
    ToolFailed,
    /// Wrong usage, or a reference that cannot be parsed.
    Usage,
    /// Two sides of a comparison differ, and no client notices.
    Unnoticed,
    /// Two sides of a comparison differ, and some clients notice.
    Noticed,
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
    /// Name lookup, connection, proxy, or a server that is not a registry.
    Network,
    /// TLS.
    Tls,
    /// Digest, size or missing content.
    Integrity,
    /// Platform missing, not an image, unsupported layers.
    Content,
    /// The server failed in some other way.
    ServerFailed,
    /// A limit of the run, or the registry, truncated a list or a batch in which nothing failed.
    Incomplete,
    /// The user interrupted the run (128 plus the signal number, as in shells).
    Interrupted,
}

impl ExitStatus {
    /// The number that the process exits with.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::ToolFailed => 1,
            Self::Usage => 2,
            Self::Unnoticed => 3,
            Self::Noticed => 4,
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
            Self::Incomplete => 20,
            Self::Interrupted => 130,
        }
    }

    /// Combines the results of several references: a cause that most likely affects all of them, such as a network
    /// failure, ranks before one that affects a single reference. The order of the arguments does not matter.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let rank = |status: Self| RANKS.iter().position(|ranked| *ranked == status).unwrap_or(RANKS.len());
        if rank(other) < rank(self) { other } else { self }
    }
}

/// From the most to the least informative about the whole run.
const RANKS: [ExitStatus; 16] = {
    use ExitStatus::*;
    [
        Interrupted,
        ToolFailed,
        Usage,
        Tls,
        Network,
        Unauthenticated,
        Denied,
        NotFound,
        NotAcceptable,
        Integrity,
        Content,
        RateLimited,
        ServerFailed,
        Incomplete,
        Noticed,
        Unnoticed,
    ]
};

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
    Incomplete,
    Interrupted,
} besides {
    Unnoticed,
    Noticed,
});

#[cfg(test)]
mod tests {
    use super::ExitStatus::*;

    #[test]
    fn status_of_several_is_the_same_in_any_order() {
        let all = [Success, NotFound, Tls, Network, RateLimited, Interrupted, Usage, Incomplete];
        for (first, then, comes_to) in [
            (Success, NotFound, NotFound),
            (NotFound, Tls, Tls),
            (Network, Tls, Tls),
            (RateLimited, NotFound, NotFound),
            (Incomplete, Success, Incomplete),
            (Incomplete, ServerFailed, ServerFailed),
            (Noticed, Unnoticed, Noticed),
            (Noticed, NotFound, NotFound),
            (Success, Unnoticed, Unnoticed),
        ] {
            assert_eq!((first.with(then), then.with(first)), (comes_to, comes_to));
        }
        for one in all {
            assert_eq!(one.with(one), one);
            assert_eq!(Interrupted.with(one), Interrupted);
            assert_eq!(one.with(Success), one);
        }
    }
}
