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

/// Whether the value of an option is the next word: of `--format`, not of `--format=json`, and of `-u`, not of `-ualice`.
pub(crate) fn takes_next(command: &Command, option: &str) -> bool {
    let named = |argument: &&clap::Arg| match (option.strip_prefix("--"), option.strip_prefix('-')) {
        (Some(long), _) => argument.get_long() == Some(long),
        (None, Some(short)) => argument.get_short().is_some_and(|own| short == own.to_string()),
        (None, None) => false,
    };
    let argument = command.get_arguments().find(named);
    argument.is_some_and(|argument| argument.get_action().takes_values() && !argument.is_require_equals_set())
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
