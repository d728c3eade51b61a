//! Pasted texts of `explain` that begin with a dash and are not options.

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};

use clap::Command;

use crate::commands::EXPLAIN;

const COMMAND: &str = EXPLAIN.name;

/// The arguments of the program, with the texts of `explain` after `--`. `grammar` builds the grammar if it is needed.
pub(super) fn with_texts_apart(arguments: Vec<OsString>, grammar: fn() -> Command) -> Vec<OsString> {
    let Some(at) = arguments.iter().position(|argument| argument == COMMAND) else { return arguments };
    let built = OnceCell::new();
    texts_apart(arguments, at, &|option| {
        let grammar: &Command = built.get_or_init(|| {
            let mut grammar = grammar();
            grammar.build();
            grammar
        });
        grammar.find_subcommand(COMMAND).is_some_and(|command| takes_next(command, option))
    })
}

/// Moves the texts after the argument at `at`, which is `explain`, after `--`, if one of them looks like an option: it begins
/// with a dash and contains a space, or is nothing but dashes. `takes_next` says whether the value of an option is the next
/// argument.
pub(crate) fn texts_apart<W>(arguments: Vec<W>, at: usize, takes_next: &dyn Fn(&str) -> bool) -> Vec<W>
where
    W: AsRef<OsStr> + From<&'static str> + Clone,
{
    let word = |argument: &W| argument.as_ref().to_str().map(str::to_owned).unwrap_or_default();
    let (before, after) = arguments.split_at(at + 1);
    let is_apart = after.iter().any(|argument| word(argument) == "--");
    if is_apart || !after.iter().any(|argument| is_text(&word(argument))) {
        return arguments;
    }
    let (mut options, mut texts) = (Vec::new(), Vec::new());
    let mut after = after.iter().cloned();
    while let Some(argument) = after.next() {
        let option = word(&argument);
        if option.len() < 2 || !option.starts_with('-') || is_text(&option) {
            texts.push(argument);
            continue;
        }
        options.push(argument);
        if takes_next(&option) {
            options.extend(after.next());
        }
    }
    [before, &options, &["--".into()], &texts].concat()
}

/// Whether a word with a leading dash is a text.
fn is_text(word: &str) -> bool {
    let is_rule = word.len() > 2 && word.bytes().all(|byte| byte == b'-');
    word.starts_with('-') && (is_rule || word.contains(char::is_whitespace))
}

/// Whether the value of an option is the next word: `--output FILE`, `-o FILE`, `-qo FILE`, but not `-oFILE`.
pub(crate) fn takes_next(command: &Command, option: &str) -> bool {
    let takes_value = |argument: &&clap::Arg| argument.get_action().takes_values() && !argument.is_require_equals_set();
    if let Some(name) = option.strip_prefix("--").filter(|name| !name.contains('=')) {
        let argument = command.get_arguments().find(|argument| argument.get_long() == Some(name));
        return argument.as_ref().is_some_and(takes_value);
    }
    let Some(letters) = option.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else { return false };
    // The first letter that takes a value has what follows it in the word, and without that the next word.
    let of = |letter| command.get_arguments().find(|argument| argument.get_short() == Some(letter));
    let first = letters.chars().position(|letter| of(letter).as_ref().is_some_and(takes_value));
    first.is_some_and(|at| at + 1 == letters.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(words: &[&str]) -> Vec<String> {
        let arguments = words.iter().map(OsString::from).collect();
        with_texts_apart(arguments, crate::cli::grammar)
            .into_iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn text_with_a_leading_dash_is_not_an_option() {
        for text in
            ["------\n > [1/7] FROM x:", "- a line", "-h and more", "--- FAIL: x", "------", "--format is wrong"]
        {
            assert_eq!(apart(&["o", "explain", text]), ["o", "explain", "--", text]);
            assert_eq!(apart(&["o", "explain", text, "--json"]), ["o", "explain", "--json", "--", text]);
            assert_eq!(apart(&["o", "explain", "--json", text]), ["o", "explain", "--json", "--", text]);
            assert_eq!(apart(&["o", "explain", "--public", text, "x"]), ["o", "explain", "--public", "--", text, "x"]);
            let timed = ["o", "explain", "--timeout", "5", text, "--json"];
            assert_eq!(apart(&timed), ["o", "explain", "--timeout", "5", "--json", "--", text]);
            let typed = ["o", "--color", "never", "explain", "--format", "json", text];
            assert_eq!(apart(&typed), ["o", "--color", "never", "explain", "--format", "json", "--", text]);
        }
    }

    #[test]
    fn value_of_a_short_option_is_not_a_text() {
        let mut grammar = crate::cli::grammar();
        grammar.build();
        let explain = grammar.find_subcommand("explain").unwrap();
        for (option, takes) in [
            ("-o", true),
            ("-qo", true),
            ("-u", true),
            ("--output", true),
            ("-ofile", false),
            ("-q", false),
            ("-h", false),
            ("--output=file", false),
            ("-", false),
            ("--", false),
            ("-é", false),
        ] {
            assert_eq!(takes_next(explain, option), takes, "{option}");
        }
        assert_eq!(
            apart(&["o", "explain", "-o", "file", "- a line"]),
            ["o", "explain", "-o", "file", "--", "- a line"]
        );
    }

    #[test]
    fn other_arguments_stay_where_they_are() {
        for words in [
            &["o", "explain", "404", "--json"][..],
            &["o", "explain", "-"],
            &["o", "explain", "--", "- a line"],
            &["o", "explain", "--format", "json", "manifest unknown"],
            &["o", "probe", "- a line"],
            &["o", "explain", "--jsn", "x"],
            &["o"],
        ] {
            assert_eq!(apart(words), words);
        }
    }
}
