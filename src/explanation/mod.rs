//! What a word or a pasted error means, without asking anybody.
//!
//! People meet a registry as a code, a status, a header, a media type, or the last line that their client printed.
//! [`explain`] says what that comes to, and which rules tell its causes apart. It sees a text and nothing else, so it
//! never says more than "likely"; it ends in the command that finds out.
//!
//! In reading order: `topic` finds out what a text is, and `page` lays out what is known about a word. What clients
//! printed is split into messages by `reading`; `survey` finds out what each of them means (`cause`, `signs`, `speaker`) and
//! which image it is about (`image`), and puts together what says the same; `pasted` and `table` lay that out. `unknown` is
//! for everything else.

mod cause;
mod image;
mod likely;
mod page;
mod pasted;
mod reading;
mod signs;
mod speaker;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod topic;
mod unknown;

use serde_json::{Value, json};

pub use reading::text_of;
pub use topic::{explain, is_name};
pub use unknown::UnknownTopic;

use crate::evidence::Redactor;
use crate::knowledge::Fault;
use crate::report::{Document, to_markdown};

/// Whether no part of a name, between these signs, looks like a secret. A name that has one is not repeated.
fn holds_no_secret(name: &str, signs: &[char]) -> bool {
    let mut redactor = Redactor::default();
    name.split(signs).all(|part| redactor.text(part) == part)
}

/// What a topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a rule.
    Rule,
    /// A code of an error.
    ErrorCode,
    /// An HTTP status.
    Status,
    /// A header.
    Header,
    /// A media type.
    MediaType,
    /// What a client printed.
    ErrorText,
}

impl Kind {
    /// The kind's name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::ErrorCode => "error_code",
            Self::Status => "status",
            Self::Header => "header",
            Self::MediaType => "media_type",
            Self::ErrorText => "error_text",
        }
    }
}

/// What is known about a topic.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The topic by its own name; of a pasted text, the words by which it was recognised. Nothing else of a pasted text
    /// is ever repeated, because people paste secrets along.
    pub topic: String,
    /// What it is.
    pub kind: Kind,
    /// Rules that tell its causes apart, likeliest first; of a text with several causes, those of the first.
    pub rules: Vec<&'static str>,
    /// The image that a pasted text is about, or the first of several; without a tag where the text does not say one.
    pub reference: Option<String>,
    /// The causes in a pasted text, each with its image.
    pub causes: Vec<CauseInText>,
    /// What people read.
    pub document: Document,
}

/// A cause in a pasted text.
#[derive(Debug, Clone)]
pub struct CauseInText {
    /// The words by which it was recognised.
    pub topic: String,
    /// Rules that tell its causes apart, likeliest first.
    pub rules: Vec<&'static str>,
    /// The image that it is about.
    pub reference: Option<String>,
    /// Who is at fault.
    pub fault: Fault,
    /// The host that was asked in place of the image's registry.
    pub mirror: Option<String>,
    /// The clients that said it.
    pub clients: Vec<String>,
    /// In how many lines.
    pub lines: usize,
}

impl Explanation {
    fn of_word(topic: &str, kind: Kind, rules: Vec<&'static str>, document: Document) -> Self {
        Self { topic: topic.to_owned(), kind, rules, reference: None, causes: Vec::new(), document }
    }

    /// As JSON, in the form `ociscope.explanation/1`.
    pub fn to_json(&self) -> Value {
        json!({
            "schema": SCHEMA,
            "topic": self.topic,
            "kind": self.kind.as_str(),
            "rules": self.rules,
            "reference": self.reference,
            "causes": self.causes.iter().map(CauseInText::to_json).collect::<Vec<_>>(),
            "text": to_markdown(&self.document),
        })
    }
}

impl CauseInText {
    fn to_json(&self) -> Value {
        json!({
            "topic": self.topic,
            "rules": self.rules,
            "reference": self.reference,
            "fault": self.fault.as_str(),
            "mirror": self.mirror,
            "clients": self.clients,
            "lines": self.lines,
        })
    }
}

/// The name of the form of both, what is known and what is not.
const SCHEMA: &str = "ociscope.explanation/1";
