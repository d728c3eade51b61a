//! Determines what a text is: a known name, or the output of a client.

use super::image::image_in;
use super::page::{rule_page, topic_page};
use super::reading::{Pasted, cleaned};
use super::survey::survey;
use super::unknown::UnknownTopic;
use super::{Explanation, pasted};
use crate::diagnosis::{Rule, catalogue};
use crate::knowledge::{Topic, TopicKind, topics};
use crate::text::Untrusted;

/// The maximum length of a name in bytes; anything longer is the output of a client.
const LONGEST_NAME: usize = 100;
/// The number of bytes that are searched for an image in a text about which nothing else is known.
const LONGEST_LOOK: usize = 64 << 10;

/// Explains a topic: a name, or the output of a client.
///
/// # Errors
/// An error if nothing is known about it, with the most similar names, and the image that it may be about.
pub fn explain(text: &Untrusted) -> Result<Explanation, Box<UnknownTopic>> {
    let name = text.as_str().trim().trim_matches(['"', '\'', '`']).trim();
    if name.len() <= LONGEST_NAME {
        if let Some(rule) = rule_named(name) {
            return Ok(rule_page(rule));
        }
        if let Some((kind, topic)) = topic_named(name) {
            return Ok(topic_page(kind, topic));
        }
    }
    let cleaned = cleaned(text);
    let survey = survey(&cleaned);
    let image = survey.image.clone();
    let named = || image.or_else(|| image_in(&Pasted::new(beginning(&cleaned))));
    if let Some(explanation) = pasted::explain(survey) {
        return Ok(explanation);
    }
    // A header with its value; after the texts, because "warning:" may begin one.
    if let Some((name, _)) = name.split_once(':')
        && let Some((kind @ TopicKind::Header, topic)) = topic_named(name.trim())
    {
        return Ok(topic_page(kind, topic));
    }
    Err(Box::new(UnknownTopic::new(text, named())))
}

/// Returns `true` if a word is the name of a rule, a code, a status, a header or a media type.
pub fn is_name(word: &str) -> bool {
    let name = word.trim();
    name.len() <= LONGEST_NAME && (rule_named(name).is_some() || topic_named(name).is_some())
}

/// The beginning of a text that is searched for an image if nothing else is known about it.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_LOOK)]
}

fn rule_named(name: &str) -> Option<&'static Rule> {
    let name = name.replace('_', "-");
    catalogue().iter().find(|rule| rule.name.eq_ignore_ascii_case(&name))
}

fn topic_named(name: &str) -> Option<(TopicKind, &'static Topic)> {
    topics().find(|(kind, topic)| match kind {
        TopicKind::ErrorCode => topic.names().any(|other| other.eq_ignore_ascii_case(&name.replace('-', "_"))),
        TopicKind::Status => is_status(topic, name),
        TopicKind::Header => topic.names().any(|other| other.eq_ignore_ascii_case(name.trim_end_matches(':'))),
        TopicKind::MediaType => {
            let essence = name.split(';').next().unwrap_or_default().trim();
            topic.names().any(|other| same_words(other, essence))
        }
    })
}

/// `404`, `404 Not Found`, `HTTP 404`, `HTTP/1.1 404 Not Found`, `status 404`.
fn is_status(topic: &Topic, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rest = match name.split_once(' ') {
        Some((first, rest)) if first.starts_with("http") || ["status", "error", "code"].contains(&first) => {
            rest.strip_prefix("status ").unwrap_or(rest)
        }
        _ => &name,
    };
    let full = format!("{} {}", topic.name, topic.title);
    rest == topic.name || rest.eq_ignore_ascii_case(&full) || topic.aliases.iter().any(|a| a.eq_ignore_ascii_case(rest))
}

/// Returns `true` if two names have the same words, joined by spaces, hyphens or underscores.
fn same_words(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace([' ', '_'], "-");
    plain(one) == plain(other)
}
