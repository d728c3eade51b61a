//! Bars over an axis of time, as SVG: places are percentages, so that a drawing is as wide as there is room, and its words
//! keep their size.

use super::markup::Writer;
use crate::report::exchange::in_words;
use crate::report::layout::Bar;
use crate::report::words::time;

/// The narrowest bar, in percent of the axis: any time can be seen.
const NARROWEST: f64 = 0.4;

/// A part of a bar, in milliseconds from the start of the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// The class of its look.
    pub class: &'static str,
    /// The start.
    pub from: f64,
    /// The end.
    pub to: f64,
}

/// The start, the middle and the end of an axis of so many milliseconds.
pub fn axis(writer: &mut Writer<'_>, end: f64) {
    writer.block("<svg class=\"axis\" width=\"100%\" height=\"16\">");
    for (place, time) in [
        ("<text x=\"0\" y=\"12\">", 0.0),
        ("<text x=\"50%\" y=\"12\" text-anchor=\"middle\">", end / 2.0),
        ("<text x=\"100%\" y=\"12\" text-anchor=\"end\">", end),
    ] {
        writer.block(place);
        writer.text(&if time > 0.0 { short(time) } else { "0".to_owned() });
        writer.inline("</text>");
    }
    writer.inline("</svg>");
}

/// A time with its unit.
fn short(milliseconds: f64) -> String {
    if milliseconds < 1000.0 { in_words(milliseconds) } else { time(milliseconds) }
}

/// A bar of parts over an axis of so many milliseconds.
pub fn bar(writer: &mut Writer<'_>, parts: &[Part], end: f64) {
    writer.block("<svg class=\"bar\" width=\"100%\" height=\"16\" aria-hidden=\"true\">");
    for line in [
        "<path class=\"grid\" d=\"M0.5 0V16\"/>",
        "<svg x=\"50%\" overflow=\"visible\"><path class=\"grid\" d=\"M0 0V16\"/></svg>",
        "<svg x=\"100%\" overflow=\"visible\"><path class=\"grid\" d=\"M-0.5 0V16\"/></svg>",
    ] {
        writer.inline(line);
    }
    let place = |time: f64| if end > 0.0 { (time / end * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    for part in parts {
        let from = place(part.from).min(100.0 - NARROWEST);
        writer.inline("<rect class=\"");
        writer.inline(part.class);
        writer.inline("\" x=\"");
        writer.decimal(from);
        writer.inline("%\" y=\"4\" width=\"");
        writer.decimal((place(part.to) - from).max(NARROWEST));
        writer.inline("%\" height=\"8\"/>");
    }
    writer.inline("</svg>");
}

/// Bars with their labels, each in a row.
pub fn timeline(writer: &mut Writer<'_>, bars: &[Bar]) {
    let end = bars.iter().map(|bar| bar.to).fold(0.0, f64::max);
    if end <= 0.0 {
        return;
    }
    writer.block("<table class=\"bars\"><thead><tr><th></th><th class=\"time\">");
    axis(writer, end);
    writer.block("</th></tr></thead><tbody>");
    for one in bars {
        writer.block("<tr><td>");
        writer.prose(&one.label);
        writer.block("</td><td class=\"time\">");
        bar(writer, &[Part { class: "wait", from: one.from, to: one.to }], end);
        writer.block("</td></tr>");
    }
    writer.block("</tbody></table>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::html::markup::Targets;

    fn drawn(parts: &[Part], end: f64) -> String {
        let (mut clean, targets) = (str::to_owned, Targets::default());
        let mut writer = Writer::new(&mut clean, &targets);
        bar(&mut writer, parts, end);
        writer.finish().written()
    }

    #[test]
    fn every_part_can_be_seen_and_is_on_the_axis() {
        for (from, to, end) in
            [(0.0, 0.0, 0.0), (0.0, 0.0, 9.0), (9.0, 9.0, 9.0), (8.99, 12.0, 9.0), (-1.0, f64::NAN, 9.0)]
        {
            let shown = drawn(&[Part { class: "wait", from, to }], end);
            let (_, rest) = shown.split_once("<rect class=\"wait\" x=\"").unwrap();
            let (x, rest) = rest.split_once("%\" y=\"4\" width=\"").unwrap();
            let (width, _) = rest.split_once('%').unwrap();
            let (x, width): (f64, f64) = (x.parse().unwrap(), width.parse().unwrap());
            assert!(x >= 0.0 && width >= NARROWEST && x + width <= 100.01, "{from} {to} {end}: {shown}");
        }
    }

    #[test]
    fn bar_is_where_its_time_is() {
        let shown = drawn(&[Part { class: "wait", from: 25.0, to: 75.0 }], 100.0);
        assert!(shown.contains("<rect class=\"wait\" x=\"25.00%\" y=\"4\" width=\"50.00%\" height=\"8\"/>"), "{shown}");
    }
}
