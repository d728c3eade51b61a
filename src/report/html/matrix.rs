//! The `Accept` variants, each with its header lines, its answer, and the exchange that shows it.

use super::markup::Writer;
use super::prose::class;
use crate::evidence::Depth;
use crate::oci::Digest;
use crate::report::layout::{Cell, Label};
use crate::report::matrix::{outcome, sent, status};
use crate::report::value::{Report, ShownProbe};

/// Writes the matrix. Where one client alone has asked, there is nothing to compare.
pub fn matrix(writer: &mut Writer<'_>, report: &Report) {
    if report.depth == Depth::Batch || sent(report).next().is_none() {
        return;
    }
    writer.block("<section><h2>Accept variants</h2><table class=\"matrix\"><thead><tr>");
    for title in [
        "<th class=\"number\">No.</th>",
        "<th>Accept</th>",
        "<th class=\"wide\">Header</th>",
        "<th>Status</th>",
        "<th>Served</th>",
        "<th class=\"wide\">Digest</th>",
        "<th class=\"number wide\">Size</th>",
        "<th>Answer</th>",
        "<th class=\"number\">#</th>",
    ] {
        writer.block(title);
    }
    writer.block("</tr></thead><tbody>");
    sent(report).for_each(|probe| row(writer, probe));
    writer.block("</tbody></table>");
    if sent(report).any(|probe| probe.substituted && probe.failure.is_none()) {
        writer.block("<p class=\"quiet\">");
        writer.text("≠ served, but not a type that was requested");
        writer.inline("</p>");
    }
    writer.block("</section>");
}

fn row(writer: &mut Writer<'_>, probe: &ShownProbe) {
    writer.block("<tr><td class=\"number quiet\">");
    writer.number(probe.number as u64);
    writer.block("</td><td>");
    writer.text(probe.words);
    writer.block("</td><td class=\"header wide\">");
    for accepted in probe.accept.iter().flat_map(|line| line.split(',')) {
        writer.block("<div>");
        writer.text(accepted.trim());
        writer.inline("</div>");
    }
    writer.block("</td>");
    let status = status(probe);
    writer.block("<td class=\"status ");
    writer.inline(class(if status.label == Label::Good { Label::Plain } else { Label::Strong }));
    writer.inline("\">");
    writer.text(&status.text);
    writer.inline("</td>");
    let is_served = probe.status.is_some_and(|status| (200..300).contains(&status)) && probe.failure.is_none();
    match outcome(probe) {
        // Substitution is what matters here, and need not be what is broken.
        Some(served) if is_served => {
            let label = if probe.substituted { Label::Name } else { Label::Plain };
            cell(writer, &Cell { label, ..served });
        }
        Some(words) => cell(writer, &words),
        None => cell(writer, &Cell::new("–", Label::Quiet)),
    }
    writer.block("<td class=\"code wide\">");
    writer.text(probe.digest.as_ref().map_or("–", Digest::short));
    writer.block("</td><td class=\"number wide quiet\">");
    writer.text(&probe.size.map_or_else(|| "–".to_owned(), |size| size.to_string()));
    writer.block("</td><td class=\"strong\">");
    writer.text(probe.answer.as_deref().unwrap_or("–"));
    writer.block("</td><td class=\"number\">");
    if let Some(exchange) = probe.exchange {
        writer.link(exchange);
    }
    writer.block("</td></tr>");
}

fn cell(writer: &mut Writer<'_>, cell: &Cell) {
    writer.block("<td class=\"");
    writer.inline(class(cell.label));
    writer.inline("\">");
    writer.text(&cell.text);
    writer.inline("</td>");
}
