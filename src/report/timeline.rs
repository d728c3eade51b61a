//! Requests as bars over one axis of time, for terminals and for anything else in a fixed width.

use super::layout::Bar;
use super::wrap::{fit, width};

/// The eighths of a column, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The most columns that labels take.
const LABEL: usize = 40;

/// Draws bars with their labels, one a line, below an axis with its ends and its middle. Empty where there is nothing
/// to draw.
pub(super) fn draw(bars: &[Bar], room: usize) -> Vec<String> {
    let end = bars.iter().map(|bar| bar.to).fold(0.0, f64::max);
    let longest = bars.iter().map(|bar| width(&bar.label)).max().unwrap_or(0);
    let labels = longest.min(LABEL).min(room / 2);
    let axis = room.saturating_sub(labels + 2);
    if end <= 0.0 || axis < 12 {
        return Vec::new();
    }
    let mut lines = vec![format!("{:labels$}  {}", "", scale(end, axis))];
    lines.extend(bars.iter().map(|bar| {
        let label = fit(&bar.label, labels);
        let pad = labels.saturating_sub(width(&label));
        format!("{label}{:pad$}  {}", "", line(bar, end, axis))
    }));
    lines
}

/// `0 ms`, the middle and the end, at their places.
fn scale(end: f64, axis: usize) -> String {
    let (middle, last) = (milliseconds(end / 2.0), milliseconds(end));
    let half = axis / 2;
    let start = "0 ms";
    let gap = half.saturating_sub(start.len());
    let rest = axis.saturating_sub(half + middle.len());
    format!("{start}{:gap$}{middle}{last:>rest$}", "")
}

fn milliseconds(time: f64) -> String {
    if time < 10.0 { format!("{time:.1}") } else { format!("{time:.0}") }
}

/// A bar in eighths of a column; one that is too short to see is an eighth.
fn line(bar: &Bar, end: f64, axis: usize) -> String {
    let eighths = axis * 8;
    // Both are within the axis, which is far below what a float can count.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = |time: f64| (time / end * eighths as f64).clamp(0.0, eighths as f64) as usize;
    let (from, to) = (at(bar.from).min(eighths - 1), at(bar.to));
    let start = from / 8;
    let length = to.saturating_sub(start * 8).max(1);
    let mut text = " ".repeat(start);
    text.extend(std::iter::repeat_n('█', length / 8));
    if length % 8 > 0 {
        text.push(EIGHTHS[length % 8 - 1]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, from: f64, to: f64) -> Bar {
        Bar { label: label.to_owned(), from, to }
    }

    #[test]
    fn bars_stand_where_their_time_is() {
        let lines = draw(&[bar("one", 0.0, 50.0), bar("two", 50.0, 100.0)], 25);
        assert_eq!(lines, ["     0 ms      50     100", "one  ██████████", "two            ██████████"]);
    }

    #[test]
    fn every_bar_can_be_seen_and_none_leaves_the_axis() {
        let lines = draw(&[bar("a", 0.0, 0.0), bar("b", 100.0, 100.0), bar("c", 99.0, 100.0)], 43);
        for line in &lines[1..] {
            assert!(line.trim_end().chars().count() > 3 && width(line) <= 43, "{line:?}");
        }
    }

    #[test]
    fn without_time_or_room_there_is_nothing_to_draw() {
        assert!(draw(&[], 80).is_empty() && draw(&[bar("a", 0.0, 0.0)], 80).is_empty());
        assert!(draw(&[bar("a long label", 0.0, 9.0)], 16).is_empty());
    }
}
