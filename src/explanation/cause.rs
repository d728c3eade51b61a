//! Determines the cause of a message: the first matching text, otherwise an error code, otherwise a status.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::image::LEADS;
use super::reading::Pasted;
use crate::knowledge::{AtFault, ErrorText, Topic, TopicKind, clients, error_texts, topics};

/// A recognized cause, from any of the tables.
#[derive(Debug, Clone)]
pub(super) struct Recognized {
    /// The words by which it was recognized.
    pub words: String,
    /// The meaning, without a full stop; `{image}` is a placeholder.
    pub says: String,
    /// The rules, likeliest first.
    pub rules: Vec<&'static str>,
    /// The party at fault.
    pub fault: AtFault,
    /// The advice if no rule has one.
    pub advice: Option<&'static str>,
    /// The advice if Kubernetes reports it.
    pub in_kubernetes: Option<&'static str>,
    /// The client that prints it, if it is the only one.
    pub client: Option<&'static str>,
    /// `true` if it only says that something failed.
    pub is_general: bool,
    /// The rank in the table: specific causes come before general ones.
    pub rank: usize,
    /// The date of the last verification.
    pub checked: &'static str,
    /// The source.
    pub source: &'static str,
}

/// The meaning of a match in the index.
#[derive(Debug, Clone, Copy)]
enum Shows {
    /// This text may match.
    Text(usize),
    /// This error code, if it is a separate word.
    Code(&'static Topic),
    /// A status, by an entry of [`STATUSES`].
    Status(usize),
    /// An image may follow.
    Image,
    /// The message is from a client.
    Client,
}

/// The result of the first scan of a message.
#[derive(Debug, Default)]
pub(super) struct Hints {
    texts: Vec<usize>,
    /// The first error code, and its offset.
    code: Option<(usize, &'static Topic)>,
    /// The first of [`STATUSES`] that occur.
    status: Option<usize>,
    /// `true` if it may name an image.
    pub image: bool,
    /// `true` if it may identify a client.
    pub client: bool,
}

impl Hints {
    /// Returns `true` if the message may have a cause.
    pub fn has_cause(&self) -> bool {
        self.code.is_some() || self.status.is_some() || !self.texts.is_empty()
    }

    /// Returns `true` if the message is worth parsing.
    pub fn is_any(&self) -> bool {
        self.has_cause() || self.image || self.client
    }
}

/// All words of the tables in one automaton, because most lines of a log are irrelevant.
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
    all.extend(of_kind(TopicKind::ErrorCode).map(|code| (code.name.clone(), Shows::Code(code))));
    all.extend(STATUSES.iter().enumerate().map(|(at, (_, words))| (words.clone(), Shows::Status(at))));
    all.extend(LEADS.iter().map(|(lead, _)| ((*lead).to_owned(), Shows::Image)));
    all.extend(
        ["docker://", "oci://", "oras://", "fromimage=", "/v2/", "from ", "pulling "]
            .map(|words| (words.to_owned(), Shows::Image)),
    );
    let (words, shows): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let words = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
    Index { words: words.expect("a few thousand short words fit an automaton"), shows }
});

/// The notations of each status, in lower case, the most common status first.
static STATUSES: LazyLock<Vec<(&'static Topic, String)>> = LazyLock::new(|| {
    let ways = |topic: &'static Topic| ways_to_say(topic).into_iter().map(move |words| (topic, words));
    of_kind(TopicKind::Status).flat_map(ways).collect()
});

/// The notations of a status: with its phrase, or after words that precede statuses.
fn ways_to_say(status: &Topic) -> Vec<String> {
    const BEFORE: [&str; 15] = [
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
    let number = &status.name;
    let phrase = format!("{number} {}", status.title).to_lowercase();
    let named = [phrase, format!("{number} client error"), format!("{number} server error")];
    let aliases = status.aliases.iter().map(|alias| alias.to_lowercase());
    named.into_iter().chain(aliases).chain(BEFORE.iter().map(|before| format!("{before}{number}"))).collect()
}

fn of_kind(wanted: TopicKind) -> impl Iterator<Item = &'static Topic> {
    topics().filter(move |(kind, _)| *kind == wanted).map(|(_, topic)| topic)
}

/// Returns `true` if a line may name a cause, or the image of one.
pub(super) fn may_be_in(line: &[u8]) -> bool {
    INDEX.words.is_match(line)
}

/// Scans a text for words of the tables.
pub(super) fn hints(text: &str) -> Hints {
    let mut hints = Hints::default();
    for found in INDEX.words.find_overlapping_iter(text) {
        match INDEX.shows[found.pattern().as_usize()] {
            Shows::Text(at) => hints.texts.push(at),
            Shows::Code(code) if is_word(text, found.range()) && text[found.range()] == code.name => {
                hints.code = hints.code.filter(|(first, _)| *first < found.start()).or(Some((found.start(), code)));
            }
            Shows::Code(_) => {}
            Shows::Status(at) => hints.status = Some(hints.status.map_or(at, |first| first.min(at))),
            Shows::Image => hints.image = true,
            Shows::Client => hints.client = true,
        }
    }
    hints.texts.sort_unstable();
    hints.texts.dedup();
    hints
}

/// Returns `true` if a part of a text is a whole word in the notation of error codes.
fn is_word(text: &str, part: Range<usize>) -> bool {
    let is_of_code = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    let (before, after) = (text.as_bytes()[..part.start].last(), text.as_bytes()[part.end..].first());
    !before.is_some_and(is_of_code) && !after.is_some_and(is_of_code)
}

/// The cause of a message; `None` if nothing in it is known.
pub(super) fn cause(text: &Pasted, hints: &Hints) -> Option<Recognized> {
    let by_text = by_text(text, hints);
    if by_text.as_ref().is_some_and(|found| !found.is_general) {
        return by_text;
    }
    hints.code.map(|(_, code)| of_code(code)).or_else(|| of_status(text, hints.status?)).or(by_text)
}

fn by_text(text: &Pasted, hints: &Hints) -> Option<Recognized> {
    let known = error_texts();
    let fitting = |at: &usize| Some((*at, text.recognized_by(&known[*at].wording)?));
    let mut found = hints.texts.iter().filter_map(fitting);
    let first = found.next()?;
    // A general text counts only if nothing more specific matches.
    let (at, words) = match known[first.0].general {
        true => found.find(|(at, _)| !known[*at].general).unwrap_or(first),
        false => first,
    };
    Some(of_text(&known[at], at, words))
}

fn of_text(known: &'static ErrorText, rank: usize, words: &str) -> Recognized {
    Recognized {
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

fn of_code(code: &'static Topic) -> Recognized {
    let says = format!("the registry answered {}, which often means: {}", code.name, first_sentence(&code.means));
    of_topic(code, code.name.clone(), says)
}

fn of_status(text: &Pasted, at: usize) -> Option<Recognized> {
    let (status, words) = &STATUSES[at];
    // Statuses such as the 200 of a proxy's tunnel explain no failure.
    if status.name.starts_with('2') || is_of_something_else(text) {
        return None;
    }
    let says = format!(
        "the answer was {} {}, which often means: {}",
        status.name,
        status.title,
        first_sentence(&status.means)
    );
    Some(of_topic(status, words.clone(), says))
}

/// Returns `true` if the text has a URL that is unrelated to images: that of an operating system's or a language's
/// package.
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

fn of_topic(topic: &'static Topic, words: String, says: String) -> Recognized {
    Recognized {
        words,
        says,
        rules: topic.rules.iter().map(String::as_str).collect(),
        fault: AtFault::Unclear,
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
