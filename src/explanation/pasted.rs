//! What a client printed: which client, what it means, and what is likely behind it.

use super::image::{platform_in, reference_in};
use super::likely::{Likely, glossary, likely};
use super::page::{command, source};
use super::wording::Pasted;
use super::{Explanation, Kind};
use crate::diagnosis::{CLEARTEXT_LOGINS, CommandLine, Unfit, words};
use crate::knowledge::{Topic, TopicKind, clients, error_texts, topics};
use crate::oci::{Reference, Scheme};
use crate::report::{Block, Label, Span, plain};

/// Rules whose finding depends on the platform that was wanted.
const OF_A_PLATFORM: [&str; 3] = ["platform-not-in-index", "windows-os-version", "dangling-index-child"];

/// What is known about a text, from whichever table knows it.
struct Found {
    /// The words by which it was recognised.
    words: String,
    /// What it means, without a full stop.
    says: String,
    rules: &'static [String],
    advice: Option<&'static str>,
    checked: &'static str,
    source: &'static str,
}

/// Explains what a client printed; `None` where nothing in it is known.
pub(super) fn explain(text: &Pasted) -> Option<Explanation> {
    let reference = reference_in(text);
    let found = by_text(text).or_else(|| by_code(text)).or_else(|| by_status(text))?;
    let image = reference.as_ref().map_or_else(|| "the image".to_owned(), Reference::to_string);
    let says = found.says.replace("{image}", &image);
    let client = clients().iter().find(|client| text.recognised_by(&client.wording).is_some());
    let first = match client {
        Some(client) => vec![Span::new(&client.name, Label::Strong), plain(format!(" says: {says}."))],
        // A name stays as it is, even at the beginning of a sentence.
        None if found.says.starts_with('{') => vec![plain(format!("{says}."))],
        None => vec![plain(capitalised(&format!("{says}.")))],
    };
    let mut document = vec![Block::Remark(first)];
    let mut causes = likely(found.rules, reference.as_ref());
    if reference.is_none() {
        // Whether the tag is such a one cannot be seen, so these are less likely than the others.
        causes.sort_by_key(|cause| cause.of_some_tags);
    }
    if !causes.is_empty() {
        let heading = if causes.len() == 1 { "Likely" } else { "Likely, most common first" };
        document.extend([Block::Gap, Block::Heading(heading.to_owned()), glossary(&causes)]);
    }
    if let Some(advice) = found.advice {
        document.extend([Block::Gap, Block::Heading("What to do".to_owned()), Block::Text(vec![plain(advice)])]);
    }
    // Where no rule could be the cause and no image is named, there is nothing that a registry could be asked.
    if reference.is_some() || !causes.is_empty() {
        document.extend([Block::Gap, Block::Heading("Find out".to_owned())]);
        document.extend(commands(text, reference.as_ref(), &causes));
    }
    let recognised = format!("recognised by “{}”", found.words);
    document.extend([
        Block::Gap,
        Block::Text(vec![Span::new(recognised, Label::Quiet)]),
        source(found.checked, found.source),
    ]);
    let rules = causes.iter().map(|cause| cause.rule).collect();
    Some(Explanation { topic: found.words, kind: Kind::ErrorText, rules, reference, document })
}

fn by_text(text: &Pasted) -> Option<Found> {
    error_texts().iter().find_map(|known| {
        let words = text.recognised_by(&known.wording)?;
        Some(Found {
            words: words.to_owned(),
            says: known.says.clone(),
            rules: &known.rules,
            advice: known.advice.as_deref(),
            checked: &known.checked,
            source: &known.source,
        })
    })
}

/// A code of an error, written as the specification writes it.
fn by_code(text: &Pasted) -> Option<Found> {
    let words = || text.plain().split(|c: char| !c.is_ascii_uppercase() && c != '_');
    let codes = || topics().filter(|(kind, _)| *kind == TopicKind::ErrorCode).map(|(_, topic)| topic);
    let topic = words().find_map(|word| codes().find(|topic| topic.name == word))?;
    let says = format!("the registry answered {}, which often means: {}", topic.name, first_sentence(&topic.means));
    Some(Found { words: topic.name.clone(), says, ..of_topic(topic) })
}

/// A status with its phrase, or behind a word that stands in front of statuses.
fn by_status(text: &Pasted) -> Option<Found> {
    const LEADS: [&str; 8] =
        ["status code ", "statuscode: ", "status code: ", "status: ", "http status: ", "http/1.1 ", "http/2 ", "http "];
    let statuses = topics().filter(|(kind, _)| *kind == TopicKind::Status).map(|(_, topic)| topic);
    let (topic, words) = statuses.into_iter().find_map(|topic| {
        let phrase = format!("{} {}", topic.name, topic.title);
        let aliases = topic.aliases.iter().map(|alias| alias.to_lowercase());
        let numbered = LEADS.iter().map(|lead| format!("{lead}{}", topic.name));
        let mut ways = std::iter::once(phrase.to_lowercase()).chain(aliases).chain(numbered);
        ways.find(|way| text.lower().contains(way.as_str())).map(|way| (topic, way))
    })?;
    // The 200 of a proxy's tunnel and the like explain no failure.
    if topic.name.starts_with('2') {
        return None;
    }
    let says =
        format!("the answer was {} {}, which often means: {}", topic.name, topic.title, first_sentence(&topic.means));
    Some(Found { words, says, ..of_topic(topic) })
}

fn of_topic(topic: &'static Topic) -> Found {
    Found {
        words: String::new(),
        says: String::new(),
        rules: &topic.rules,
        advice: None,
        checked: &topic.checked,
        source: &topic.source,
    }
}

/// The commands that find out more: the image's diagnosis, and the first cause.
fn commands(text: &Pasted, reference: Option<&Reference>, causes: &[Likely]) -> Vec<Block> {
    let mut diagnose = words!["ociscope", "diagnose"];
    let of_a_platform = causes.iter().any(|cause| OF_A_PLATFORM.contains(&cause.rule));
    if let Some(platform) = platform_in(text).filter(|_| of_a_platform) {
        diagnose.extend(words!["--platform", &platform]);
    }
    match reference {
        Some(reference) => {
            diagnose.extend((reference.scheme() == Some(Scheme::Http)).then(|| "--plain-http".into()));
            diagnose.push(reference.into());
        }
        None => diagnose.push("REFERENCE".into()),
    }
    let explain = causes.first().map(|cause| words!["ociscope", "explain", cause.rule]);
    let commands = std::iter::once(diagnose).chain(explain).map(CommandLine::of);
    let as_block = |made: Result<CommandLine, Unfit>| match made {
        Ok(made) => command(made),
        Err(unfit) => Block::Text(vec![plain(unfit.to_string())]),
    };
    let mut blocks: Vec<_> = commands.map(as_block).collect();
    if reference.is_some_and(|reference| reference.scheme() == Some(Scheme::Http)) {
        blocks.push(Block::Text(vec![plain(CLEARTEXT_LOGINS)]));
    }
    blocks
}

fn first_sentence(text: &str) -> String {
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.');
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
