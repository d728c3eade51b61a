//! What clients print when a pull fails, by the words that only they use; and rules as likely causes of it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::written_by;

/// By which words a text is recognised. All are in lower case.
#[derive(Debug, Clone, Deserialize)]
pub struct Wording {
    /// One of these has to occur; `…` in one stands for anything in between.
    pub any: Vec<String>,
    /// One of these too, where there are some.
    #[serde(default)]
    pub with: Vec<String>,
    /// None of these.
    #[serde(default)]
    pub without: Vec<String>,
}

/// Something that clients print.
#[derive(Debug, Clone, Deserialize)]
pub struct ErrorText {
    /// How it is recognised.
    #[serde(flatten)]
    pub wording: Wording,
    /// What it means, without a full stop; `{image}` stands for the reference.
    pub says: String,
    /// The likely causes, likeliest first. There are none where a registry's answers cannot show the cause.
    pub rules: Vec<String>,
    /// Who is at fault.
    pub fault: AtFault,
    /// The client that prints it, where only one does.
    pub client: Option<String>,
    /// Whether it says only that something failed, so that anything more particular in the same text is the cause.
    #[serde(default)]
    pub general: bool,
    /// What to do where no rule says it.
    pub advice: Option<String>,
    /// What to do instead where Kubernetes says it.
    pub in_kubernetes: Option<String>,
    /// When the entry was last checked, `YYYY-MM-DD`.
    pub checked: String,
    /// Where it is from.
    pub source: String,
}

/// Where the fault is that a text speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AtFault {
    /// The client, its configuration, or the machine or cluster that it runs on; no registry.
    Client,
    /// The network between the client and the registry: names, connections, proxies, certificates.
    Network,
    /// The registry, or what is in front of it or behind it.
    Registry,
    /// What was published: the image, its index, its layers.
    Image,
    /// The name, tag or digest that was asked for.
    Name,
    /// The login, or its rights.
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

/// A client, and how it is recognised.
#[derive(Debug, Clone, Deserialize)]
pub struct Client {
    /// What people call it.
    pub name: String,
    /// Words that stand before its version.
    #[serde(default)]
    pub version: Vec<String>,
    /// Whether it pulls for Pods of Kubernetes, with their pull secrets.
    #[serde(default)]
    pub kubernetes: bool,
    /// How it is recognised.
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
    /// Only where the reference has such a tag.
    pub tag: Option<TagKind>,
    /// Only for references that begin with one of these.
    #[serde(default)]
    pub under: Vec<String>,
    /// Only where one of these hosts was asked, or the text does not say which; `*.` stands for any beginning.
    #[serde(default)]
    pub at: Vec<String>,
    /// Never where one of these hosts was asked.
    #[serde(default)]
    pub not_at: Vec<String>,
    /// Before all others where one of these hosts was asked.
    #[serde(default)]
    pub first_at: Vec<String>,
    /// What to do about it where Kubernetes pulls.
    pub in_kubernetes: Option<String>,
}

/// Kinds of tags that only some causes are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagKind {
    /// `latest`.
    Latest,
    /// A version: `1.2.3`, with or without a `v`.
    Version,
    /// A digest in the place of a tag.
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

/// Why a file can be read.
const READ: &str = "the file is part of the program, and a test reads it";

/// The texts, by families of clients. What says more is before what says less, in each file and from file to file.
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

/// What clients print, what says more before what says less.
pub fn error_texts() -> &'static [ErrorText] {
    &TEXTS
}

/// The clients, outer programs before those that they call.
pub fn clients() -> &'static [Client] {
    &CLIENTS
}

/// The rules that are likely causes of something.
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
            assert!(!text.rules.is_empty() || text.advice.is_some(), "{first} leaves people alone");
        }
    }

    #[test]
    fn wordings_are_in_lower_case_because_texts_are_read_so() {
        let wordings = error_texts().iter().map(|text| &text.wording);
        for wording in wordings.chain(clients().iter().map(|client| &client.wording)) {
            assert!(!wording.any.is_empty());
            for words in wording.any.iter().chain(&wording.with).chain(&wording.without) {
                assert_eq!(*words, words.to_lowercase());
            }
        }
    }

    /// What is flattened cannot refuse what it does not know, so that is done here.
    #[test]
    fn no_entry_has_a_field_that_nobody_reads() {
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

    /// Where no registry is at fault, no rule of `diagnose` can show it.
    #[test]
    fn text_without_rules_says_who_is_at_fault_instead() {
        for text in error_texts().iter().filter(|text| text.rules.is_empty()) {
            assert!(text.advice.is_some(), "{}", text.wording.any[0]);
        }
    }

    #[test]
    fn a_cause_is_told_in_a_few_words_and_once() {
        for (at, cause) in causes().iter().enumerate() {
            assert!(cause.why.chars().count() <= 80 && !cause.why.ends_with('.'), "{}", cause.rule);
            assert!(causes()[..at].iter().all(|other| other.rule != cause.rule), "{} stands twice", cause.rule);
        }
    }
}
