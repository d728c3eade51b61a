//! The result of a rule, with its proof.

use schemars::JsonSchema;
use serde::Serialize;

use super::ExitStatus;
use super::command::{CommandLine, Unfit, Word};
use crate::evidence::ExchangeId;
use crate::text::Untrusted;

/// The effect of plain HTTP on credentials, which accompanies every advice to use it.
pub const CLEARTEXT_LOGINS: &str = "Over plain HTTP, stored credentials are sent only to this machine; \
                                    --allow-cleartext-login sends them where everyone on the path can read them.";

/// An advice to use plain HTTP, with the effect on credentials.
pub fn with_cleartext_logins(text: &str) -> String {
    format!("{}. {CLEARTEXT_LOGINS}", text.trim_end_matches(['.', ':']))
}

/// The effect on the requested pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Severity {
    /// The pull cannot succeed.
    Error,
    /// The pull succeeds for some clients only, or with a problem to be aware of.
    Warning,
    /// An oddity that is not an error.
    Info,
}

/// The certainty of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Certainty {
    /// The evidence allows no other reading.
    Certain,
    /// It is the most likely reading.
    Likely,
}

/// A remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What to do, in a sentence.
    pub text: String,
    /// The command for it, if there is one.
    pub command: Option<CommandLine>,
}

impl Fix {
    /// A remedy with its command, or the reason why there is none.
    pub(super) fn new(text: String, command: Result<CommandLine, Unfit>) -> Self {
        match command {
            Ok(command) => Self { text, command: Some(command) },
            Err(unfit) => {
                let text = text.strip_suffix(':').map(|text| format!("{text}.")).unwrap_or(text);
                Self { text: format!("{text} {unfit}"), command: None }
            }
        }
    }

    /// Replaces the command, if there is one, by one built from its words.
    pub fn change_command(&mut self, change: impl FnOnce(CommandLine) -> Result<CommandLine, Unfit>) {
        if let Some(command) = self.command.take() {
            *self = Self::new(std::mem::take(&mut self.text), change(command));
        }
    }
}

/// A part of an exchange that proves the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The relevant words in it: the server's, the operating system's, or a status line.
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

/// The result of a rule. It cannot be made without evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// The effect on the pull.
    pub severity: Severity,
    /// The certainty of the rule.
    pub certainty: Certainty,
    /// The headline: one short line without a final stop.
    pub title: String,
    /// What happened and why, in a few sentences. Text from outside has been made printable.
    pub cause: String,
    /// The remedies, best first.
    pub fix: Vec<Fix>,
    /// The proof, at least one.
    pub evidence: Vec<Quote>,
    /// The exit status if this finding decides; only errors do.
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

    /// Marks the finding as only the most likely reading.
    #[must_use]
    pub fn likely(mut self) -> Self {
        self.certainty = Certainty::Likely;
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Adds a remedy.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix.push(Fix { text: text.into(), command: None });
        self
    }

    /// Adds a remedy with its command, or with the reason why there is none if a word cannot be in one. A command with
    /// `--plain-http` gets the sentence about credentials, whatever the rule.
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
