//! Matches a text by its words, however a terminal, a log or a screen wrapped its lines.

use crate::knowledge::Wording;

/// The maximum distance between the two sides of a `…` in bytes: the length of a message.
const GAP: usize = 600;
/// The maximum number of places where the first words of a pattern are tried; it limits texts that are crafted to take
/// long.
const MOST_PLACES: usize = 200;

/// A message on one line.
pub(in crate::explanation) struct Pasted {
    plain: String,
    /// The same in lower case, with the same byte offsets.
    lower: String,
}

impl Pasted {
    /// Joins a message, or several, of a cleaned text to one line.
    pub(in crate::explanation) fn new(text: &str) -> Self {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        // A terminal may break a line after `@`.
        let plain = words.collect::<Vec<_>>().join(" ").replace("@ sha256:", "@sha256:");
        let lower = plain.to_ascii_lowercase();
        Self { plain, lower }
    }

    /// The text on one line.
    pub(in crate::explanation) fn plain(&self) -> &str {
        &self.plain
    }

    /// The text in lower case, with the same byte offsets.
    pub(in crate::explanation) fn lower(&self) -> &str {
        &self.lower
    }

    /// The words by which the text is recognized, if any.
    pub(in crate::explanation) fn recognized_by<'a>(&self, wording: &'a Wording) -> Option<&'a str> {
        let says = |words: &String| self.says(words);
        let words = wording.any.iter().find(|words| self.says(words))?;
        let fits = (wording.with.is_empty() || wording.with.iter().any(says)) && !wording.without.iter().any(says);
        fits.then_some(words)
    }

    /// Returns `true` if these words occur; `…` in them matches any text of limited length.
    fn says(&self, words: &str) -> bool {
        says(&self.lower, words)
    }
}

/// Returns `true` if these words occur in a text in lower case; `…` in them matches any text of limited length.
fn says(lower: &str, words: &str) -> bool {
    let mut parts = words.split('…');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    lower.match_indices(first).take(MOST_PLACES).any(|(at, _)| {
        let mut from = at + first.len();
        rest.iter().all(|part| {
            let to = lower.floor_char_boundary((from + GAP).min(lower.len()));
            let found = lower[from..to].find(part);
            found.inspect(|found| from += found + part.len()).is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explanation::reading::cleaned;

    fn says(text: &str, words: &str) -> bool {
        Pasted::new(&cleaned(&text.into())).says(words)
    }

    #[test]
    fn line_breaks_colors_and_escaped_quotes_are_ignored() {
        for text in [
            "Error: manifest for x:1 not found",
            "error: MANIFEST\n   for x:1\r\n  not found",
            "\u{1b}[31mError: manifest\u{1b}[0m for \u{1b}[1;4mx:1 not found",
        ] {
            assert!(says(text, "manifest for…not found"), "{text}");
        }
        assert!(says(r#"variant \"\", OS linux"#, "variant \"\", os"));
    }

    #[test]
    fn words_that_are_far_apart_do_not_match() {
        let far = format!("manifest for {} not found", "x ".repeat(GAP));
        assert!(!says(&far, "manifest for…not found"));
        // A second beginning near the end counts.
        assert!(says(&format!("{far} manifest for y not found"), "manifest for…not found"));
    }

    #[test]
    fn excluded_words_prevent_a_match() {
        let wording = Wording { any: vec!["a".into()], with: vec!["b".into(), "c".into()], without: vec!["d".into()] };
        let by = |text: &str| Pasted::new(text).recognized_by(&wording).map(str::to_owned);
        assert_eq!(by("a c"), Some("a".to_owned()));
        assert_eq!([by("a"), by("b c"), by("a b d")], [None, None, None]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_parsed(text in "\\PC*|.*") {
            let pasted = Pasted::new(&text);
            proptest::prop_assert_eq!(pasted.plain().len(), pasted.lower().len());
            proptest::prop_assert!(!pasted.plain().contains(char::is_control));
            pasted.says("a…b");
        }
    }
}
