//! Values broken across lines. Base64 is often written so, and a narrow terminal breaks anything.

use super::known::Match;
use super::values::SHORTEST_BROKEN;
use super::{Redactor, is_break};

/// A text without line breaks, with the origins of its parts.
struct Joined {
    text: String,
    /// Where each part begins, here and in the text with line breaks.
    parts: Vec<(usize, usize)>,
}

impl Joined {
    fn of(text: &str) -> Self {
        let mut joined = Self { text: String::with_capacity(text.len()), parts: Vec::new() };
        let mut rest = text;
        while !rest.is_empty() {
            let after_breaks = rest.trim_start_matches(is_break);
            let length = after_breaks.find(is_break).unwrap_or(after_breaks.len());
            joined.parts.push((joined.text.len(), text.len() - after_breaks.len()));
            joined.text.push_str(&after_breaks[..length]);
            rest = &after_breaks[length..];
        }
        joined
    }

    /// The position of a byte in the text with line breaks.
    fn origin(&self, at: usize) -> usize {
        let part = self.parts.partition_point(|(here, _)| *here <= at).saturating_sub(1);
        self.parts.get(part).map_or(at, |(here, there)| there + (at - here))
    }
}

impl Redactor {
    /// The values that are broken across lines.
    pub(super) fn broken(&self, text: &str) -> Vec<Match> {
        let joined = Joined::of(text);
        let mut found: Vec<_> = [&self.own, &self.others]
            .into_iter()
            .flat_map(|known| known.find_joined(&joined.text, SHORTEST_BROKEN))
            .map(|found| Match {
                range: joined.origin(found.range.start)..joined.origin(found.range.end - 1) + 1,
                ..found
            })
            .collect();
        found.sort_by_key(|found| (found.range.start, found.range.end));
        found
    }

    /// The position of a possible beginning of a secret that continues in the next text, however both are broken into
    /// lines. `None` if the text can be written before the next one is known.
    pub fn unfinished(&self, text: &str) -> Option<usize> {
        let joined = Joined::of(text);
        let known = [&self.own, &self.others].into_iter();
        let length = known.map(|known| known.longest_beginning(&joined.text, SHORTEST_BROKEN)).max()?;
        (length > 0).then(|| joined.origin(joined.text.len() - length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Secret;

    fn redactor() -> Redactor {
        Redactor::new([("token", &Secret::new("CANARY-0123456789-abcdef")), ("password", &Secret::new("short-one"))])
    }

    #[test]
    fn text_that_may_go_on_as_a_secret_is_not_finished() {
        for (text, from) in [
            ("1.0\n1.1\nC", 8),
            ("1.0\nCANA\nRY-01", 4),
            ("1.0\nCANARY\n-\n0123\n456789-abc\nde\n", 4),
            // In base64.
            ("v2\nQ0F\nOQVJZL", 3),
            ("CANARY-0123456789-abcdeCA", 23),
        ] {
            assert_eq!(redactor().unfinished(text), Some(from), "{text:?}");
        }
    }

    #[test]
    fn text_that_ends_as_no_secret_begins_is_finished() {
        for text in ["", "\n", "1.0\n1.1", "CANARY-1", "short-", "CANARY-0123456789-abcdef", "CANARI"] {
            assert_eq!(redactor().unfinished(text), None, "{text:?}");
        }
        assert_eq!(Redactor::default().unfinished("anything"), None);
    }

    #[test]
    fn place_in_a_text_without_breaks_is_found_in_the_text_with_them() {
        for text in ["", "a", "\n a│b\n\ncd │", "é\té", "ab", " \n"] {
            let joined = Joined::of(text);
            let kept: Vec<_> = text.char_indices().filter(|(_, character)| !is_break(*character)).collect();
            assert_eq!(joined.text, kept.iter().map(|(_, character)| *character).collect::<String>());
            let places: Vec<_> = joined.text.char_indices().map(|(at, _)| joined.origin(at)).collect();
            assert_eq!(places, kept.iter().map(|(at, _)| *at).collect::<Vec<_>>(), "{text:?}");
        }
    }
}
