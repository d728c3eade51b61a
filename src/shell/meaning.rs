//! What a line means: a command, a reference that is probed, or neither.
//!
//! A line that is neither may be a password: typed after an answer that asked for a login, or into the wrong window. So it
//! is asked of nobody, it is not repeated in the answer, and it is not kept. The answer names the command that would do
//! what was probably wanted.
//!
//! A reference without a command is taken for one only where it parses and has a `/`, a `:tag` or an `@digest`. Right
//! after an answer that asked for a login it never is, because passwords have these characters too.

use std::path::Path;

use clap::Command;

use super::commands::{LOGIN, may_be_given_a_password, spec};
use super::error::Refused;
use super::grammar::positionals;
use super::line::{Line, Scan};
use super::state::State;
use super::target::{is_hex, is_number};
use super::{foreign, target};
use crate::commands::PROBE;
use crate::diagnosis::catalogue;
use crate::knowledge::{known_registry, topics};
use crate::oci::{Host, Reference};

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Its first word is a command.
    Command,
    /// It is a reference, or a short form of one, with nothing but options after it.
    Place,
    /// It is neither.
    Refused(Refused),
}

/// What the words of a line mean. There is at least one.
pub(super) fn meaning(words: &[String], grammar: &Command, state: &State) -> Meaning {
    let Some((first, behind)) = words.split_first() else { return Meaning::Command };
    if grammar.find_subcommand(first).is_some() || first == "--help" || first == "-h" {
        return Meaning::Command;
    }
    if state.guard.expects_command {
        return Meaning::Refused(Refused::AfterLogin);
    }
    let has_other_words =
        grammar.find_subcommand(PROBE.name).is_some_and(|probe| !positionals(probe, behind).is_empty());
    if let Some((name, advice)) = foreign::advice(first) {
        let logs_in = behind.iter().any(|word| word == LOGIN.name);
        let advice = if logs_in { foreign::LOGIN } else { advice };
        return Meaning::Refused(Refused::Foreign { name, advice, logs_in: logs_in || name == "su" });
    }
    if let Some(meant) = nearest(first, grammar) {
        let (alone, logs_in) = (behind.is_empty(), meant == LOGIN.name);
        return Meaning::Refused(Refused::Misspelt { typed: first.clone(), meant: meant.to_owned(), alone, logs_in });
    }
    let place = if has_other_words { Err(Refused::Text) } else { place(first, state) };
    match place {
        Ok(()) => Meaning::Place,
        Err(refused) => Meaning::Refused(refused),
    }
}

/// The words of a line as the grammar reads them.
pub(super) fn words(line: Line) -> Vec<String> {
    let mut words: Vec<String> = line.words.into_iter().map(|word| word.text).collect();
    // Commands are copied from reports and pages, where the program stands in front.
    if words.first().is_some_and(|word| word == "ociscope") {
        words.remove(0);
    }
    let leading = words.iter().take_while(|word| word.starts_with("--") && *word != "--help").count();
    if leading < words.len() {
        words.rotate_left(leading);
    }
    words
}

/// Whether a line may be offered for typing again before it is known what comes of it. A `login` may be one that has a
/// password where a registry should be.
pub(super) fn may_be_kept(text: &str, grammar: &Command, state: &State) -> bool {
    let words = words(Scan::of(text).line);
    let Some(first) = words.first() else { return false };
    match meaning(&words, grammar, state) {
        // After `-p` other programs take a password.
        Meaning::Command if logs_in(&words, grammar) => !words.iter().any(|word| word.starts_with("-p")),
        Meaning::Command => !may_be_given_a_password(first),
        Meaning::Place => true,
        Meaning::Refused(refused) => refused.may_be_kept(),
    }
}

/// Whether the words are a command other than `login` that is to log in, by an option of ours or one of other programs.
pub(super) fn logs_in(words: &[String], grammar: &Command) -> bool {
    let Some((first, behind)) = words.split_first() else { return false };
    let Some(command) = grammar.find_subcommand(first).filter(|command| command.get_name() != LOGIN.name) else {
        return false;
    };
    // What is explained is text, and begins as it likes.
    let is_text = spec(command.get_name()).is_some_and(|spec| spec.text.is_some());
    behind.iter().any(|word| {
        let name = word.split('=').next().unwrap_or_default();
        let is_long = matches!(name, "--username" | "--user" | "--password" | "--password-stdin" | "--login-host");
        is_long || (!is_text && ["-u", "-p"].iter().any(|short| word.starts_with(short)))
    })
}

