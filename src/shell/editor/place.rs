//! The place of the cursor in a line: what is typed there, and what it is to the command.

use clap::{Arg, Command};

use super::Vocabulary;
use crate::commands::{EXPLAIN, PROBE};
use crate::shell::line::{LineError, Scan};

/// What is typed at the cursor.
#[derive(Debug)]
pub(super) enum What<'a> {
    /// A command, or a reference instead of one.
    Command,
    /// The name of an option.
    Option(&'a Command, Vec<String>),
    /// The value of an option, or a positional argument.
    Value(&'a Arg, Vec<String>),
    /// The file that the result goes to.
    File,
    /// Nothing that can be completed.
    Unknown,
}

/// The place of the cursor.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    /// The position of its first character, in bytes.
    pub start: usize,
    /// Its text so far.
    pub typed: String,
    /// The open quote.
    pub quote: Option<char>,
    /// What it is.
    pub what: What<'a>,
}

impl<'a> Cursor<'a> {
    /// The place at the end of `before`, the text before the cursor.
    pub fn of(before: &str, vocabulary: &'a Vocabulary) -> Self {
        let scan = Scan::of(before);
        let mut words = scan.line.words;
        let unknown = Self { start: before.len(), typed: String::new(), quote: None, what: What::Unknown };
        if let Some(redirection) = scan.line.redirection {
            if redirection.file.end < before.len() || before.len() == redirection.file.start {
                return unknown;
            }
            let start = redirection.file.start;
            let quote = scan.open.filter(|&quote| before[start..].starts_with(quote));
            let start = start + quote.map_or(0, char::len_utf8);
            return Self { start, typed: redirection.path, quote: scan.open, what: What::File };
        }
        if matches!(scan.error, Some(LineError::NoFile { .. })) && before.trim_end().ends_with(['>', '!']) {
            return Self { what: What::File, ..unknown };
        }
        let is_typing = scan.open.is_some() || !before.ends_with(char::is_whitespace);
        let partial = if is_typing { words.pop() } else { None };
        let (start, typed) = match partial {
            None => (before.len(), String::new()),
            // Free text is one word of the line, and completed word by word.
            Some(word) if words.first().is_some_and(|first| first.text == EXPLAIN.name) => {
                let typed = word.text.rsplit(char::is_whitespace).next().unwrap_or_default().to_owned();
                (before.len() - typed.len().min(before.len()), typed)
            }
            Some(word) => {
                let start = word.span.start;
                let quote = scan.open.filter(|&quote| before[start..].starts_with(quote));
                (start + quote.map_or(0, char::len_utf8), word.text)
            }
        };
        let before: Vec<String> = words.into_iter().map(|word| word.text).collect();
        let what = what(&before, &typed, vocabulary);
        Self { start, typed, quote: scan.open, what }
    }
}

fn what<'a>(before: &[String], typed: &str, vocabulary: &'a Vocabulary) -> What<'a> {
    let Some((first, after)) = before.split_first() else { return What::Command };
    let grammar = &vocabulary.grammar;
    // A reference alone is a probe of it.
    let named = grammar.find_subcommand(first).or_else(|| grammar.find_subcommand(PROBE.name));
    let Some(mut command) = named else { return What::Unknown };
    let mut after = after;
    if let Some((below, rest)) = after.split_first()
        && let Some(below) = command.find_subcommand(below)
    {
        (command, after) = (below, rest);
    }
    let option = |word: &str| {
        let name = word.strip_prefix("--")?;
        command.get_arguments().find(|argument| argument.get_long() == Some(name))
    };
    let waits = |argument: &&Arg| argument.get_action().takes_values() && !argument.is_require_equals_set();
    if let Some(argument) = after.last().and_then(|word| option(word)).filter(waits) {
        return What::Value(argument, after.to_vec());
    }
    if typed.starts_with('-') {
        return match typed.split_once('=').and_then(|(name, _)| option(name)) {
            Some(argument) => What::Value(argument, after.to_vec()),
            None => What::Option(command, after.to_vec()),
        };
    }
    let said = crate::shell::grammar::positionals(command, after).len();
    let said = if grammar.find_subcommand(first).is_none() { said + 1 } else { said };
    let positionals: Vec<_> = command.get_positionals().collect();
    let several = |argument: &&&Arg| argument.get_num_args().is_some_and(|range| range.max_values() > 1);
    let argument = positionals.get(said).or_else(|| positionals.last().filter(several)).copied();
    match argument {
        Some(argument) => What::Value(argument, after.to_vec()),
        None if command.has_subcommands() && after.is_empty() => What::Option(command, Vec::new()),
        None => What::Unknown,
    }
}
