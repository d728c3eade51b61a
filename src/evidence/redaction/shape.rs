//! The replacement for a secret: its kind, its length, and a label that is equal for equal secrets.
//!
//! It shows a reader whether the token of one request is the token of the next, and whether one was truncated or has an
//! extra line feed. A label cannot be used to test guesses: it depends on a key that is generated for each run and not
//! stored. So labels of different runs cannot be compared.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// No vowels, so that a label is never a word; and no digits, because forges turn those into links.
const LETTERS: [char; 20] =
    ['b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'z'];

/// The number of letters in a label. Two different secrets have the same one once in 160,000 times.
const LENGTH: u32 = 4;

/// The visible properties of a secret: its length and its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The length in characters.
    characters: usize,
    label: Label,
}

impl Shape {
    /// The shape of a value.
    pub fn of(value: &str) -> Self {
        Self { characters: value.chars().count(), label: Label(label(value)) }
    }

    /// The letters that are equal for equal secrets of one run.
    pub(super) fn label(&self) -> &str {
        &self.label.0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.characters == 1 { "" } else { "s" };
        write!(f, "{} character{plural}, label {}", self.characters, self.label.0)
    }
}

/// The letters that are equal for equal secrets of one run. No other text is read as a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Label(String);

impl TryFrom<String> for Label {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        if is_label(&word) { Ok(Self(word)) } else { Err("a label has four consonants") }
    }
}

/// The replacement for a secret, `‹token removed, 36 characters, label kfmz›`. If its kind is clear from the context,
/// `what` may be empty.
pub(super) fn removed(what: &str, value: &str) -> String {
    let space = if what.is_empty() { "" } else { " " };
    format!("‹{what}{space}removed, {}›", Shape::of(value))
}

/// Whether a word has the form of a label.
pub(super) fn is_label(word: &str) -> bool {
    word.chars().count() == LENGTH as usize && word.chars().all(|letter| LETTERS.contains(&letter))
}

/// The label of a value: equal values of one run have equal labels.
pub(super) fn label(value: &str) -> String {
    let mut rest = KEY.hash_one(value);
    let letters = LETTERS.len() as u64;
    (0..LENGTH)
        .map(|_| {
            let letter = usize::try_from(rest % letters).unwrap_or_default();
            rest /= letters;
            LETTERS[letter]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_look_equal_and_others_do_not() {
        assert_eq!(removed("token", "CANARYtok"), removed("token", "CANARYtok"));
        assert_eq!(label("CANARYtok").len(), 4);
        let labels: std::collections::BTreeSet<_> = (0..50).map(|number| label(&format!("CANARY{number}"))).collect();
        assert!(labels.len() > 45, "{labels:?}");
    }

    #[test]
    fn length_and_kind_are_shown() {
        let shown = removed("password", "pässword\n");
        assert!(shown.starts_with("‹password removed, 9 characters, label ") && shown.ends_with('›'), "{shown}");
        assert!(removed("", "x").starts_with("‹removed, 1 character, label "));
    }
}
