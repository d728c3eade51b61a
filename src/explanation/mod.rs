//! What a word or a pasted error means, without asking anybody.
//!
//! People meet a registry as a code, a status, a header, a media type, or the last line that their client printed.
//! [`explain`] says what that comes to, and which rules tell its causes apart. It sees a text and nothing else, so it
//! never says more than "likely"; it ends in the command that finds out.
//!
//! In reading order: `topic` finds out what a text is, `page` lays out what is known about a word, `pasted` reads what a
//! client printed, with `wording`, `image` and `likely`; `unknown` is for everything else.

mod image;
mod likely;
mod page;
mod pasted;
#[cfg(test)]
mod tests;
mod topic;
mod unknown;
mod wording;

use serde_json::{Value, json};

pub use topic::explain;
pub use unknown::UnknownTopic;

use crate::oci::Reference;
use crate::report::{Document, to_markdown};

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
    /// Rules that tell its causes apart, likeliest first.
    pub rules: Vec<&'static str>,
    /// The image that a pasted text is about.
    pub reference: Option<Reference>,
    /// What people read.
    pub document: Document,
}

impl Explanation {
    /// As JSON, in the form `ociscope.explanation/1`.
    pub fn to_json(&self) -> Value {
        json!({
            "schema": SCHEMA,
            "topic": self.topic,
            "kind": self.kind.as_str(),
            "rules": self.rules,
            "reference": self.reference.as_ref().map(Reference::to_string),
            "text": to_markdown(&self.document),
        })
    }
}

/// The name of the form of both, what is known and what is not.
const SCHEMA: &str = "ociscope.explanation/1";
