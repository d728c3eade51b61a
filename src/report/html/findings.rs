//! The findings, each with its cause, its proof, and what to do.

use super::blocks::{Place, blocks, command, pre};
use super::markup::Writer;
use crate::diagnosis::{Finding, Quote, Severity};
use crate::report::layout::{Label, Span};
use crate::report::presented::presented_in;
use crate::report::proof::{speaker, without_status};
use crate::report::requests::{outcome, request};
use crate::report::value::Report;
use crate::report::words::{certainty, explanation_of, sentence, severity};

/// The most characters of the words in a proof.
const WORDS: usize = 600;

/// Writes the findings, most important first.
pub fn findings(writer: &mut Writer<'_>, report: &Report) {
    report.findings.iter().for_each(|finding| self::finding(writer, report, finding));
}

fn finding(writer: &mut Writer<'_>, report: &Report, finding: &Finding) {
    writer.block(match finding.severity {
        Severity::Error => "<article class=\"finding error\"><h2>",
        Severity::Warning => "<article class=\"finding warning\"><h2>",
        Severity::Info => "<article class=\"finding\"><h2>",
    });
    writer.prose(&sentence(&finding.title));
    writer.block("</h2><p class=\"kind\">");
    writer.span(&Span::new(finding.rule, Label::Name));
    writer.inline(" · ");
    // The page says once what is broken, by its title and by the edge of the finding.
    writer.text(severity(finding).0);
    writer.inline(" · ");
    writer.text(certainty(finding));
    writer.inline("</p>");
    if !finding.cause.is_empty() {
        writer.block("<p>");
        writer.prose(&finding.cause);
        writer.inline("</p>");
    }
    writer.block("<dl class=\"labelled\"><dt>proof</dt><dd><ul class=\"proof\">");
    finding.evidence.iter().for_each(|quote| proof(writer, report, quote));
    writer.block("</ul></dd>");
    for (number, fix) in finding.fix.iter().enumerate() {
        writer.block("<dt>");
        writer.inline(if number == 0 { "fix" } else { "" });
        writer.block("</dt><dd>");
        writer.prose(&fix.text);
        if let Some(line) = &fix.command {
            command(writer, line);
        }
        writer.inline("</dd>");
    }
    writer.block("<dt>more</dt><dd>");
    writer.inline("<code>");
    writer.command(&explanation_of(report, finding));
    writer.inline("</code></dd>");
    writer.block("</dl>");
    blocks(writer, &presented_in(report, finding), Place::Section);
    writer.block("</article>");
}

/// A request, and the words in its answer that matter.
fn proof(writer: &mut Writer<'_>, report: &Report, quote: &Quote) {
    let exchange = report.exchange(quote.exchange);
    let status = exchange.map(outcome).unwrap_or_default();
    writer.block("<li>");
    writer.link(quote.exchange);
    if let Some(exchange) = exchange {
        writer.within(" <span class=\"request\">", &request(report, exchange), "</span> ");
        writer.within("<b>", &status, "</b> ");
    }
    let words = without_status(&quote.quote.cut_within(WORDS), &status);
    match speaker(report, quote, exchange) {
        Some(speaker) if !words.is_empty() => {
            writer.within("<span class=\"quiet\">", speaker, ":</span>");
            pre(writer, "<pre class=\"said\">", &[words]);
        }
        _ => writer.text(&words),
    }
    writer.inline("</li>");
}