/// The registry that the words of a command are about.
pub(super) fn registry(words: &[String], grammar: &Command, state: &State) -> Option<Host> {
    let (first, behind) = words.split_first()?;
    let at = positionals(grammar.find_subcommand(first)?, behind);
    let named = at.into_iter().find_map(|at| Reference::parse(&behind[at]).ok().filter(|_| behind[at].contains('/')));
    named.as_ref().or(state.current.as_ref()).map(|reference| reference.registry().clone())
}

/// Whether a word alone is a place that is probed.
fn place(word: &str, state: &State) -> Result<(), Refused> {
    let is_somewhere = || state.current.is_some().then_some(()).ok_or(Refused::Nowhere);
    if let Some(tag) = word.strip_prefix(':') {
        return match &state.current {
            Some(current) => current.with_tag(tag).map(|_| ()).map_err(|_| Refused::NoReference),
            None => Err(Refused::Nowhere),
        };
    }
    if is_number(word) {
        let entry = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        return match entry.and_then(|entry| state.list.entries.get(entry)) {
            Some(_) => Ok(()),
            None => Err(topic(word).unwrap_or(Refused::NoEntry)),
        };
    }
    if target::platform(word).is_some() {
        return is_somewhere();
    }
    if let Some(start) = target::digest_start(word) {
        // A whole digest with its algorithm says what it is.
        let is_named = !is_hex(word) && start.parse::<crate::oci::Digest>().is_ok();
        let is_known = is_named || state.seen.digests().any(|seen| seen.starts_with(&start));
        return if is_known { is_somewhere() } else { Err(Refused::UnknownDigest) };
    }
    if Path::new(word).is_file() {
        return Err(Refused::File);
    }
    let has_mark = word.contains(['/', ':', '@']);
    if has_mark && (Reference::parse(word).is_ok_and(|it| is_host(it.registry())) || names_known_registry(word, state))
    {
        return Ok(());
    }
    Err(match has_mark {
        true => Refused::NoReference,
        false => topic(word).unwrap_or(Refused::Word),
    })
}

/// Whether a host has a dot or a port, or is this machine. Without either, a reference has one only by a capital letter in
/// its first part, and words that are no references have those too.
fn is_host(host: &Host) -> bool {
    host.name().contains(['.', ':']) || host.port().is_some() || host.is_loopback()
}

/// A word that `explain` knows. What everybody knows is no secret.
fn topic(word: &str) -> Option<Refused> {
    let is_rule = catalogue().iter().any(|rule| rule.name == word);
    let is_known = is_rule || topics().any(|(_, topic)| topic.name.eq_ignore_ascii_case(word));
    is_known.then(|| Refused::Topic(word.to_owned()))
}

/// Whether a word begins with the host of a known registry, or of the current one, and a slash: then it is meant as a
/// reference, and what is wrong with it is worth saying.
fn names_known_registry(word: &str, state: &State) -> bool {
    let bare = ["https://", "http://", "docker://"].iter().find_map(|scheme| word.strip_prefix(scheme)).unwrap_or(word);
    let Some((host, _)) = bare.split_once('/') else { return false };
    let is_current = |host: &Host| state.current.as_ref().is_some_and(|current| current.registry() == host);
    !bare.contains('@')
        && host.parse::<Host>().is_ok_and(|host| known_registry(host.name()).is_some() || is_current(&host))
}

/// The command that a word is a misspelling of: the same letters but for one, or two in a long name. Nothing less alike,
/// because the word is repeated.
fn nearest<'a>(word: &str, grammar: &'a Command) -> Option<&'a str> {
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let names = grammar.get_subcommands().map(Command::get_name);
    let distances = names.map(|name| (strsim::damerau_levenshtein(name, &word), name));
    let close = distances.filter(|(distance, name)| *distance <= if name.len() < 6 { 1 } else { 2 });
    close.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}
