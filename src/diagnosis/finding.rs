//! What a rule found, with its proof.

use schemars::JsonSchema;
use serde::Serialize;

use super::ExitStatus;
use super::command::{CommandLine, Unfit, Word};
use crate::evidence::ExchangeId;
use crate::text::Untrusted;

/// What plain HTTP means for a login. It goes with every advice to speak it.
pub const CLEARTEXT_LOGINS: &str = "Over plain HTTP a stored login is sent to this machine alone; \
                                    --allow-cleartext-login sends it where everyone on the way can read it.";

/// An advice to speak plain HTTP, with what that means for a login.
pub fn with_cleartext_logins(text: &str) -> String {
    format!("{}. {CLEARTEXT_LOGINS}", text.trim_end_matches(['.', ':']))
}

/// How bad it is for the pull that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Severity {
    /// It cannot succeed as asked.
    Error,
    /// It succeeds for some clients, or with something to look out for.
    Warning,
    /// Something odd that is no fault.
    Info,
}

/// How sure the rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
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
    /// The command that does it, where there is one.
    pub command: Option<CommandLine>,
}

impl Fix {
    /// What to do, with its command or why there is none.
    pub(super) fn new(text: String, command: Result<CommandLine, Unfit>) -> Self {
        match command {
            Ok(command) => Self { text, command: Some(command) },
            Err(unfit) => {
                let text = text.strip_suffix(':').map(|text| format!("{text}.")).unwrap_or(text);
                Self { text: format!("{text} {unfit}"), command: None }
            }
        }
    }

    /// Makes another command of the words of this one, where there is one.
    pub fn change_command(&mut self, change: impl FnOnce(CommandLine) -> Result<CommandLine, Unfit>) {
        if let Some(command) = self.command.take() {
            *self = Self::new(std::mem::take(&mut self.text), change(command));
        }
    }
}

/// A part of an exchange that proves the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Which exchange.
    pub exchange: ExchangeId,
    /// The words in it that matter: the server's, the operating system's, or a status line.
    pub quote: Untrusted,
    /// Whether they are a remark of the rule on the exchange, such as "lists v1.4.2", and not words of the exchange itself.
    pub is_remark: bool,
}

/// The words of a [`Quote`]: those of an exchange where they are [`Untrusted`], a remark on it where a rule wrote them.
#[derive(Debug)]
pub struct QuoteWords {
    words: Untrusted,
    is_remark: bool,
}

impl From<Untrusted> for QuoteWords {
    fn from(words: Untrusted) -> Self {
        Self { words, is_remark: false }
    }
}

impl From<String> for QuoteWords {
    fn from(words: String) -> Self {
        Self { words: Untrusted::new(words), is_remark: true }
    }
}

impl From<&str> for QuoteWords {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl Quote {
    fn new(exchange: ExchangeId, words: QuoteWords) -> Self {
        Self { exchange, quote: words.words, is_remark: words.is_remark }
    }
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
    pub evidence: Vec<Quote>,
    /// What the run ends with if this finding decides; only errors do.
    pub exit: ExitStatus,
}

impl Finding {
    /// A certain error, proved by one part of one exchange. The rule's name is filled in by the engine.
    pub fn error(
        exit: ExitStatus,
        title: impl Into<String>,
        exchange: ExchangeId,
        quote: impl Into<QuoteWords>,
    ) -> Self {
        Self::new(Severity::Error, exit, title, exchange, quote)
    }

    /// A certain warning.
    pub fn warning(title: impl Into<String>, exchange: ExchangeId, quote: impl Into<QuoteWords>) -> Self {
        Self::new(Severity::Warning, ExitStatus::Success, title, exchange, quote)
    }

    /// A certain note.
    pub fn info(title: impl Into<String>, exchange: ExchangeId, quote: impl Into<QuoteWords>) -> Self {
        Self::new(Severity::Info, ExitStatus::Success, title, exchange, quote)
    }

    fn new(
        severity: Severity,
        exit: ExitStatus,
        title: impl Into<String>,
        exchange: ExchangeId,
        quote: impl Into<QuoteWords>,
    ) -> Self {
        Self {
            rule: "",
            severity,
            certainty: Certainty::Certain,
            title: title.into(),
            cause: String::new(),
            fix: Vec::new(),
            evidence: vec![Quote::new(exchange, quote.into())],
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

    /// Adds something to do, and the command for it; or without the command, and why, where there is a word that cannot be
    /// in one. A command with `--plain-http` comes with what that means for a login, whatever the rule has to say of it.
    #[must_use]
    pub fn fix_with(mut self, text: impl Into<String>, words: impl IntoIterator<Item = Word>) -> Self {
        let words: Vec<Word> = words.into_iter().collect();
        let text = match words.iter().any(|word| word.is("--plain-http")) {
            true => with_cleartext_logins(&text.into()),
            false => text.into(),
        };
        self.fix.push(Fix::new(text, CommandLine::of(words)));
        self
    }

    /// Adds proof.
    #[must_use]
    pub fn because(mut self, exchange: ExchangeId, quote: impl Into<QuoteWords>) -> Self {
        self.evidence.push(Quote::new(exchange, quote.into()));
        self
    }
}
