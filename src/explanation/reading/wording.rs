//! Recognising a text by what is written in it, whatever a terminal, a log or a screen made of its lines.

use crate::knowledge::Wording;

/// How far the two sides of a `…` may be apart, in bytes: as far as one message is long.
const GAP: usize = 600;
/// The most places where the first words of a pattern are looked for; this is for texts that are made to take long.
const MOST_PLACES: usize = 200;

/// A message on one line.
pub(in crate::explanation) struct Pasted {
    plain: String,
    /// The same in lower case, byte by byte in the same place.
    lower: String,
}

impl Pasted {
    /// Reads a message, or several as one, of a text that was cleaned.
    pub(in crate::explanation) fn new(text: &str) -> Self {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        // A console breaks a line after `@`.
        let plain = words.collect::<Vec<_>>().join(" ").replace("@ sha256:", "@sha256:");
        let lower = plain.to_ascii_lowercase();
        Self { plain, lower }
    }

    /// The text on one line.
    pub(in crate::explanation) fn plain(&self) -> &str {
        &self.plain
    }

    /// The same in lower case; every character is in the same place.
    pub(in crate::explanation) fn lower(&self) -> &str {
        &self.lower
    }

    /// The words by which the text is recognised, if it is.
    pub(in crate::explanation) fn recognised_by<'a>(&self, wording: &'a Wording) -> Option<&'a str> {
        let says = |words: &String| self.says(words);
        let words = wording.any.iter().find(|words| self.says(words))?;
        let fits = (wording.with.is_empty() || wording.with.iter().any(says)) && !wording.without.iter().any(says);
        fits.then_some(words)
    }

    /// Whether these words occur; `…` in them stands for anything that is not too long.
    fn says(&self, words: &str) -> bool {
        says(&self.lower, words)
    }
}

/// Whether these words occur in a text in lower case; `…` in them stands for anything that is not too long.
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
    fn lines_colours_and_escaped_quotes_make_no_difference() {
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
    fn what_is_far_apart_is_not_one_message() {
        let far = format!("manifest for {} not found", "x ".repeat(GAP));
        assert!(!says(&far, "manifest for…not found"));
        // A second beginning near the end counts.
        assert!(says(&format!("{far} manifest for y not found"), "manifest for…not found"));
    }

    #[test]
    fn what_must_not_occur_does_not() {
        let wording = Wording { any: vec!["a".into()], with: vec!["b".into(), "c".into()], without: vec!["d".into()] };
        let by = |text: &str| Pasted::new(text).recognised_by(&wording).map(str::to_owned);
        assert_eq!(by("a c"), Some("a".to_owned()));
        assert_eq!([by("a"), by("b c"), by("a b d")], [None, None, None]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC*|.*") {
            let pasted = Pasted::new(&text);
            proptest::prop_assert_eq!(pasted.plain().len(), pasted.lower().len());
            proptest::prop_assert!(!pasted.plain().contains(char::is_control));
            pasted.says("a…b");
        }
    }
}
