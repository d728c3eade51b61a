//! Words that do not come back into what people read (`docs/voice.md`): texts of the program, pages of rules, stories of
//! scenarios, and documents.

use super::Source;
use super::tokens::{tokens, without_tests};

/// Words and phrases, in lower case.
const WORDS: [&str; 24] = [
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
    "of today",
    "leads elsewhere",
    "way to answer",
    "wants a login",
    "tried in vain",
];

/// Phrases in which one of them is right: a server really is behind a proxy, a clock behind another, a line blank.
const RIGHT: [&str; 14] = [
    "behind a ",
    "behind an ",
    "behind nginx",
    "behind cloudflare",
    "behind the same proxy",
    "behind one name",
    "the registry behind it",
    "from the registry behind",
    "minute behind",
    "seconds behind",
    "is behind,",
    "/// behind, the token",
    "blank line",
    "fail if there are none",
];

/// Texts that are one of the words and nothing else: the state of a clock, the name of a user.
const ALONE: [&str; 2] = ["behind", "nobody"];

/// A line with one of the words, as `path:line: word: text`.
fn found_in(path: &str, line: usize, text: &str) -> Vec<String> {
    if ALONE.contains(&text) {
        return Vec::new();
    }
    // What stands between braces is the name of a value.
    let lower: String =
        text.to_lowercase().split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect();
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
