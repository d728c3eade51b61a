//! What stands in the place of a secret: what it was, how long it was, and a label by which equal secrets are seen to be
//! equal.
//!
//! A reader can tell from that whether the token of one request is the token of the next, and whether one was cut off or
//! has a line feed too much. Nobody can try out guesses with a label: it depends on a key that is made anew for each run
//! and kept nowhere. So labels of different runs cannot be compared.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// No vowels, so that no label is a word; and no digits, because forges make links of those.
const LETTERS: [char; 20] =
    ['b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'z'];

/// How many letters a label has. Two different secrets have the same one once in 160,000 times.
const LENGTH: u32 = 4;

/// What is shown of a secret: how long it was, and its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How many characters it has.
    characters: usize,
    label: Label,
}

impl Shape {
    /// The shape of a value.
    pub fn of(value: &str) -> Self {
        Self { characters: value.chars().count(), label: Label(label(value)) }
    }

    /// The letters by which equal secrets of one run are seen to be equal.
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

/// The letters by which equal secrets of one run are seen to be equal. No other text is read as a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Label(String);

impl TryFrom<String> for Label {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        if is_label(&word) { Ok(Self(word)) } else { Err("a label has four consonants") }
    }
}

/// The words for a secret that was left out, `‹token removed, 36 characters, label kfmz›`. Where its kind is clear from
/// what stands around it, `what` may be empty.
pub(super) fn removed(what: &str, value: &str) -> String {
    let blank = if what.is_empty() { "" } else { " " };
    format!("‹{what}{blank}removed, {}›", Shape::of(value))
}

/// Whether a word has the form of a label.
pub(super) fn is_label(word: &str) -> bool {
    word.chars().count() == LENGTH as usize && word.chars().all(|letter| LETTERS.contains(&letter))
}

/// The label of a value: equal values of one run have equal ones.
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
    fn the_length_and_the_kind_are_told() {
        let shown = removed("password", "pässword\n");
        assert!(shown.starts_with("‹password removed, 9 characters, label ") && shown.ends_with('›'), "{shown}");
        assert!(removed("", "x").starts_with("‹removed, 1 character, label "));
    }
}
