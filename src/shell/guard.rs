//! Protection of passwords that are typed at the wrong moment.

use crate::oci::Host;
use crate::text::Secret;

/// A question that a user has to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The registry.
    pub registry: Host,
    /// The user name, if it was given.
    pub username: Option<String>,
}

/// The protection, between two lines.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// Whether a user types the lines; else they come from a file or another program.
    pub is_typed: bool,
    /// Whether the last answer required authentication. Until the next command, a line that is not a command is refused.
    pub expects_command: bool,
    /// The question that `login` needs an answer to.
    pub question: Option<Question>,
    /// The user name that was the answer, once the login is kept.
    pub answered: Option<String>,
    /// Passwords that are no longer used, and are redacted all the same.
    pub forgotten: Vec<(&'static str, Secret)>,
}

impl Guard {
    /// The protection of lines that a user types, or that come from elsewhere.
    pub fn over(is_typed: bool) -> Self {
        Self { is_typed, ..Self::default() }
    }

    /// Notes whether an answer required authentication. Lines of a script are never passwords.
    pub fn note(&mut self, asks_for_login: bool) {
        self.expects_command = asks_for_login && self.is_typed;
    }
}
