//! The meaning of a line: a command, a reference that is probed, or neither.
//!
//! A line that is neither may be a password, typed after an answer that requires authentication or into the wrong window. So
//! it is not sent, not repeated in the error, and not kept. The error names the command that was likely meant.
//!
//! A reference without a command is probed only if it is valid and has a `/`, a `:tag` or an `@digest`. Right after an
//! answer that requires authentication it never is, because passwords contain these characters too.

use std::path::Path;

use clap::Command;

use super::commands::{CURL, LOGIN, may_be_given_a_password, spec};
use super::error::Refused;
use super::grammar::positionals;
use super::line::{Line, Scan};
use super::state::State;
use super::target::{self, is_hex, is_number};
use crate::cli::{Door, foreign, has_mark, host_of, is_topic, names_known_registry};
use crate::commands::PROBE;
use crate::oci::{Host, Reference};

/// The meaning of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A command.
    Command,
    /// A reference, or a short form of one, with nothing but options after it.
    Place,
    /// Neither.
    Refused(Refused),
}

/// The meaning of the words of a line. There is at least one.
pub(super) fn meaning(words: &[String], grammar: &Command, state: &State) -> Meaning {
    let Some((first, rest)) = words.split_first() else { return Meaning::Command };
    if grammar.find_subcommand(first).is_some() || first == "--help" || first == "-h" {
        return Meaning::Command;
    }
    if state.guard.expects_command {
        return Meaning::Refused(Refused::AfterLogin);
    }
    let has_other_words = grammar.find_subcommand(PROBE.name).is_some_and(|probe| !positionals(probe, rest).is_empty());
    if let Some(foreign) = foreign(words, Door::Shell) {
        return Meaning::Refused(Refused::Foreign(foreign));
    }
    if let Some(meant) = nearest(first, grammar) {
        let (alone, logs_in) = (rest.is_empty(), meant == LOGIN.name);
        return Meaning::Refused(Refused::Misspelled { typed: first.clone(), meant: meant.to_owned(), alone, logs_in });
    }
    let place = if has_other_words { Err(Refused::Text) } else { place(first, state) };
    match place {
        Ok(()) => Meaning::Place,
        Err(refused) => Meaning::Refused(refused),
    }
}

/// The words of a line, as the grammar parses them.
pub(super) fn words(line: Line) -> Vec<String> {
    let mut words: Vec<String> = line.words.into_iter().map(|word| word.text).collect();
    // Commands copied from reports and pages begin with the name of the program.
    if words.first().is_some_and(|word| word == "ociscope") {
        words.remove(0);
    }
    let leading = words.iter().take_while(|word| word.starts_with("--") && *word != "--help").count();
    if leading < words.len() {
        words.rotate_left(leading);
    }
    words
}

/// Whether a line may be kept in the history before it is run. A `login` may contain a password instead of a registry.
pub(super) fn may_be_kept(text: &str, grammar: &Command, state: &State) -> bool {
    let words = words(Scan::of(text).line);
    let Some(first) = words.first().filter(|_| !is_pasted_curl(&words)) else { return false };
    match meaning(&words, grammar, state) {
        // Other programs take a password after `-p`.
        Meaning::Command if logs_in(&words, grammar) => !words.iter().any(|word| word.starts_with("-p")),
        Meaning::Command => !may_be_given_a_password(first),
        Meaning::Place => true,
        Meaning::Refused(refused) => refused.may_be_kept(),
    }
}

/// Whether the words are a curl command for a system shell: `curl` of this shell takes the number of an exchange.
pub(super) fn is_pasted_curl(words: &[String]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let is_option_of_curl = |word: &String| word.starts_with('-') && !word.starts_with("--") && word != "-h";
    first == CURL.name && rest.iter().any(|word| word.contains("://") || is_option_of_curl(word))
}

/// Whether the words are a command other than `login` with options for a login, of ours or of other programs.
pub(super) fn logs_in(words: &[String], grammar: &Command) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let Some(command) = grammar.find_subcommand(first).filter(|command| command.get_name() != LOGIN.name) else {
        return false;
    };
    // Text to explain may begin with anything.
    let is_text = spec(command.get_name()).is_some_and(|spec| spec.text.is_some());
    rest.iter().any(|word| {
        let name = word.split('=').next().unwrap_or_default();
        let is_long = matches!(name, "--username" | "--user" | "--password" | "--password-stdin" | "--login-host");
        is_long || (!is_text && ["-u", "-p"].iter().any(|short| word.starts_with(short)))
    })
}

/// The registry that the words of a command are about.
pub(super) fn registry(words: &[String], grammar: &Command, state: &State) -> Option<Host> {
    let (first, rest) = words.split_first()?;
    let at = positionals(grammar.find_subcommand(first)?, rest);
    let named = at.into_iter().find_map(|at| Reference::parse(&rest[at]).ok().filter(|_| rest[at].contains('/')));
    named.as_ref().or(state.current.as_ref()).map(|reference| reference.registry().clone())
}

/// Whether a word alone is a reference to probe.
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
        // A full digest with its algorithm needs no context.
        let is_named = !is_hex(word) && start.parse::<crate::oci::Digest>().is_ok();
        let is_known = is_named || state.seen.digests().any(|seen| seen.starts_with(&start));
        return if is_known { is_somewhere() } else { Err(Refused::UnknownDigest) };
    }
    if Path::new(word).is_file() {
        return Err(Refused::File);
    }
    let is_current = |host: &Host| state.current.as_ref().is_some_and(|current| current.registry() == host);
    let has_mark = has_mark(word);
    let is_valid = || Reference::parse(word).is_ok_and(|it| is_host(it.registry()));
    if has_mark && (is_valid() || names_known_registry(word) || host_of(word).is_some_and(|host| is_current(&host))) {
        return Ok(());
    }
    Err(match has_mark {
        true => Refused::NoReference,
        false => topic(word).unwrap_or(Refused::Word),
    })
}

/// Whether a host has a dot or a port, or is this machine. A host without either comes from a capital letter in the first
/// part of a reference, which other words have too.
fn is_host(host: &Host) -> bool {
    host.name().contains(['.', ':']) || host.port().is_some() || host.is_loopback()
}

/// A word that `explain` knows. It is public, so it is not a secret.
fn topic(word: &str) -> Option<Refused> {
    is_topic(word).then(|| Refused::Topic(word.to_owned()))
}

/// The command that a word misspells by one letter, or by two in a long name. Nothing less similar, because the word is
/// repeated in the error.
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
