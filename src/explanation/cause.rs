//! What a message means: the first text that it fits, then an error code, then a status.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::image::LEADS;
use super::reading::{Pasted, says};
use crate::knowledge::{ErrorText, Fault, Topic, TopicKind, clients, error_texts, topics};

/// What is known about a message, from whichever table knows it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The words by which it was recognised.
    pub words: String,
    /// What it means, without a full stop; `{image}` is to be replaced.
    pub says: String,
    /// The rules, likeliest first.
    pub rules: Vec<&'static str>,
    /// Who is at fault.
    pub fault: Fault,
    /// What to do where no rule says it.
    pub advice: Option<&'static str>,
    /// What to do where Kubernetes says it.
    pub in_kubernetes: Option<&'static str>,
    /// The client that prints it, where only one does.
    pub client: Option<&'static str>,
    /// Whether it only says that something failed.
    pub is_general: bool,
    /// Where it is in the order of what is known: what says more is before what says less.
    pub rank: usize,
    /// When it was last checked.
    pub checked: &'static str,
    /// Where it is from.
    pub source: &'static str,
}

/// What a word of the tables may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// This text.
    Text(usize),
    /// An error code or a status.
    Topic,
    /// An image may come next.
    Image,
    /// A client speaks.
    Client,
}

/// What a first look at a message found.
#[derive(Debug, Default)]
pub(super) struct Hints {
    texts: Vec<usize>,
    topic: bool,
    /// Whether an image may be in it.
    pub image: bool,
    /// Whether a client may be recognised in it.
    pub client: bool,
}

impl Hints {
    /// Whether there may be a cause in the message.
    pub fn has_cause(&self) -> bool {
        self.topic || !self.texts.is_empty()
    }

    /// Whether the message is worth reading.
    pub fn is_any(&self) -> bool {
        self.has_cause() || self.image || self.client
    }
}

/// All words of the tables in one automaton, because a log has many lines that say nothing.
struct Index {
    words: AhoCorasick,
    shows: Vec<Shows>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let longest = |words: &str| words.split('…').max_by_key(|part| part.len()).unwrap_or_default().to_owned();
    let texts = error_texts().iter().enumerate();
    let texts = texts.flat_map(|(at, text)| text.wording.any.iter().map(move |words| (words, Shows::Text(at))));
    let clients = clients().iter().flat_map(|client| client.wording.any.iter().map(|words| (words, Shows::Client)));
    let mut all: Vec<(String, Shows)> = texts.chain(clients).map(|(words, shows)| (longest(words), shows)).collect();
    all.extend(topics().filter(|(kind, _)| is_of_answers(*kind)).flat_map(|(_, topic)| {
        std::iter::once(&topic.name).chain(&topic.aliases).map(|name| (name.to_ascii_lowercase(), Shows::Topic))
    }));
    all.extend(LEADS.iter().map(|(lead, _)| ((*lead).to_owned(), Shows::Image)));
    all.extend(
        ["docker://", "oci://", "oras://", "fromimage=", "/v2/", "from ", "pulling "]
            .map(|words| (words.to_owned(), Shows::Image)),
    );
    let (words, shows): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let words = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
    Index { words: words.expect("a few hundred short words fit an automaton"), shows }
});

fn is_of_answers(kind: TopicKind) -> bool {
    matches!(kind, TopicKind::ErrorCode | TopicKind::Status)
}

/// A first look at a text: what may be in it.
pub(super) fn hints(text: &str) -> Hints {
    let mut hints = Hints::default();
    for found in INDEX.words.find_overlapping_iter(text) {
        match INDEX.shows[found.pattern().as_usize()] {
            Shows::Text(at) => hints.texts.push(at),
            Shows::Topic => hints.topic = true,
            Shows::Image => hints.image = true,
            Shows::Client => hints.client = true,
        }
    }
    hints.texts.sort_unstable();
    hints.texts.dedup();
    hints
}

/// What a message means; `None` where nothing in it is known.
pub(super) fn cause(text: &Pasted, hints: &Hints) -> Option<Found> {
    let by_text = by_text(text, hints);
    if by_text.as_ref().is_some_and(|found| !found.is_general) {
        return by_text;
    }
    let by_topic = || hints.topic.then(|| by_code(text).or_else(|| by_status(text)))?;
    by_topic().or(by_text)
}

