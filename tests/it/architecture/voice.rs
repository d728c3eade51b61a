//! Words that do not come back into what people read (`docs/voice.md`): texts of the program, pages of rules, stories of
//! scenarios, and documents.

use super::Source;
use super::tokens::{tokens, without_tests};

/// Words and phrases, in lower case.
const WORDS: [&str; 26] = [
    "behind",
    "stands",
    "blank",
    "blanks",
    "whoever",
    "somebody",
    "nobody",
    "everybody",
    "are none",
    "has it not",
    "is told",
    "are told",
    "beside",
    "in the place of",
    "look out",
    "let in",
    "let pass",
    "by now",
    "spelt",
    "misspelt",
    "of today",
    "leads elsewhere",
    "way to answer",
    "asks for a login",
    "wants a login",
    "tried in vain",
];

/// Sentences in which one of them is right, by a part of each: something really is after a proxy, or is the name of a value.
const RIGHT: [&str; 0] = [];

/// A line with one of the words, as `path:line: word: text`.
fn found_in(path: &str, line: usize, text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let is_word = |at: usize, word: &str| {
        let (before, after) = (&lower[..at], &lower[at + word.len()..]);
        let goes_on = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
        !before.ends_with(goes_on) && !after.starts_with(goes_on)
    };
    let words = WORDS.iter().filter(|word| lower.match_indices(**word).any(|(at, _)| is_word(at, word)));
    let words = words.filter(|word| !RIGHT.iter().any(|right| right.contains(**word) && lower.contains(*right)));
    words.map(|word| format!("{path}:{line}: {word}: {}", text.trim())).collect()
}

/// Everything in the sources that people read.
pub fn old_words(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.path.contains("tests") && !source.path.contains("testing")) {
        // What registries, clients and other tools say is theirs.
        if ["src/lab/dialect/", "src/lab/content/"].iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        let (tokens, _) = without_tests(tokens(&source.text));
        for token in tokens.iter().filter(|token| token.says.is_some()) {
            found.extend(found_in(&source.path, token.line, token.says.as_deref().unwrap_or_default()));
        }
        if source.path.starts_with("src/diagnosis/rules/") {
            let pages = source.text.lines().zip(1..).filter(|(line, _)| line.starts_with("    /// "));
            pages.for_each(|(line, number)| found.extend(found_in(&source.path, number, line)));
        }
    }
    found
}

/// The same of a document or of a scenario, in which `quoted` lines are the words of others.
pub fn old_words_of_text(path: &str, text: &str, is_quoted: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !is_quoted(line));
    lines.flat_map(|(line, number)| found_in(path, number, line)).collect()
}

#[test]
fn old_word_is_found_as_a_word_alone() {
    let source =
        Source::new("src/report/a.rs", "fn f() { g(\"whoever asks is told 404\"); let behind = \"standstill\"; }");
    let found = old_words(&[source]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("whoever") && found[1].contains("is told"), "{found:?}");
    assert_eq!(old_words_of_text("a.md", "a blank-line\nblank\n> blank", |line| line.starts_with('>')).len(), 1);
}
