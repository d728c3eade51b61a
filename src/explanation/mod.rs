//! What a word or a pasted error means, without asking anybody.
//!
//! People meet a registry as a code, a status, a header, a media type, or the last line that their client printed.
//! [`explain`] says what that comes to, and which rules tell its causes apart. It sees a text and nothing else, so it
//! never says more than "likely"; it ends in the command that finds out.
//!
//! In reading order: `topic` finds out what a text is, and `page` lays out what is known about a word. What clients
//! printed is split into messages by `reading`; `survey` finds out what each of them means (`cause`, `signs`, `speaker`) and
//! which image it is about (`image`), and puts together what says the same; `read` says what is likely about each; `pasted` and `table` lay that out. `unknown` is
//! for everything else.

mod cause;
mod image;
mod likely;
mod page;
mod pasted;
mod read;
mod reading;
mod signs;
mod speaker;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod topic;
mod unknown;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use reading::{Condensed, Condenser, is_utf_16, text_of};
pub use topic::{explain, is_name};
pub use unknown::UnknownTopic;

use crate::evidence::Redactor;
use crate::knowledge::{AtFault, TopicKind};
use crate::report::{Form, Layout, to_markdown};
use crate::text::written_by;

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
    /// Nothing that is known.
    Unknown,
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
            Self::Unknown => "unknown",
        }
    }
}

impl From<TopicKind> for Kind {
    fn from(kind: TopicKind) -> Self {
        match kind {
            TopicKind::ErrorCode => Self::ErrorCode,
            TopicKind::Status => Self::Status,
            TopicKind::Header => Self::Header,
            TopicKind::MediaType => Self::MediaType,
        }
    }
}

written_by!(Kind::as_str { Rule, ErrorCode, Status, Header, MediaType, ErrorText, Unknown });

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
    pub document: Layout,
}

/// A cause in a pasted text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct CauseInText {
    /// The words by which the cause was recognised.
    pub topic: String,
    /// Rules that tell its causes apart, likeliest first, at most four. Empty where no answer of a registry could show it.
    pub rules: Vec<&'static str>,
    /// The image that the cause is about; null where none is named with it.
    pub reference: Option<String>,
    /// Who is at fault. client: the client, its configuration, or the machine or cluster that it runs on, and no registry.
    pub fault: AtFault,
    /// The host that was asked in place of the image's registry.
    pub mirror: Option<String>,
    /// The clients that said it.
    pub clients: Vec<String>,
    /// How many lines of the text say it.
    #[schemars(range(min = 1))]
    pub lines: usize,
}

impl Explanation {
    fn of_word(topic: &str, kind: Kind, rules: Vec<&'static str>, document: Layout) -> Self {
        Self { topic: topic.to_owned(), kind, rules, reference: None, causes: Vec::new(), document }
    }

    /// As JSON, in the form `ociscope.explanation/1`.
    pub fn to_json(&self) -> Value {
        let written = WrittenExplanation {
            topic: &self.topic,
            kind: self.kind,
            rules: &self.rules,
            reference: self.reference.as_deref().map(Cow::from),
            causes: &self.causes,
            text: to_markdown(&self.document),
        };
        written.to_json()
    }
}

/// What is known about a topic, or that nothing is.
#[derive(Serialize, JsonSchema)]
pub struct WrittenExplanation<'a> {
    /// The topic by its own name: MANIFEST_UNKNOWN, 404, tag-not-found. Of an error text, the words by which it was
    /// recognised, where … means anything in between; nothing else of the text is repeated. Of an unknown topic, what was
    /// given, or nothing where that is long or may hold a secret.
    topic: &'a str,
    /// What the topic is. With unknown, the exit status is 2.
    kind: Kind,
    /// Rules that tell the causes apart, likeliest first and at most four of an error text; of a text with several causes,
    /// those of the first.
    rules: &'a [&'static str],
    /// The image that an error text names, in full, or the first of several: without a tag where the text does not say one,
    /// and as it was written where no registry is named and none was asked. null where it names none, and for every other
    /// kind.
    reference: Option<Cow<'a, str>>,
    /// The causes in an error text, each with its image; empty for every other kind.
    causes: &'a [CauseInText],
    /// The explanation, as Markdown.
    text: String,
}

impl Form for WrittenExplanation<'_> {
    const NAME: &'static str = "explanation";
    const TITLE: &'static str = "Output of `ociscope explain TOPIC --json`";
}
