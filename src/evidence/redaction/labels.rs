//! Finds the labels of removed values in a text, so that no later step changes or cuts them.
//!
//! An address whose signature was already removed contains a label, with spaces and commas of its own. While the
//! address is parsed, one character replaces each label; the label is restored afterwards.

use std::borrow::Cow;
use std::ops::Range;

/// The first of the replacement characters: the private use area of plane 15, which no registry needs.
const FIRST: u32 = 0xF_0000;
/// The maximum number of labels in one text; later ones are left in the text unchanged.
const MOST: u32 = 0xFFFD;

/// A text with one character instead of each label, and the labels.
pub(super) struct Masked<'a> {
    pub text: Cow<'a, str>,
    labels: Vec<String>,
}

impl<'a> Masked<'a> {
    /// Replaces each label of a text by a character, and also each such character that the text already contains.
    pub fn of(text: &'a str) -> Self {
        if !text.contains('‹') && !text.chars().any(is_mask) {
            return Self { text: text.into(), labels: Vec::new() };
        }
        let (mut masked, mut labels, mut rest) = (String::with_capacity(text.len()), Vec::new(), text);
        while let Some(found) = find(rest) {
            let Some(mask) = mask(labels.len()) else { break };
            masked.push_str(&rest[..found.start]);
            masked.push(mask);
            labels.push(rest[found.clone()].to_owned());
            rest = &rest[found.end..];
        }
        // There are more labels than characters: the rest must not be taken for labels.
        masked.extend(
            rest.chars().map(|character| if is_mask(character) { char::REPLACEMENT_CHARACTER } else { character }),
        );
        Self { text: masked.into(), labels }
    }

    /// Restores the labels in a text derived from the masked one.
    pub fn unmasked<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.labels.is_empty() {
            return text;
        }
        let mut shown = String::with_capacity(text.len());
        for character in text.chars() {
            let at = u32::from(character).checked_sub(FIRST).and_then(|at| usize::try_from(at).ok());
            match at.and_then(|at| self.labels.get(at)) {
                Some(label) => shown.push_str(label),
                None => shown.push(character),
            }
        }
        shown.into()
    }
}

/// A text with the same words instead of every label, for comparison with another run's: labels are made anew in each
/// run.
pub fn unlabelled(text: &str) -> Cow<'_, str> {
    let masked = Masked::of(text);
    if masked.labels.is_empty() {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for character in masked.text.chars() {
        match is_mask(character) {
            true => shown.push_str("‹removed›"),
            false => shown.push(character),
        }
    }
    shown.into()
}

/// The kind in each label of a text, and its four letters.
pub(super) fn labels_in(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let found = find(rest)?;
        let inner = rest[found.clone()].trim_start_matches('‹').trim_end_matches('›');
        let label = inner.rsplit(' ').next().unwrap_or_default().to_owned();
        let kind = inner.split(',').next().unwrap_or_default().trim_end_matches("removed").trim_end();
        let kind = kind.trim_start_matches("part of the ").to_owned();
        rest = &rest[found.end..];
        Some((kind, label))
    })
}

/// Whether a text consists of labels only.
pub(super) fn is_labels(text: &str) -> bool {
    text.starts_with('‹') && Masked::of(text).text.chars().all(is_mask)
}

/// Whether a character replaces a label.
pub(super) fn is_mask(character: char) -> bool {
    (FIRST..FIRST + MOST).contains(&u32::from(character))
}

fn mask(at: usize) -> Option<char> {
    let at = u32::try_from(at).ok().filter(|at| *at < MOST)?;
    char::from_u32(FIRST + at)
}

/// The position of the next label of a text, or of the next character that would replace one.
fn find(text: &str) -> Option<Range<usize>> {
    // In UTF-8, a label begins with one of these bytes.
    if !text.bytes().any(|byte| matches!(byte, 0xe2 | 0xf3)) {
        return None;
    }
    let mut from = 0;
    while let Some(start) = text[from..].find(|c| c == '‹' || is_mask(c)).map(|at| from + at) {
        if let Some(own) = text[start..].chars().next().filter(|character| is_mask(*character)) {
            return Some(start..start + own.len_utf8());
        }
        let inner = start + '‹'.len_utf8();
        let end = text[inner..].find('›').map(|at| inner + at);
        match end {
            Some(end) if is_label(&text[inner..end]) => return Some(start..end + '›'.len_utf8()),
            _ => from = inner,
        }
    }
    None
}

/// Whether a text is the inside of a label, as [`removed`](super::removed) and a
/// [`RequestValue`](crate::evidence::RequestValue) write it. A server that imitates it can hide nothing in it: a kind
/// is a few words of letters, and a label four consonants.
fn is_label(inner: &str) -> bool {
    const LONGEST_KIND: usize = 40;
    let is_kind = |kind: &str| {
        kind.len() <= LONGEST_KIND && kind.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '\'' | '-'))
    };
    let mut parts = inner.split(", ");
    let (Some(kind), Some(length), Some(label), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let length = length.strip_suffix(" characters").or_else(|| length.strip_suffix(" character"));
    is_kind(kind)
        && length.is_some_and(|length| !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit()))
        && label.strip_prefix("label ").is_some_and(super::shape::is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::redaction::shape::{Shape, removed};

    #[test]
    fn label_is_one_character_and_comes_back_whole() {
        let (token, own) = (removed("token", "CANARY"), format!("‹your value, {}›", Shape::of("x")));
        let text = format!("a {token}, b={own}&c");
        let masked = Masked::of(&text);
        assert_eq!(masked.text.chars().count(), "a T, b=O&c".chars().count());
        assert_eq!(masked.unmasked(masked.text.clone()), text);
    }

    #[test]
    fn labels_are_equal_once_they_are_taken_out() {
        let (one, other) = (removed("token", "CANARY"), removed("password", "CANARY of another run"));
        assert_eq!(unlabelled(&format!("a={one}, b={other}.")), "a=‹removed›, b=‹removed›.");
        for text in ["", "plain", "‹no label›", "\u{2039}"] {
            assert_eq!(unlabelled(text), text);
        }
    }

    #[test]
    fn text_that_is_not_a_label_stays_text() {
        for text in [
            "‹ghp_0123456789 removed, 3 characters, label kfmz›",
            "‹token removed, three characters, label kfmz›",
            "‹token removed, 3 characters, label aeio›",
            "‹token removed›",
            "‹",
        ] {
            assert_eq!(Masked::of(text).text, text);
        }
    }

    #[test]
    fn character_that_stands_for_labels_stays_what_it_is() {
        let text = format!("a\u{f0001}b{}\u{f0000}", removed("token", "CANARY"));
        let masked = Masked::of(&text);
        assert_eq!(masked.unmasked(masked.text.clone()), text);
    }
}
