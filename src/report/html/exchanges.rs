//! Every exchange, folded: what was sent and received, in full.

use super::blocks::{Place, blocks, command};
use super::markup::Writer;
use crate::report::exchange::{exchange_in_full, in_words};
use crate::report::requests::{is_good, outcome, why};
use crate::report::value::{Report, ShownExchange};

/// Writes the exchanges in their order. Each has the name that its number links to.
pub fn exchanges(writer: &mut Writer<'_>, report: &Report) {
    if report.exchanges.is_empty() {
        return;
    }
    writer.block("<section class=\"exchanges\"><h2>Exchanges</h2>");
    report.exchanges.iter().for_each(|one| exchange(writer, report, one));
    writer.block("</section>");
}

fn exchange(writer: &mut Writer<'_>, report: &Report, exchange: &ShownExchange) {
    writer.block("<details id=\"");
    writer.name(exchange.id);
    writer.inline("\"><summary>");
    writer.within("<span class=\"number quiet\">", &format!("#{}", exchange.id), "</span> ");
    writer.within("<span class=\"request\">", &format!("{} {}", exchange.method.as_str(), exchange.url), "</span> ");
    writer.inline(if is_good(exchange) { "<span class=\"plain\">" } else { "<span class=\"strong\">" });
    writer.text(&outcome(exchange));
    writer.inline("</span> <span class=\"quiet\">");
    writer.text(&format!("{} · {}", why(report, exchange), in_words(exchange.duration_ms)));
    writer.inline("</span></summary>");
    // The title is in the summary.
    blocks(writer, &exchange_in_full(exchange)[1..], Place::Section);
    if let Some(again) = &exchange.curl {
        writer.block("<h3>Repeat</h3>");
        command(writer, again);
    }
    writer.block("</details>");
}
