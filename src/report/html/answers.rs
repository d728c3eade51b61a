//! The distinct answers: who got each, then side by side, and the words of those that are not a manifest.

use super::blocks::{Place, blocks};
use super::markup::Writer;
use crate::evidence::Depth;
use crate::report::answers::answers as laid_out;
use crate::report::sides::numbers;
use crate::report::value::Report;

/// Writes the answers. Where one client alone has asked, there is nothing to compare.
pub fn answers(writer: &mut Writer<'_>, report: &Report) {
    if report.depth == Depth::Batch || report.answers.is_empty() {
        return;
    }
    writer.block("<section><h2>Answers</h2><ul class=\"answers\">");
    for answer in &report.answers {
        writer.block("<li>");
        writer.within("<b>", &answer.name, "</b> ");
        writer.link(answer.exchange);
        writer.text(if answer.probes.len() == 1 { " variant " } else { " variants " });
        writer.text(&numbers(answer));
        writer.inline("</li>");
    }
    writer.block("</ul>");
    blocks(writer, &laid_out(report), Place::Section);
    writer.block("</section>");
}