fn by_text(text: &Pasted, hints: &Hints) -> Option<Found> {
    let known = error_texts();
    let fitting = |at: &usize| Some((*at, text.recognised_by(&known[*at].wording)?));
    let mut found = hints.texts.iter().filter_map(fitting);
    let first = found.next()?;
    // A general word speaks only where nothing more particular does.
    let (at, words) = match known[first.0].general {
        true => found.find(|(at, _)| !known[*at].general).unwrap_or(first),
        false => first,
    };
    Some(of_text(&known[at], at, words))
}

fn of_text(known: &'static ErrorText, rank: usize, words: &str) -> Found {
    Found {
        words: words.to_owned(),
        says: known.says.clone(),
        rules: known.rules.iter().map(String::as_str).collect(),
        fault: known.fault,
        advice: known.advice.as_deref(),
        in_kubernetes: known.in_kubernetes.as_deref(),
        client: known.client.as_deref(),
        is_general: known.general,
        rank,
        checked: &known.checked,
        source: &known.source,
    }
}

/// A code of an error, written as the specification writes it.
fn by_code(text: &Pasted) -> Option<Found> {
    let words = || text.plain().split(|c: char| !c.is_ascii_uppercase() && c != '_');
    let codes = || topics().filter(|(kind, _)| *kind == TopicKind::ErrorCode).map(|(_, topic)| topic);
    let topic = words().find_map(|word| codes().find(|topic| topic.name == word))?;
    let says = format!("the registry answered {}, which often means: {}", topic.name, first_sentence(&topic.means));
    Some(of_topic(topic, topic.name.clone(), says))
}

/// A status with its phrase, or behind a word that stands in front of statuses.
fn by_status(text: &Pasted) -> Option<Found> {
    const LEADS: [&str; 15] = [
        "status code ",
        "statuscode: ",
        "status code: ",
        "status: ",
        "http status: ",
        "http/1.1 ",
        "http/2 ",
        "http ",
        "returned error code: ",
        "http code: ",
        "http code ",
        "response code ",
        "statuscode=",
        "(status=",
        "status code=",
    ];
    let statuses = topics().filter(|(kind, _)| *kind == TopicKind::Status).map(|(_, topic)| topic);
    let (topic, words) = statuses.into_iter().find_map(|topic| {
        let phrase = format!("{} {}", topic.name, topic.title);
        let aliases = topic.aliases.iter().map(|alias| alias.to_lowercase());
        let numbered = LEADS.iter().map(|lead| format!("{lead}{}", topic.name));
        let client_error = format!("{} client error", topic.name);
        let server_error = format!("{} server error", topic.name);
        let named = [phrase.to_lowercase(), client_error, server_error];
        let mut ways = named.into_iter().chain(aliases).chain(numbered);
        ways.find(|way| says(text.lower(), way)).map(|way| (topic, way))
    })?;
    // The 200 of a proxy's tunnel and the like explain no failure.
    if topic.name.starts_with('2') || is_of_something_else(text) {
        return None;
    }
    let says =
        format!("the answer was {} {}, which often means: {}", topic.name, topic.title, first_sentence(&topic.means));
    Some(of_topic(topic, words, says))
}

/// Whether a web address was asked that has nothing to do with images: a package of a system or of a language.
fn is_of_something_else(text: &Pasted) -> bool {
    const OF_IMAGES: [&str; 18] = [
        "/v2/",
        "docker",
        "manifest",
        "blob",
        "image",
        "oci",
        "container",
        "helm",
        "chart",
        "kube",
        "pull",
        "push",
        "skopeo",
        "podman",
        "harbor",
        "token",
        "sregistry",
        "singularity",
    ];
    let has_address = text.lower().contains("http://") || text.lower().contains("https://");
    has_address && !OF_IMAGES.iter().any(|word| text.lower().contains(word))
}

fn of_topic(topic: &'static Topic, words: String, says: String) -> Found {
    Found {
        words,
        says,
        rules: topic.rules.iter().map(String::as_str).collect(),
        fault: Fault::Unclear,
        advice: None,
        in_kubernetes: None,
        client: None,
        is_general: false,
        rank: error_texts().len(),
        checked: &topic.checked,
        source: &topic.source,
    }
}

fn first_sentence(text: &str) -> String {
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.');
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}
