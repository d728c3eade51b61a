//! Lists of completions that fit on the screen.
//!
//! The line editor shows longer lists page by page, and ignores even Ctrl-C meanwhile.

use unicode_width::UnicodeWidthStr as _;

use super::completion::Completion;

/// The gap that the line editor leaves between two columns.
const GAP: usize = 2;
/// Rows that stay free: the line that is typed, and the one below a list.
const KEPT_FREE: usize = 2;

/// The candidates that fit on a screen of this size. If some do not fit, the last entry says how many; its text is the common
/// beginning of all, so that a cut list completes the same as a complete one.
pub(super) fn fitting(mut all: Vec<Completion>, columns: usize, rows: usize) -> Vec<Completion> {
    let rows = rows.saturating_sub(KEPT_FREE).max(1);
    if rows_of(all.iter(), columns) <= rows || all.len() < 3 {
        return all;
    }
    let whole = all.len();
    let shared = common_beginning(&all);
    let entry = |hidden: usize| Completion { text: shared.clone(), shown: format!("… {hidden} more") };
    let longest = entry(whole);
    let mut fit = 1;
    // More candidates never need fewer rows.
    while fit < whole - 1 && rows_of(all[..=fit].iter().chain([&longest]), columns) <= rows {
        fit += 1;
    }
    all.truncate(fit);
    all.push(entry(whole - fit));
    all
}

/// The rows that the line editor needs for a list.
fn rows_of<'a>(candidates: impl Iterator<Item = &'a Completion> + Clone, columns: usize) -> usize {
    let widest = candidates.clone().map(|one| one.shown.width()).max().unwrap_or_default() + GAP;
    let side_by_side = (columns / widest.min(columns).max(1)).max(1);
    candidates.count().div_ceil(side_by_side)
}

fn common_beginning(all: &[Completion]) -> String {
    let Some((first, others)) = all.split_first() else { return String::new() };
    let shared = |one: &Completion| first.text.bytes().zip(one.text.bytes()).take_while(|(a, b)| a == b).count();
    let mut length = others.iter().map(shared).min().unwrap_or(first.text.len());
    while !first.text.is_char_boundary(length) {
        length -= 1;
    }
    first.text[..length].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(count: usize) -> Vec<Completion> {
        let one = |number: usize| {
            let text = format!("{}.{number:03}", 1 + number / 100);
            Completion { shown: text.clone(), text }
        };
        (0..count).map(one).collect()
    }

    fn beginning(of: &[Completion]) -> String {
        common_beginning(of)
    }

    #[test]
    fn list_that_fits_is_complete() {
        assert_eq!(fitting(tags(60), 80, 24), tags(60));
        assert_eq!(fitting(Vec::new(), 80, 24), Vec::new());
    }

    #[test]
    fn cut_list_fits_and_completes_the_common_beginning() {
        for count in [3, 30, 250, 5000] {
            for (columns, rows) in [(80, 24), (20, 5), (3, 3), (1, 1), (0, 0)] {
                let (all, shown) = (tags(count), fitting(tags(count), columns, rows));
                assert!(
                    shown.len() <= 2 || rows_of(shown.iter(), columns) <= rows.max(3) - 2,
                    "{count} {columns}x{rows}"
                );
                assert_eq!(beginning(&shown), beginning(&all));
                if shown.len() < count {
                    let hidden = count + 1 - shown.len();
                    assert_eq!(shown.last().unwrap().shown, format!("… {hidden} more"));
                }
            }
        }
    }
}
