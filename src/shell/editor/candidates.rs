//! The candidates for completion at a place, before they are filtered by what is typed.

use clap::{Arg, Command};

use super::Vocabulary;
use super::place::What;
use crate::cli::{LAB, USUAL_PLATFORMS};
use crate::shell::sticky::{SWITCHES, Sticky};

/// A candidate for completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The text to insert.
    pub text: String,
    /// A short description; may be empty.
    pub about: String,
}

/// The digits of a short digest.
const SHORT: usize = 12;
/// The most exchanges that are offered, newest first.
const NUMBERS: u64 = 10;

/// All candidates at a place; `typed` decides which kind of reference is meant.
pub(super) fn candidates(what: &What<'_>, typed: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    match what {
        What::Command if typed.contains(['/', ':', '@']) => references(typed, vocabulary),
        What::Command => commands(&vocabulary.grammar),
        What::Option(command, said) => options(command, said),
        What::Value(argument, said) => values(argument, said, typed, vocabulary),
        What::File | What::Unknown => Vec::new(),
    }
}

fn named(names: impl IntoIterator<Item = impl Into<String>>) -> Vec<Candidate> {
    names.into_iter().map(|name| Candidate { text: name.into(), about: String::new() }).collect()
}

fn described<'a>(names: impl IntoIterator<Item = &'a (String, String)>) -> Vec<Candidate> {
    let candidate = |(text, about): &(String, String)| Candidate { text: text.clone(), about: about.clone() };
    names.into_iter().map(candidate).collect()
}

fn commands(above: &Command) -> Vec<Candidate> {
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    above
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| Candidate { text: command.get_name().to_owned(), about: about(command) })
        .collect()
}

/// The options that are not given yet, or may be repeated. Those of the command itself come first.
fn options(command: &Command, said: &[String]) -> Vec<Candidate> {
    let is_said = |name: &str| said.iter().any(|word| word.split('=').next() == Some(&format!("--{name}")));
    let repeats = |argument: &Arg| matches!(argument.get_action(), clap::ArgAction::Append);
    let of = |is_global: bool| {
        let own = command
            .get_arguments()
            .filter(move |argument| argument.is_global_set() == is_global && !argument.is_hide_set());
        own.filter_map(|argument| {
            let name = argument.get_long().filter(|name| !is_said(name) || repeats(argument))?;
            let about = argument.get_help().map(ToString::to_string).unwrap_or_default();
            Some(Candidate { text: format!("--{name}"), about })
        })
        .collect::<Vec<_>>()
    };
    let mut found = if command.has_subcommands() { commands(command) } else { Vec::new() };
    found.extend(of(false));
    found.extend(of(true));
    found
}

fn values(argument: &Arg, said: &[String], typed: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    let known = argument.get_possible_values();
    let is_flag = !argument.get_action().takes_values();
    if !known.is_empty() && !is_flag {
        let about =
            |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
        let candidate = |value| Candidate { about: about(&value), text: value.get_name().to_owned() };
        return known.into_iter().map(candidate).collect();
    }
    match argument.get_id().as_str() {
        "accept" => described(&vocabulary.accept),
        "platform" => platforms(vocabulary),
        LAB | "scenario" => named(&vocabulary.scenarios),
        "reference" | "references" | "target" => references(typed, vocabulary),
        "path" => paths(typed, vocabulary),
        "registry" | "server" | "trust_realm" => named(vocabulary.registries().to_vec()),
        "topic" => named(vocabulary.rules.iter().chain(&vocabulary.topics)),
        "command" => commands(&vocabulary.grammar),
        "setting" => described(&vocabulary.settings),
        "values" => set_values(said.first().map_or("", String::as_str), vocabulary),
        "number" | "numbers" => {
            let first = vocabulary.exchanges.saturating_sub(NUMBERS) + 1;
            named((first..=vocabulary.exchanges).rev().map(|number| number.to_string()))
        }
        _ => Vec::new(),
    }
}

fn set_values(name: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    match Sticky::known(name) {
        Some("accept") => described(&vocabulary.accept),
        Some("platform") => platforms(vocabulary),
        Some("format") => named(["terminal", "markdown", "html", "json"]),
        Some("color") => named(["auto", "always", "never"]),
        Some("trust-realm") => named(vocabulary.registries().to_vec()),
        Some(switch) if SWITCHES.contains(&switch) => named(["on", "off"]),
        _ => Vec::new(),
    }
}

fn platforms(vocabulary: &Vocabulary) -> Vec<Candidate> {
    let usual = USUAL_PLATFORMS.map(str::to_owned);
    let mut all: Vec<String> = vocabulary.platforms().iter().cloned().chain(usual).collect();
    all.sort();
    all.dedup();
    named(all)
}

/// References of the kind that is typed: a tag, a digest, a full reference, or any.
fn references(typed: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    let tags = vocabulary.tags().iter();
    if typed.starts_with(':') {
        return named(tags.map(|tag| format!(":{tag}")));
    }
    if typed.starts_with('@') {
        return named(digests(vocabulary).map(|digest| format!("@{digest}")));
    }
    if typed.starts_with("sha") {
        return named(digests(vocabulary));
    }
    let in_full = vocabulary.repository().filter(|name| typed.starts_with(&format!("{name}:")));
    if let Some(name) = in_full {
        return named(tags.map(|tag| format!("{name}:{tag}")));
    }
    let mut found = named(tags.map(|tag| format!(":{tag}")).filter(|_| typed.is_empty()));
    found.extend(named(vocabulary.repository().map(str::to_owned)));
    found.extend(named(vocabulary.registries().iter().map(|host| format!("{host}/"))));
    found.extend(named(vocabulary.platforms().to_vec()));
    found
}

fn digests(vocabulary: &Vocabulary) -> impl Iterator<Item = String> + '_ {
    let short = |digest: &String| match digest.split_once(':') {
        Some((algorithm, hex)) => format!("{algorithm}:{}", hex.get(..SHORT).unwrap_or(hex)),
        None => digest.clone(),
    };
    vocabulary.digests().iter().map(short)
}

/// Paths below the current repository or registry.
fn paths(typed: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    for family in ["manifests/", "blobs/", "referrers/"] {
        if typed.starts_with(family) {
            let tags = vocabulary.tags().iter().filter(|_| family == "manifests/").cloned();
            return named(tags.chain(digests(vocabulary)).map(|name| format!("{family}{name}")));
        }
    }
    named(["manifests/", "blobs/", "tags/list", "referrers/", "/v2/", "/v2/_catalog"])
}
