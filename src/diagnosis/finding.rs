//! What a rule found, with its proof.

use super::ExitStatus;
use crate::evidence::{ExchangeId, Untrusted};

/// What plain HTTP means for a login. It goes with every advice to speak it.
pub const CLEARTEXT_LOGINS: &str = "Over plain HTTP a stored login is sent to this machine alone; \
                                    --allow-cleartext-login sends it where everyone on the way can read it.";

/// How bad it is for the pull that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot succeed as asked.
    Error,
    /// It succeeds for some clients, or with something to look out for.
    Warning,
    /// Something odd that is no fault.
    Info,
}

/// How sure the rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The evidence leaves no other reading.
    Certain,
    /// It is the likeliest reading.
    Likely,
}

/// Something that can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What to do, in a sentence.
    pub text: String,
    /// The command that does it, where there is one; safe to paste into a shell.
    pub command: Option<String>,
}

/// A part of an exchange that proves the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Which exchange.
    pub exchange: ExchangeId,
    /// The words in it that matter: the server's, the operating system's, or a status line.
    pub quote: Untrusted,
}

/// What a rule found. Without evidence it cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the rule is.
    pub certainty: Certainty,
    /// What it is, in one short line without a full stop.
    pub title: String,
    /// What happened and why, in a few sentences. Text from outside in it has been made printable.
    pub cause: String,
    /// What can be done, the best first.
    pub fix: Vec<Fix>,
    /// The proof, at least one.
    pub evidence: Vec<Evidence>,
    /// What the run ends with if this finding decides; only errors do.
    pub exit: ExitStatus,
}

impl Finding {
    /// A certain error, proved by one part of one exchange. The rule's name is filled in by the engine.
    pub fn error(
        exit: ExitStatus,
        title: impl Into<String>,
        exchange: ExchangeId,
        quote: impl Into<Untrusted>,
    ) -> Self {
        Self::new(Severity::Error, exit, title, exchange, quote)
    }

    /// A certain warning.
    pub fn warning(title: impl Into<String>, exchange: ExchangeId, quote: impl Into<Untrusted>) -> Self {
        Self::new(Severity::Warning, ExitStatus::Success, title, exchange, quote)
    }

    /// A certain note.
    pub fn info(title: impl Into<String>, exchange: ExchangeId, quote: impl Into<Untrusted>) -> Self {
        Self::new(Severity::Info, ExitStatus::Success, title, exchange, quote)
    }

    fn new(
        severity: Severity,
        exit: ExitStatus,
        title: impl Into<String>,
        exchange: ExchangeId,
        quote: impl Into<Untrusted>,
    ) -> Self {
        Self {
            rule: "",
            severity,
            certainty: Certainty::Certain,
            title: title.into(),
            cause: String::new(),
            fix: Vec::new(),
            evidence: vec![Evidence { exchange, quote: quote.into() }],
            exit,
        }
    }

    /// The same, but only the likeliest reading.
    #[must_use]
    pub fn likely(mut self) -> Self {
        self.certainty = Certainty::Likely;
        self
    }

    /// Says what happened and why.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Adds something to do.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix.push(Fix { text: text.into(), command: None });
        self
    }

    /// Adds something to do, and the command for it. The parts are quoted for a shell where they need it. A command with
    /// `--plain-http` comes with what that means for a login, whatever the rule has to say of it.
    #[must_use]
    pub fn fix_with(mut self, text: impl Into<String>, command: &[&str]) -> Self {
        let text = match command.contains(&"--plain-http") {
            true => format!("{} {CLEARTEXT_LOGINS}", text.into()),
            false => text.into(),
        };
        let command = command.iter().map(|part| shell_quoted(part)).collect::<Vec<_>>().join(" ");
        self.fix.push(Fix { text, command: Some(command) });
        self
    }

    /// Adds proof.
    #[must_use]
    pub fn because(mut self, exchange: ExchangeId, quote: impl Into<Untrusted>) -> Self {
        self.evidence.push(Evidence { exchange, quote: quote.into() });
        self
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Quotes a word so that a POSIX shell takes it as it is.
pub fn shell_quoted(word: &str) -> String {
    let harmless =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '=' | '+' | ',');
    if !word.is_empty() && word.chars().all(harmless) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell_quoted;

    #[test]
    fn a_command_can_be_pasted_whatever_is_in_it() {
        assert_eq!(shell_quoted("ghcr.io/o/n:t"), "ghcr.io/o/n:t");
        assert_eq!(shell_quoted("'; touch p; '"), r"''\''; touch p; '\'''");
        assert_eq!(shell_quoted(""), "''");
    }
}
