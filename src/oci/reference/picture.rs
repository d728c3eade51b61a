//! Renders a line of input with carets under a part of it.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::other_scripts::is_invisible;

/// The maximum number of columns of input, not counting truncation marks.
const COLUMNS: usize = 76;

/// The columns reserved for the marked part, and for the text after it.
const POINTED_AT: usize = 40;
const FOLLOWING: usize = 12;

const CUT: &str = "…";

/// The input on one line, and a line of carets under the range `at`. A range that is not on character boundaries, which
/// can only come from a caller's own value, marks the end of the input.
pub(super) fn draw(input: &str, at: &Range<usize>) -> (String, String) {
    let (before, inside, after) = match (input.get(..at.start), input.get(at.clone()), input.get(at.end..)) {
        (Some(before), Some(inside), Some(after)) => (before, inside, after),
        _ => (input, "", ""),
    };
    let all = Cells::take(inside.chars(), COLUMNS);
    let everything_fits = Cells::take(before.chars().rev().chain(inside.chars()).chain(after.chars()), COLUMNS);
    let inside = if everything_fits.cut { Cells::take(inside.chars(), POINTED_AT) } else { all };
    // Text after a part that is truncated itself is too far away to matter.
    let after = if inside.cut { "" } else { after };
    let reserved = Cells::take(after.chars(), if everything_fits.cut { FOLLOWING } else { COLUMNS }).columns;
    let before = Cells::take(before.chars().rev(), COLUMNS - inside.columns - reserved);
    let after = Cells::take(after.chars(), COLUMNS - inside.columns - before.columns);

    let mark = |cut: bool| if cut { CUT } else { "" };
    let mut shown = String::from(mark(before.cut));
    shown.extend(before.shown.iter().rev().map(String::as_str));
    shown.extend(inside.shown.iter().map(String::as_str));
    shown.push_str(mark(inside.cut));
    shown.extend(after.shown.iter().map(String::as_str));
    shown.push_str(mark(after.cut));
    let indent = usize::from(before.cut) + before.columns;
    let carets = (inside.columns + usize::from(inside.cut)).max(1);
    (shown, format!("{}{}", " ".repeat(indent), "^".repeat(carets)))
}

/// Displayed characters, as many as fit.
struct Cells {
    shown: Vec<String>,
    columns: usize,
    cut: bool,
}

impl Cells {
    fn take(characters: impl Iterator<Item = char>, columns: usize) -> Self {
        let mut cells = Self { shown: Vec::new(), columns: 0, cut: false };
        for character in characters {
            let shown = match is_invisible(character) {
                true => character.escape_default().to_string(),
                false => character.to_string(),
            };
            let width = shown.width();
            if cells.columns + width > columns {
                cells.cut = true;
                break;
            }
            cells.columns += width;
            cells.shown.push(shown);
        }
        cells
    }
}
