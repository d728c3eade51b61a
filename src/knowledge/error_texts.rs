//! The error messages of clients, recognized by words that only they use; and rules as their likely causes.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::written_by;

/// The words by which a text is recognized, all in lower case.
#[derive(Debug, Clone, Deserialize)]
pub struct Wording {
    /// One of these has to occur; `…` matches anything in between.
    pub any: Vec<String>,
    /// One of these too, if there are any.
    #[serde(default)]
    pub with: Vec<String>,
    /// None of these may occur.
    #[serde(default)]
    pub without: Vec<String>,
}

/// An error message of a client.
#[derive(Debug, Clone, Deserialize)]
pub struct ErrorText {
    /// The words by which it is recognized.
    #[serde(flatten)]
    pub wording: Wording,
    /// Its meaning, without a final stop; `{image}` is replaced by the reference.
    pub says: String,
    /// The likely causes, likeliest first. Empty if a registry's answers cannot show the cause.
    pub rules: Vec<String>,
    /// The party at fault.
    pub fault: AtFault,
    /// The client that prints it, if it is only one.
    pub client: Option<String>,
    /// Whether it only reports a failure, so that any more specific message in the same text is the cause.
    #[serde(default)]
    pub general: bool,
    /// The fix, if no rule gives one.
    pub advice: Option<String>,
    /// The fix if Kubernetes prints it.
    pub in_kubernetes: Option<String>,
    /// The date of the last check of the entry, `YYYY-MM-DD`.
    pub checked: String,
    /// The source of the entry.
    pub source: String,
}

/// The party at fault according to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AtFault {
    /// The client, its configuration, or the machine or cluster that it runs on; not a registry.
    Client,
    /// The network between the client and the registry: names, connections, proxies, certificates.
    Network,
    /// The registry, a server in front of it, or its backend.
    Registry,
    /// The published content: the image, its index, its layers.
    Image,
    /// The requested name, tag or digest.
    Name,
    /// The credentials, or their permissions.
    Login,
    /// A limit on requests or pulls.
    Limit,
    /// The text does not say.
    Unclear,
}

impl AtFault {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Network => "network",
            Self::Registry => "registry",
            Self::Image => "image",
            Self::Name => "name",
            Self::Login => "login",
            Self::Limit => "limit",
            Self::Unclear => "unclear",
        }
    }
}

written_by!(AtFault::as_str { Client, Network, Registry, Image, Name, Login, Limit, Unclear });

/// A client, and the words by which it is recognized.
#[derive(Debug, Clone, Deserialize)]
pub struct Client {
    /// The name of the client.
    pub name: String,
    /// Words before its version number.
    #[serde(default)]
    pub version: Vec<String>,
    /// Whether it pulls for Kubernetes Pods, with their pull secrets.
    #[serde(default)]
    pub kubernetes: bool,
    /// The words by which it is recognized.
    #[serde(flatten)]
    pub wording: Wording,
}

/// A rule as one of several likely causes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The rule.
    pub rule: String,
    /// The cause in a few words.
    pub why: String,
    /// Only if the reference has such a tag.
    pub tag: Option<TagKind>,
    /// Only for references that begin with one of these.
    #[serde(default)]
    pub under: Vec<String>,
    /// Only if the request went to one of these hosts, or the text does not name the host; `*.` matches any beginning.
    #[serde(default)]
    pub at: Vec<String>,
    /// Never if the request went to one of these hosts.
    #[serde(default)]
    pub not_at: Vec<String>,
    /// Before all others if the request went to one of these hosts.
    #[serde(default)]
    pub first_at: Vec<String>,
    /// The fix if Kubernetes pulls.
    pub in_kubernetes: Option<String>,
}

/// The kinds of tags to which some causes are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagKind {
    /// `latest`.
    Latest,
    /// A version: `1.2.3`, with or without a `v`.
    Version,
    /// A digest instead of a tag.
    Digest,
}

#[derive(Deserialize)]
struct TextsFile {
    text: Vec<ErrorText>,
}

#[derive(Deserialize)]
struct ClientsFile {
    client: Vec<Client>,
}

#[derive(Deserialize)]
struct CausesFile {
    cause: Vec<Cause>,
}

