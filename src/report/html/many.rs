//! Several images: their verdicts as a table, which the page begins with.

use super::markup::{Html, Targets, Writer};
use super::prose::class;
use crate::report::layout::{Block, Span};
use crate::report::many::row as laid_out;
use crate::report::relabelled::Change;
use crate::report::value::Report;

/// The row of an image, whose name links to its report where there is one.
pub fn row(report: &Report, has_report: bool, clean: &mut Change<'_>) -> Html {
    let targets = Targets::default();
    let mut writer = Writer::new(clean, &targets);
    let Block::Row(parts) = laid_out(report, 0) else { return Html::default() };
    let mut spans = parts.into_iter().map(|(span, _)| span);
    writer.block("<tr>");
    for span in spans.by_ref().take(1) {
        cell(&mut writer, &span);
    }
    for span in spans.by_ref().take(1) {
        writer.block("<td>");
        match report.index.filter(|_| has_report) {
            Some(index) => {
                writer.inline("<a href=\"#image-");
                writer.number(index as u64 + 1);
                writer.inline("\">");
                writer.text(&span.text);
                writer.inline("</a>");
            }
            None => writer.text(&span.text),
        }
        writer.inline("</td>");
    }
    let rest: Vec<Span> = spans.collect();
    if rest.len() < 2 {
        writer.block("<td></td>");
    }
    rest.iter().for_each(|span| cell(&mut writer, span));
    writer.block("</tr>");
    writer.finish()
}

fn cell(writer: &mut Writer<'_>, span: &Span) {
    writer.block("<td class=\"");
    writer.inline(class(span.label));
    writer.inline("\">");
    writer.text(&span.text);
    writer.inline("</td>");
}
