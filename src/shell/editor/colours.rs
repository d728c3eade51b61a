//! Colors of a line while it is typed: an unknown command is red before Enter.

use super::Vocabulary;
use super::place::{Cursor, What};
use crate::oci::Reference;
use crate::report::{Label, Style};
use crate::shell::line::{Line, Scan, Word};
use crate::shell::prepare::is_short;

/// A line in color. Its width does not change.
pub(super) fn coloured(text: &str, vocabulary: &Vocabulary, style: Style) -> String {
    let Scan { line: Line { words, redirection }, error, .. } = Scan::of(text);
    let mut painted = String::new();
    let mut at = 0;
    for (number, word) in words.iter().enumerate() {
        let (Some(gap), Some(raw)) = (text.get(at..word.span.start), text.get(word.span.clone())) else { break };
        painted.push_str(gap);
        let is_wrong = error.as_ref().is_some_and(|error| error.at() >= word.span.start && error.at() < word.span.end);
        let label = match is_wrong {
            true => Label::Bad,
            false => label(number, word, &text[..word.span.start], vocabulary),
        };
        painted.push_str(&style.paint(raw, label));
        at = word.span.end;
    }
    let rest = text.get(at..).unwrap_or_default();
    let label = match (redirection, error) {
        (Some(_), None) => Label::Caution,
        (_, Some(_)) if !rest.trim().is_empty() => Label::Bad,
        _ => Label::Quiet,
    };
    painted.push_str(&if rest.trim().is_empty() { rest.to_owned() } else { style.paint(rest, label) });
    painted
}

fn label(number: usize, word: &Word, before: &str, vocabulary: &Vocabulary) -> Label {
    let text = word.text.as_str();
    let grammar = &vocabulary.grammar;
    if number == 0 {
        let is_place = is_short(text) || (text.contains(['/', ':', '@']) && Reference::parse(text).is_ok());
        // The beginning of a command is not wrong.
        let may_become = grammar.get_subcommands().any(|command| command.get_name().starts_with(text));
        return match grammar.find_subcommand(text) {
            Some(_) => Label::Name,
            None if is_place => Label::Good,
            None if may_become || text == "ociscope" => Label::Plain,
            None => Label::Bad,
        };
    }
    if word.quoted {
        return Label::Caution;
    }
    if text.starts_with("--") {
        let Cursor { what, .. } = Cursor::of(&format!("{before}--"), vocabulary);
        let name = text.split('=').next().unwrap_or_default();
        let What::Option(command, _) = what else { return Label::Plain };
        let own = command.get_arguments().filter_map(clap::Arg::get_long).map(|name| format!("--{name}"));
        let names: Vec<_> = own.chain(["--help".to_owned()]).collect();
        return match (names.iter().any(|known| known == name), names.iter().any(|known| known.starts_with(name))) {
            (true, _) => Label::Quiet,
            (false, true) => Label::Plain,
            (false, false) => Label::Bad,
        };
    }
    match Cursor::of(before, vocabulary).what {
        What::Value(argument, _)
            if matches!(argument.get_id().as_str(), "reference" | "references" | "target" | "path") =>
        {
            Label::Good
        }
        _ => Label::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::grammar;

    fn painted(text: &str) -> String {
        coloured(text, &Vocabulary::new(grammar()), Style::new(true))
    }

    #[test]
    fn unknown_command_is_red() {
        assert_eq!(painted("prbe x"), "\u{1b}[1;31mprbe\u{1b}[0m x");
        assert_eq!(painted("pro"), "pro", "the beginning of a command");
        assert!(painted("probe gcr.io/a").starts_with("\u{1b}[36mprobe\u{1b}[0m \u{1b}[32mgcr.io/a\u{1b}[0m"));
        assert_eq!(painted("gcr.io/a/b:c"), "\u{1b}[32mgcr.io/a/b:c\u{1b}[0m");
    }

    #[test]
    fn unknown_option_is_red() {
        assert_eq!(painted("probe --nonsense"), "\u{1b}[36mprobe\u{1b}[0m \u{1b}[1;31m--nonsense\u{1b}[0m");
        assert_eq!(painted("probe --accept"), "\u{1b}[36mprobe\u{1b}[0m \u{1b}[2m--accept\u{1b}[0m");
    }

    proptest::proptest! {
        #[test]
        fn line_without_codes_is_unchanged(text in "[ -~äé❯]{0,60}") {
            let painted = painted(&text);
            let mut plain = String::new();
            let mut rest = painted.as_str();
            while let Some((before, code)) = rest.split_once('\u{1b}') {
                plain.push_str(before);
                rest = code.split_once('m').map_or("", |(_, rest)| rest);
            }
            plain.push_str(rest);
            proptest::prop_assert_eq!(plain, text);
        }
    }
}
