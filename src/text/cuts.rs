//! Truncates texts only after secrets were removed from them: the rest of a secret that was cut in two is
//! unrecognizable.
//!
//! Code that shows part of a text marks where to cut it, and `Redactor::text` cuts there when it is done. The marks are
//! private-use characters, which are never left in a server's text when it is made printable, so a server cannot insert
//! any.

/// The first of the characters that open a part: the maximum number of characters left of it is added.
const FIRST: u32 = 0x10_f000;
/// The maximum number of characters that a part can be cut to.
const LONGEST: usize = 0xf00;
/// Ends a part.
const END: char = '\u{10fffd}';

/// How many bytes of a text are kept after the place where it will be cut: as many as the longest token that is sent.
const KEPT: usize = 64 << 10;

/// The text, marked to be cut after this many characters.
pub(super) fn marked(text: &str, limit: usize) -> String {
    let limit = limit.min(LONGEST);
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let kept = text.char_indices().nth(limit + KEPT).map_or(text, |(at, _)| &text[..at]);
    let more = if kept.len() < text.len() { "…" } else { "" };
    format!("{}{kept}{more}{END}", opening(limit))
}

fn opening(limit: usize) -> char {
    // The limit is at most `LONGEST`, and all of these are characters.
    u32::try_from(limit).ok().and_then(|limit| char::from_u32(FIRST + limit)).unwrap_or(END)
}

/// The limit in characters of the part that this character opens.
fn limit(opening: char) -> Option<usize> {
    let limit = usize::try_from(u32::from(opening).checked_sub(FIRST)?).ok()?;
    (limit <= LONGEST).then_some(limit)
}

/// Whether a text has a part that is to be cut.
pub(crate) fn has_marks(text: &str) -> bool {
    // In UTF-8 all of them begin alike.
    text.contains('\u{10fffd}') || text.chars().any(|character| limit(character).is_some())
}

/// The text with every part transformed and then cut with `cut`, and the rest transformed.
pub(crate) fn each_part(
    text: &str,
    mut change: impl FnMut(&str) -> String,
    cut: impl Fn(&str, usize) -> String,
) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, character)) = rest.char_indices().find(|(_, character)| limit(*character).is_some()) {
        shown.push_str(&change(&rest[..at]));
        rest = &rest[at + character.len_utf8()..];
        let end = rest.find(END).unwrap_or(rest.len());
        shown.push_str(&cut(&change(&rest[..end]), limit(character).unwrap_or_default()));
        rest = rest.get(end + END.len_utf8()..).unwrap_or_default();
    }
    shown + &change(rest)
}

/// A text of at most this many characters; a cut is marked with `…`.
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The text cut at its marks, for our own words, which contain no secrets.
pub fn cut_at_marks(text: &str) -> String {
    if !has_marks(text) {
        return text.to_owned();
    }
    each_part(text, str::to_owned, cut)
}

#[cfg(test)]
mod tests {
    use crate::evidence::Redactor;
    use crate::text::cuts::*;
    use crate::text::{Secret, Untrusted};

    const PASSWORD: &str = "correct-horse";

    fn shown(text: &str) -> String {
        Redactor::new([("password", &Secret::new(PASSWORD))]).text(text)
    }

    /// Case E33: wherever the cut would go through it, and whatever surrounds the text.
    #[test]
    fn secret_is_taken_out_before_the_text_is_cut() {
        for at in 0..40 {
            let text = Untrusted::new(format!("{}{PASSWORD} and more", "x".repeat(at)));
            for cut in [text.printable_within(20), text.named_within(20)] {
                let shown = shown(&format!("It says {cut}, so ask."));
                assert!(!shown.contains("cor") && shown.ends_with(", so ask."), "{at}: {shown}");
            }
        }
    }

    #[test]
    fn form_of_a_token_and_a_signature_is_known_before_the_text_is_cut() {
        for text in [
            format!("{} ghp_CANARYCANARYCANARYCANARYCANARYCANARY", "x".repeat(20)),
            format!("{} eyJhbGciOiJub25lIn0.CANARY.CANARY", "x".repeat(10)),
            format!("{} https://u:CANARY@r.test/x", "x".repeat(14)),
            format!("{} token=\"CANARY\"", "x".repeat(20)),
            format!("{}-----BEGIN PRIVATE KEY-----\nCANARY", "x".repeat(16)),
        ] {
            let shown = shown(&Untrusted::new(text.clone()).printable_within(32));
            assert!(!shown.contains("CAN"), "{text} → {shown}");
        }
    }

    #[test]
    fn text_is_cut_to_the_limit_but_not_within_words_that_stand_for_a_secret() {
        let text = Untrusted::new("a".repeat(50));
        assert_eq!(shown(&text.printable_within(10)), format!("{}…", "a".repeat(9)));
        assert_eq!(cut_at_marks(&text.named_within(10)), format!("{}…", "a".repeat(9)));
        assert_eq!(shown(&Untrusted::from("short").printable_within(5)), "short");
        let text = shown(&Untrusted::new(format!("see {PASSWORD} here")).printable_within(7));
        assert!(text.starts_with("see ‹password removed, 13 characters, label ") && text.ends_with("› …"), "{text}");
    }

    #[test]
    fn server_can_set_no_mark() {
        let text = Untrusted::from("a\u{10f003}bcdefg\u{10fffd}h");
        let shown = shown(&format!("“{}” is said", text.printable_within(200)));
        assert_eq!(shown, "“a\\u{10f003}bcdefg\\u{10fffd}h” is said");
    }
}
