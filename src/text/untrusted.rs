//! Text from outside, separated from our own words by its type.
//!
//! A registry, a token service, a proxy or the publisher of an image chooses this text, and it ends up on a terminal or
//! in a public issue. There it could move the cursor, set the title, reverse the reading order or imitate a verdict. So
//! [`Untrusted`] has no `Display`. It is accessible only through [`Untrusted::printable`], which makes every such
//! character visible instead of active, and through [`Untrusted::as_str`], for code that compares and parses.

use std::fmt;

use crate::text::cuts::{cut, marked};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, NoncharacterCodePoint};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_width::UnicodeWidthChar;

/// Text chosen by a server or another outside party; never printed verbatim.
///
/// Bytes that are not UTF-8 are kept readable by showing each as `\xNN`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Untrusted(String);

impl Untrusted {
    /// Wraps text that came from outside.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Wraps bytes that came from outside; a byte that is not part of valid UTF-8 becomes `\xNN`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        Self(text)
    }

    /// The text itself, to compare and to parse. Parts of it that are shown again go through a new [`Untrusted`].
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text on one line, with everything that could act on a terminal made visible.
    ///
    /// Control characters, line breaks, direction marks, zero-width characters and the like become `\n`, `\x1b` or
    /// `\u{202e}`; a run of combining marks is cut after the fourth. What is left can be printed anywhere.
    pub fn printable(&self) -> String {
        escape(&self.0, false)
    }

    /// Like [`Untrusted::printable`], but line feeds stay, and a carriage return before one is dropped.
    pub fn printable_lines(&self) -> Vec<String> {
        escape(&self.0.replace("\r\n", "\n"), true).split('\n').map(str::to_owned).collect()
    }

    /// Like [`Untrusted::printable`], to be cut after `limit` characters when secrets were removed; the cut is marked
    /// with `…`. Everything that is written to results is cut at that time ([`cut_at_marks`](super::cut_at_marks)).
    pub fn printable_within(&self, limit: usize) -> String {
        marked(&self.printable(), limit)
    }

    /// Like [`Untrusted::printable`], cut after `limit` characters immediately: for text that is not a server's, and
    /// for text whose secrets were removed already.
    pub fn cut_within(&self, limit: usize) -> String {
        cut(&self.printable(), limit)
    }

    /// Like [`Untrusted::printable_within`], for a sentence of ours: always between `“` and `”`, so that a server's
    /// words never read as ours.
    pub fn quoted_within(&self, limit: usize) -> String {
        format!("“{}”", marked(&self.printable().replace(['“', '”'], "\""), limit))
    }

    /// Like [`Untrusted::quoted_within`], but a single plain word is not quoted: for digests, media types, platforms
    /// and the like, which are recognizable as names.
    pub fn named_within(&self, limit: usize) -> String {
        let shown = self.printable();
        let is_plain = |character: char| character.is_ascii_graphic() || character == '…';
        // The whole text counts: removing a secret may move text across the cut.
        if !shown.is_empty() && shown.chars().all(is_plain) {
            return marked(&shown, limit);
        }
        self.quoted_within(limit)
    }
}

/// Bytes as text; `None` if they are not UTF-8. With `may_be_cut`, an incomplete character at the end is dropped.
pub fn as_text(bytes: &[u8], may_be_cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if may_be_cut && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({:?})", self.printable())
    }
}

