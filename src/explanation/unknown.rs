//! An unknown topic, and suggestions instead of an explanation.

use serde_json::Value;

use super::image::Named;
use super::{Kind, WrittenExplanation};
use crate::diagnosis::{CommandLine, catalogue, words};
use crate::evidence::{Redactor, secrets_in};
use crate::knowledge::topics;
use crate::report::Form;
use crate::text::Untrusted;

/// The minimum similarity of two names for one to be suggested for the other.
const ALIKE: f64 = 0.8;
/// The maximum length of a topic that is repeated, in characters. Anything longer is a text, and texts are not
/// repeated.
const LONGEST_SHOWN: usize = 60;
/// Words that occur next to secrets. A topic with one of them is not repeated.
const NEXT_TO_SECRETS: [&str; 7] = ["authorization", "bearer", "basic ", "password", "passwd", "token", "secret"];

/// The error for an unknown topic.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.lines().join("\n"))]
pub struct UnknownTopic {
    topic: Option<String>,
    nearest: Vec<&'static str>,
    image: Option<Named>,
}

impl UnknownTopic {
    pub(super) fn new(text: &Untrusted, image: Option<Named>) -> Self {
        Self { topic: shown(text), nearest: nearest(text.as_str().trim()), image }
    }

    /// The names that are most similar to the topic, the most similar first.
    pub fn nearest(&self) -> &[&'static str] {
        &self.nearest
    }

    /// The error as JSON, in the form `ociscope.explanation/1`.
    pub fn to_json(&self) -> Value {
        let written = WrittenExplanation {
            topic: self.topic.as_deref().unwrap_or_default(),
            kind: Kind::Unknown,
            rules: &[],
            reference: self.image.as_ref().map(|image| image.to_string().into()),
            causes: &[],
            text: self.lines().join("\n"),
        };
        written.to_json()
    }

    /// The message, line by line.
    fn lines(&self) -> Vec<String> {
        let mut first = match &self.topic {
            Some(topic) => format!("nothing is known about '{topic}'"),
            None => "nothing is known about this text".to_owned(),
        };
        if !self.nearest.is_empty() {
            first.push_str(&format!("; did you mean {}?", self.nearest.join(" or ")));
        }
        let mut lines = vec![first];
        if let Some(Named { reference, .. }) = &self.image {
            let command = CommandLine::of(words!["ociscope", "diagnose", reference]);
            lines.push(match command {
                Ok(command) => format!("  It names an image; to query its registry: {command}"),
                Err(unfit) => format!("  It names an image, which `ociscope diagnose` can check. {unfit}"),
            });
        }
        lines.extend(
            [
                "  What can be explained:",
                "    a rule            tag-not-found; `ociscope rules` lists them",
                "    an error code     MANIFEST_UNKNOWN",
                "    an HTTP status    404",
                "    a header          www-authenticate",
                "    a media type      docker v2, or its full name",
                "    a client's error  in quotes, or on standard input; several lines are fine",
            ]
            .map(str::to_owned),
        );
        lines
    }
}

/// The topic in a form that can be repeated: short, on one line, and without a possible secret.
fn shown(text: &Untrusted) -> Option<String> {
    let topic = text.as_str().trim();
    let lower = topic.to_ascii_lowercase();
    let is_text = topic.chars().count() > LONGEST_SHOWN || topic.contains(['\n', '\r']);
    if is_text
        || !secrets_in(topic).is_empty()
        || NEXT_TO_SECRETS.iter().any(|word| lower.contains(word))
        || lower.contains("://")
    {
        return None;
    }
    Some(Untrusted::new(Redactor::default().text(topic)).cut_within(LONGEST_SHOWN))
}

/// The names that are most similar to a topic. Texts have none, and numbers are not similar to each other.
fn nearest(topic: &str) -> Vec<&'static str> {
    if topic.chars().count() > LONGEST_SHOWN || topic.chars().all(|c| c.is_ascii_digit()) {
        return Vec::new();
    }
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', ' '], "-");
    let topic = plain(topic);
    let of_topics = topics().flat_map(|(_, topic)| topic.names());
    let mut alike: Vec<(f64, &'static str)> = catalogue()
        .iter()
        .map(|rule| rule.name)
        .chain(of_topics)
        .map(|name| (strsim::jaro_winkler(&plain(name), &topic), name))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    alike.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    alike.truncate(3);
    alike.into_iter().map(|(_, name)| name).collect()
}
