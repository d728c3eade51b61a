//! What keeps a password that is typed at the wrong moment from leaving the machine.

use crate::oci::Host;
use crate::text::Secret;

/// What somebody has to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// For which registry.
    pub registry: Host,
    /// The user name, where it was given.
    pub username: Option<String>,
}

/// What the shell is careful about between two lines.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// Whether somebody types the lines, rather than a file or another program.
    pub is_typed: bool,
    /// Whether the last answer asked for a login. Until the next command, a line that is not a command is refused.
    pub expects_command: bool,
    /// What `login` has to ask before it can go on.
    pub question: Option<Question>,
    /// The user name that was typed at that question, once the login is kept.
    pub answered: Option<String>,
    /// Passwords that are not used any more, and are kept out of everything all the same.
    pub forgotten: Vec<(&'static str, Secret)>,
}

impl Guard {
    /// A guard over lines that somebody types, or that come from elsewhere.
    pub fn over(is_typed: bool) -> Self {
        Self { is_typed, ..Self::default() }
    }

    /// Notes whether an answer asked for a login. Lines that nobody types are never passwords.
    pub fn note(&mut self, asks_for_login: bool) {
        self.expects_command = asks_for_login && self.is_typed;
    }
}