/// Whether a character may be printed verbatim: it has a shape of its own and no side effects.
///
/// Escaped are the characters that Unicode calls controls, formats, private use and ends of lines and paragraphs (UAX
/// #44, General_Category Cc, Cf, Co, Zl and Zp), those that are not displayed if unsupported
/// (Default_Ignorable_Code_Point), and noncharacters. Among them are direction marks, zero-width characters, variation
/// selectors and tags.
pub fn is_safe(character: char) -> bool {
    if (' '..='~').contains(&character) {
        return true;
    }
    let is_out = matches!(
        CodePointMapData::<GeneralCategory>::new().get(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    !is_out
        && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        && !CodePointSetData::new::<NoncharacterCodePoint>().contains(character)
}

/// How many combining marks may follow each other; more only pile up over neighboring lines.
const COMBINING_RUN: usize = 4;

fn escape(text: &str, keep_line_feeds: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut combining = 0;
    for character in text.chars() {
        combining = if is_combining(character) { combining + 1 } else { 0 };
        match character {
            '\n' if keep_line_feeds => shown.push('\n'),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c.is_ascii_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if !is_safe(c) || combining > COMBINING_RUN => {
                shown.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Whether a character is drawn over the one before it: a mark (General_Category M), or a character without a width of
/// its own, such as the vowels of Hangul.
fn is_combining(character: char) -> bool {
    let is_mark = || {
        let category = CodePointMapData::<GeneralCategory>::new().get(character);
        GeneralCategoryGroup::Mark.contains(category)
    };
    !character.is_ascii() && (character.width() == Some(0) || is_mark())
}

#[cfg(test)]
mod tests {
    use crate::text::cut_at_marks;
    use crate::text::untrusted::*;

    #[test]
    fn what_acts_on_a_terminal_becomes_visible() {
        for (text, shown) in [
            ("\u{1b}[2J\u{1b}[H", "\\x1b[2J\\x1b[H"),
            ("\u{1b}]52;c;ZXZpbA==\u{7}", "\\x1b]52;c;ZXZpbA==\\x07"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("ok\rFAIL", "ok\\rFAIL"),
            ("a\u{202e}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("two\nlines\u{2028}three", "two\\nlines\\u{2028}three"),
            ("soft\u{ad}hyphen\u{e0041}", "soft\\u{ad}hyphen\\u{e0041}"),
        ] {
            assert_eq!(Untrusted::from(text).printable(), shown);
        }
    }

    #[test]
    fn ordinary_text_of_any_language_stays_as_it_is() {
        for text in ["manifest unknown", "Manifest mit Tag „0.5.0“", "イメージが見つかりません", "e\u{301}"]
        {
            assert_eq!(Untrusted::from(text).printable(), text);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_shown_one_by_one() {
        assert_eq!(Untrusted::from_bytes(b"a\xff\xfeb").printable(), "a\\xff\\xfeb");
    }

    #[test]
    fn what_is_no_single_word_is_quoted_in_a_sentence() {
        for (text, shown) in [
            ("application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.index.v1+json"),
            ("linux\n✓ PASS", "“linux\\n✓ PASS”"),
            ("a” said the server “b", "“a\" said the server \"b”"),
            ("", "“”"),
        ] {
            assert_eq!(Untrusted::from(text).named_within(40), shown);
        }
        assert_eq!(cut_at_marks(&Untrusted::new("x".repeat(50)).named_within(5)), "xxxx…");
    }

    #[test]
    fn a_tower_of_combining_marks_is_cut() {
        let tower = format!("a{}", "\u{301}".repeat(5000));
        let shown = Untrusted::new(tower).printable();
        assert_eq!(shown.matches('\u{301}').count(), COMBINING_RUN);
    }

    /// Marks of General_Category M in scripts of several blocks, and vowels of Hangul, which have no width of their own.
    #[test]
    fn tower_of_marks_of_any_script_is_cut() {
        for mark in [
            '\u{5b0}',
            '\u{64b}',
            '\u{e48}',
            '\u{f90}',
            '\u{1037}',
            '\u{93c}',
            '\u{a806}',
            '\u{11046}',
            '\u{1e000}',
            '\u{16f8f}',
            '\u{1d165}',
            '\u{20dd}',
            '\u{302a}',
            '\u{a66f}',
            '\u{13440}',
            '\u{1161}',
        ] {
            let shown = Untrusted::new(format!("a{}", mark.to_string().repeat(300))).printable();
            assert_eq!(shown.matches(mark).count(), COMBINING_RUN, "{mark:?}");
            assert!(shown.ends_with(&format!("\\u{{{:x}}}", u32::from(mark))), "{mark:?}");
        }
    }

    /// Words with several marks in a row, as speakers of the language write them.
    #[test]
    fn words_with_marks_stay_as_they_are() {
        for word in ["तृष्णा", "เมื่อ", "שָׁלוֹם", "ٱللَّهِ", "Việt", "བསྒྲུབས", "မြန်မာ", "각", "ɔ̃́", "தமிழ்"]
        {
            assert_eq!(Untrusted::from(word).printable(), word);
        }
    }

    /// General_Category Cf, Co, Zl and Zp, Default_Ignorable_Code_Point, and noncharacters.
    #[test]
    fn formats_of_every_script_are_made_visible() {
        for format in [
            '\u{600}',
            '\u{605}',
            '\u{6dd}',
            '\u{70f}',
            '\u{890}',
            '\u{8e2}',
            '\u{110bd}',
            '\u{110cd}',
            '\u{13430}',
            '\u{1343f}',
            '\u{180b}',
            '\u{180f}',
            '\u{17b4}',
            '\u{3164}',
            '\u{2065}',
            '\u{fff0}',
            '\u{1d175}',
            '\u{e0fff}',
            '\u{e000}',
            '\u{100000}',
            '\u{fffe}',
            '\u{1ffff}',
            '\u{fdd0}',
        ] {
            let shown = Untrusted::from(format!("a{format}b")).printable();
            assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(format)));
        }
    }

    #[test]
    fn lines_are_kept_only_where_asked_for() {
        let text = Untrusted::from("one\r\ntwo\rthree\n");
        assert_eq!(text.printable_lines(), ["one", "two\\rthree", ""]);
        assert_eq!(Untrusted::from("abcdef").cut_within(4), "abc…");
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_only_safe_characters_come_out(text in "\\PC*|.*") {
            let shown = Untrusted::new(text).printable();
            proptest::prop_assert!(shown.chars().all(is_safe));
            proptest::prop_assert_eq!(Untrusted::new(shown.clone()).printable(), shown);
        }
    }
}
