//! Explains error codes, statuses, headers, media types and pasted error messages, without any request.
//!
//! Users meet a registry as a code, a status, a header, a media type, or the last line that their client printed.
//! [`explain`] says what it means, and which rules distinguish its causes. It sees only a text, so it never claims more
//! than "likely", and it ends with the command that finds out.
//!
//! In reading order: `topic` determines what a text is, and `page` lays out what is known about a name. `reading`
//! splits the output of clients into messages; `survey` determines the cause (`cause`, `signs`, `speaker`) and the
//! image (`image`) of each, and merges duplicates; `read` words the likely causes; `pasted` and `table` lay them out.
//! `unknown` handles everything else.

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

/// Returns `true` if no part of a name, split at these separators, looks like a secret. Other names are not repeated.
fn holds_no_secret(name: &str, signs: &[char]) -> bool {
    let mut redactor = Redactor::default();
    name.split(signs).all(|part| redactor.text(part) == part)
}

/// The kind of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a rule.
    Rule,
    /// An error code.
    ErrorCode,
    /// An HTTP status.
    Status,
    /// A header.
    Header,
    /// A media type.
    MediaType,
    /// The output of a client.
    ErrorText,
    /// An unknown topic.
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

/// The explanation of a topic.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The canonical name of the topic; for a pasted text, the words by which it was recognized. Nothing else of a
    /// pasted text is ever repeated, because people paste secrets along.
    pub topic: String,
    /// The kind of the topic.
    pub kind: Kind,
    /// The rules that distinguish its causes, likeliest first; for a text with several causes, those of the first.
    pub rules: Vec<&'static str>,
    /// The image of a pasted text, or the first of several; without a tag if the text names none.
    pub reference: Option<String>,
    /// The causes in a pasted text, each with its image.
    pub causes: Vec<CauseInText>,
    /// The page for display.
    pub document: Layout,
}

/// A cause in a pasted text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct CauseInText {
    /// The words by which the cause was recognized.
    pub topic: String,
    /// The rules that distinguish its causes, likeliest first, at most four. Empty if no answer of a registry could
    /// show it.
    pub rules: Vec<&'static str>,
    /// The image of the cause; null if none is named with it.
    pub reference: Option<String>,
    /// The party at fault. client: the client, its configuration, or the machine or cluster that it runs on, and no
    /// registry.
    pub fault: AtFault,
    /// The host that was contacted instead of the image's registry.
    pub mirror: Option<String>,
    /// The clients that printed it.
    pub clients: Vec<String>,
    /// The number of lines that report it.
    #[schemars(range(min = 1))]
    pub lines: usize,
}

impl Explanation {
    fn of_word(topic: &str, kind: Kind, rules: Vec<&'static str>, document: Layout) -> Self {
        Self { topic: topic.to_owned(), kind, rules, reference: None, causes: Vec::new(), document }
    }

    /// The explanation as JSON, in the form `ociscope.explanation/1`.
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

/// The explanation of a topic, or of the fact that it is unknown.
#[derive(Serialize, JsonSchema)]
pub struct WrittenExplanation<'a> {
    /// The canonical name of the topic: MANIFEST_UNKNOWN, 404, tag-not-found. For an error text, the words by which it
    /// was recognized, where … means any text in between; nothing else of the text is repeated. For an unknown topic,
    /// the input, or empty if that is long or may contain a secret.
    topic: &'a str,
    /// The kind of the topic. With unknown, the exit status is 2.
    kind: Kind,
    /// The rules that distinguish the causes, likeliest first, at most four for an error text; for a text with several
    /// causes, those of the first.
    rules: &'a [&'static str],
    /// The image that an error text names, in full, or the first of several: without a tag if the text names none, and
    /// as written if no registry is named and none was contacted. null if the text names none, and for every other
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
