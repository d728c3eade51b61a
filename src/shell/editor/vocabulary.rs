//! The words that can be completed. Names from servers and files are added only if they match their grammar: other names
//! could act on the terminal, or on the command that they become part of.

use std::collections::BTreeSet;

use clap::Command;

use crate::oci::{Digest, Host};
use crate::text::is_safe;

/// The most names of a kind.
const MOST: usize = 20_000;

/// The words that can be completed.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// The commands and their options.
    pub grammar: Command,
    /// Short names of media types, and the types.
    pub accept: Vec<(String, String)>,
    /// Rules.
    pub rules: Vec<String>,
    /// Codes, statuses, headers and media types that `explain` knows.
    pub topics: Vec<String>,
    /// Settings, and their meaning.
    pub settings: Vec<(String, String)>,
    /// Scenarios of the lab.
    pub scenarios: Vec<String>,
    /// The number of exchanges.
    pub exchanges: u64,
    /// Whether the line is the answer to a question and not a command.
    pub is_question: bool,
    /// The command that the tutorial proposes; empty if there is none.
    pub proposed: String,
    /// Lines of the history that are not suggested.
    pub not_suggested: BTreeSet<String>,
    registries: Vec<String>,
    repository: Option<String>,
    tags: Vec<String>,
    digests: Vec<String>,
    platforms: Vec<String>,
}

impl Vocabulary {
    /// A vocabulary with nothing but commands.
    pub fn new(grammar: Command) -> Self {
        Self {
            grammar,
            accept: Vec::new(),
            rules: Vec::new(),
            topics: Vec::new(),
            settings: Vec::new(),
            scenarios: Vec::new(),
            exchanges: 0,
            is_question: false,
            proposed: String::new(),
            not_suggested: BTreeSet::new(),
            registries: Vec::new(),
            repository: None,
            tags: Vec::new(),
            digests: Vec::new(),
            platforms: Vec::new(),
        }
    }

    /// Hosts of registries.
    pub fn set_registries(&mut self, hosts: Vec<String>) {
        self.registries = fitting(hosts, |host| host.parse::<Host>().is_ok());
    }

    /// The current repository with its host: `ghcr.io/o/n`. Tags of the previous one are removed.
    pub fn set_repository(&mut self, repository: Option<String>) {
        let repository = repository.filter(|name| name.chars().all(is_safe));
        if repository != self.repository {
            self.tags.clear();
        }
        self.repository = repository;
    }

    /// Its tags (distribution-spec, "Pulling manifests").
    pub fn set_tags(&mut self, tags: Vec<String>) {
        let begins = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let goes_on = |byte: u8| begins(byte) || byte == b'.' || byte == b'-';
        self.tags =
            fitting(tags, |tag| tag.len() <= 128 && tag.bytes().next().is_some_and(begins) && tag.bytes().all(goes_on));
    }

    /// Known digests.
    pub fn set_digests(&mut self, digests: Vec<String>) {
        self.digests = fitting(digests, |digest| digest.parse::<Digest>().is_ok());
    }

    /// Known platforms.
    pub fn set_platforms(&mut self, platforms: Vec<String>) {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.';
        let part = |part: &str| !part.is_empty() && part.len() <= 32 && part.bytes().all(plain);
        self.platforms = fitting(platforms, |platform| {
            (1..=2).contains(&platform.matches('/').count()) && platform.split('/').all(part)
        });
    }

    /// See [`Vocabulary::set_registries`].
    pub fn registries(&self) -> &[String] {
        &self.registries
    }

    /// See [`Vocabulary::set_repository`].
    pub fn repository(&self) -> Option<&str> {
        self.repository.as_deref()
    }

    /// See [`Vocabulary::set_tags`].
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// See [`Vocabulary::set_digests`].
    pub fn digests(&self) -> &[String] {
        &self.digests
    }

    /// See [`Vocabulary::set_platforms`].
    pub fn platforms(&self) -> &[String] {
        &self.platforms
    }
}

fn fitting(names: Vec<String>, fits: impl Fn(&str) -> bool) -> Vec<String> {
    names.into_iter().filter(|name| fits(name)).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_does_not_match_its_grammar_is_left_out() {
        let mut vocabulary = Vocabulary::new(Command::new("x"));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        vocabulary.set_tags(names(&["1.0", "-x", "a b", "a\u{1b}[2J", "$(id)", "", "_ok"]));
        assert_eq!(vocabulary.tags(), ["1.0", "_ok"]);
        vocabulary.set_platforms(names(&[
            "linux/amd64",
            "linux/arm/v7",
            "linux",
            "a/b/c/d",
            "linux/\u{202e}",
            "l x/a",
        ]));
        assert_eq!(vocabulary.platforms(), ["linux/amd64", "linux/arm/v7"]);
        let digest = format!("sha256:{}", "0a".repeat(32));
        vocabulary.set_digests(names(&[&digest, "sha256:short", "sha256:\u{7}"]));
        assert_eq!(vocabulary.digests(), [digest]);
        vocabulary.set_registries(names(&["gcr.io", "r.test:5000", "no host", "-"]));
        assert_eq!(vocabulary.registries(), ["gcr.io", "r.test:5000"]);
        vocabulary.set_repository(Some("gcr.io/a\u{1b}".to_owned()));
        assert_eq!(vocabulary.repository(), None);
    }
}
