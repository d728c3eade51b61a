//! Characters outside ASCII: those that look like an ASCII character, and those that are invisible.

use unicode_width::UnicodeWidthChar;

/// Identifies a character by its code point alone, because it may be invisible or look like another one.
pub(super) fn describe(character: char) -> String {
    let number = u32::from(character);
    match look_alike(character) {
        _ if is_invisible(character) => {
            format!("U+{number:04X} is invisible or changes how text is displayed; references are visible ASCII.")
        }
        Some(meant) => {
            format!("U+{number:04X} looks like {meant} but is a different character; references are ASCII.")
        }
        None => format!("U+{number:04X} is not ASCII; references are ASCII."),
    }
}

/// The ASCII character that a character from another script is easily mistaken for.
///
/// Limited to cases that occur in practice: Cyrillic and Greek letters of the same shape, full-width forms, and the
/// dashes and slashes that word processors insert.
pub(super) fn look_alike(character: char) -> Option<char> {
    Some(match character {
        '\u{430}' | '\u{3b1}' | '\u{251}' => 'a',
        '\u{441}' => 'c',
        '\u{501}' => 'd',
        '\u{435}' => 'e',
        '\u{261}' => 'g',
        '\u{4bb}' => 'h',
        '\u{456}' | '\u{131}' | '\u{3b9}' => 'i',
        '\u{458}' => 'j',
        '\u{4cf}' => 'l',
        '\u{43e}' | '\u{3bf}' => 'o',
        '\u{440}' | '\u{3c1}' => 'p',
        '\u{455}' => 's',
        '\u{3bd}' => 'v',
        '\u{445}' => 'x',
        '\u{443}' => 'y',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2236}' | '\u{a789}' | '\u{fe55}' => ':',
        '\u{2024}' | '\u{3002}' => '.',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0)?,
        _ => return None,
    })
}

/// Returns `true` if a character has no visible shape of its own, or affects the display of others: control characters,
/// white space other than the plain space, combining marks, and everything that joins, hides or reorders characters.
///
/// Right-to-left letters count as well: they would reorder the line, and the carets under it would point at the wrong
/// place.
pub(super) fn is_invisible(character: char) -> bool {
    if character.is_ascii_graphic() || character == ' ' {
        return false;
    }
    character.is_whitespace()
        || character.width().unwrap_or(0) == 0
        || matches!(u32::from(character),
            0xad | 0x34f | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xffff
            | 0x1_bca0..=0x1_bca3 | 0x1_d173..=0x1_d17a | 0x1_f3fb..=0x1_f3ff | 0xe_0000..=0x10_ffff
            | 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefe | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff)
}
