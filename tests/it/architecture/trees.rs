//! The one place where bytes of a server become a tree of JSON: it counts values, and the library does not.

use super::source::Source;
use super::tokens::{tokens, without_tests};

/// Where the library may be asked for a tree: where values are counted, and in the lab, whose bytes are our own.
const COUNTS: [&str; 2] = ["src/text/json.rs", "src/lab/"];

/// Functions of the library that read a document whole.
const READERS: [&str; 3] = ["from_slice", "from_str", "from_reader"];

/// Where the library reads a document as a tree anywhere else. Its deserializer with a type of ours is another matter: that
/// type says what is kept.
pub fn uncounted_trees(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    let is_looked_at = |source: &&Source| {
        !COUNTS.iter().any(|place| source.path.starts_with(place)) && !source.path.ends_with("/tests.rs")
    };
    for source in sources.iter().filter(is_looked_at) {
        let (tokens, _) = without_tests(tokens(&source.text));
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        for (at, word) in words.iter().enumerate().filter(|(_, word)| READERS.contains(word)) {
            let before = &words[at.saturating_sub(4)..at];
            // A type of its own says what is kept.
            let type_named = words[at + 1..].iter().find(|word| !matches!(**word, ":" | "::" | "<" | "&"));
            let has_type = words.get(at + 1).is_some_and(|next| next.starts_with(':'));
            if has_type && type_named.is_some_and(|name| *name != "Value" && *name != "Map") {
                continue;
            }
            if before
                .iter()
                .rev()
                .find(|word| **word != ":" && **word != "::")
                .is_some_and(|word| *word == "serde_json")
            {
                found.push(format!("{}:{}: {word} of serde_json", source.path, tokens[at].line));
            }
        }
    }
    found
}