/// The reason that a file is valid.
const READ: &str = "the file is part of the program, and a test reads it";

/// The texts, by families of clients. Specific ones come before general ones, in each file and from file to file.
const FAMILIES: [&str; 12] = [
    include_str!("error_texts/tools.toml"),
    include_str!("error_texts/hpc.toml"),
    include_str!("error_texts/policy.toml"),
    include_str!("error_texts/kubernetes.toml"),
    include_str!("error_texts/machine.toml"),
    include_str!("error_texts/negotiation.toml"),
    include_str!("error_texts/content.toml"),
    include_str!("error_texts/names.toml"),
    include_str!("error_texts/credentials.toml"),
    include_str!("error_texts/limits.toml"),
    include_str!("error_texts/network.toml"),
    include_str!("error_texts/missing.toml"),
];
const GENERAL: &str = include_str!("error_texts/general.toml");

static TEXTS: LazyLock<Vec<ErrorText>> = LazyLock::new(|| {
    let read = |file: &&str| toml::from_str::<TextsFile>(file).expect(READ).text;
    let general = read(&GENERAL).into_iter().map(|text| ErrorText { general: true, ..text });
    FAMILIES.iter().flat_map(read).chain(general).collect()
});
static CLIENTS: LazyLock<Vec<Client>> =
    LazyLock::new(|| toml::from_str::<ClientsFile>(include_str!("clients.toml")).expect(READ).client);
static CAUSES: LazyLock<Vec<Cause>> =
    LazyLock::new(|| toml::from_str::<CausesFile>(include_str!("causes.toml")).expect(READ).cause);

/// The error messages of clients, specific ones before general ones.
pub fn error_texts() -> &'static [ErrorText] {
    &TEXTS
}

/// The clients, outer programs before those that they call.
pub fn clients() -> &'static [Client] {
    &CLIENTS
}

/// The rules that are likely causes of an error message.
pub fn causes() -> &'static [Cause] {
    &CAUSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_dated_and_names_its_source() {
        for text in error_texts() {
            let first = &text.wording.any[0];
            assert!(text.checked.len() == 10 && !text.source.is_empty(), "{first}");
            assert!(!text.says.ends_with('.') && !text.says.contains(". "), "{first}");
            assert!(!text.rules.is_empty() || text.advice.is_some(), "{first} has neither rules nor advice");
        }
    }

    #[test]
    fn wordings_are_in_lower_case() {
        let wordings = error_texts().iter().map(|text| &text.wording);
        for wording in wordings.chain(clients().iter().map(|client| &client.wording)) {
            assert!(!wording.any.is_empty());
            for words in wording.any.iter().chain(&wording.with).chain(&wording.without) {
                assert_eq!(*words, words.to_lowercase());
            }
        }
    }

    /// A flattened struct cannot refuse unknown fields, so this test does.
    #[test]
    fn no_entry_has_an_unknown_field() {
        let fields = [
            "name",
            "any",
            "with",
            "without",
            "says",
            "rules",
            "fault",
            "client",
            "general",
            "advice",
            "in_kubernetes",
            "checked",
            "source",
            "version",
            "kubernetes",
        ];
        for file in FAMILIES.into_iter().chain([GENERAL, include_str!("clients.toml")]) {
            let file: toml::Table = toml::from_str(file).unwrap();
            let entries = file.values().flat_map(|list| list.as_array().unwrap());
            for entry in entries.map(|entry| entry.as_table().unwrap()) {
                assert!(entry.keys().all(|field| fields.contains(&field.as_str())), "{entry:?}");
            }
        }
    }

    /// If no registry is at fault, no rule of `diagnose` can show it.
    #[test]
    fn text_without_rules_has_advice() {
        for text in error_texts().iter().filter(|text| text.rules.is_empty()) {
            assert!(text.advice.is_some(), "{}", text.wording.any[0]);
        }
    }

    #[test]
    fn cause_is_short_and_occurs_once() {
        for (at, cause) in causes().iter().enumerate() {
            assert!(cause.why.chars().count() <= 80 && !cause.why.ends_with('.'), "{}", cause.rule);
            assert!(causes()[..at].iter().all(|other| other.rule != cause.rule), "{} occurs twice", cause.rule);
        }
    }
}
