//! Every request of a run, with a waterfall of the times: where each began, and what its time went to.

use super::bars::{Part, axis, bar};
use super::markup::Writer;
use crate::report::exchange::{in_words, milliseconds};
use crate::report::requests::{is_good, outcome, request, why};
use crate::report::value::{Report, ShownExchange};

/// The steps of a request, by the class of their look, and how the legend names them.
const STEPS: [(&str, &str); 5] = [
    ("dns", "name lookup"),
    ("connect", "connect"),
    ("tls", "TLS"),
    ("wait", "wait for an answer"),
    ("receive", "receive"),
];

/// Writes the requests in their order.
pub fn requests(writer: &mut Writer<'_>, report: &Report) {
    let end = report.exchanges.iter().map(|one| one.started_ms + one.duration_ms).fold(0.0, f64::max);
    writer.block("<section><h2>Requests</h2><table class=\"requests\"><thead><tr>");
    for title in [
        "<th class=\"number\">#</th>",
        "<th>Request</th>",
        "<th class=\"wide\">Asked for</th>",
        "<th>Status</th>",
        "<th class=\"number wide\">Bytes</th>",
        "<th class=\"number\">Time</th>",
        "<th class=\"time\">",
    ] {
        writer.block(title);
    }
    axis(writer, end);
    writer.block("</th></tr></thead><tbody>");
    let mut seen: Vec<&'static str> = Vec::new();
    for exchange in &report.exchanges {
        let steps = steps(exchange);
        seen.extend(steps.iter().map(|step| step.class));
        row(writer, report, exchange, &steps, end);
    }
    writer.block("</tbody></table>");
    legend(writer, &seen);
    writer.block("</section>");
}

fn row(writer: &mut Writer<'_>, report: &Report, exchange: &ShownExchange, steps: &[Part], end: f64) {
    writer.block("<tr><td class=\"number\">");
    writer.link(exchange.id);
    writer.block("</td><td class=\"request\">");
    writer.text(&request(report, exchange));
    writer.block("</td><td class=\"wide quiet\">");
    writer.text(&why(report, exchange));
    writer.block(if is_good(exchange) { "</td><td>" } else { "</td><td class=\"strong\">" });
    writer.text(&outcome(exchange));
    writer.block("</td><td class=\"number wide quiet\">");
    let size = exchange.response.as_ref().map(|response| response.body.size.to_string());
    writer.text(size.as_deref().unwrap_or("–"));
    writer.block("</td><td class=\"number quiet\">");
    writer.text(&if exchange.connection.shared { "–".to_owned() } else { in_words(exchange.duration_ms) });
    writer.block("</td><td class=\"time\">");
    bar(writer, steps, end);
    writer.block("</td></tr>");
}

/// The steps of a request one after the other; what is left of its time is that in which the body came. A request that was
/// not sent has none.
fn steps(exchange: &ShownExchange) -> Vec<Part> {
    if exchange.connection.shared {
        return Vec::new();
    }
    let timing = &exchange.timing;
    let last = exchange.started_ms + exchange.duration_ms;
    let mut at = exchange.started_ms;
    let mut steps = Vec::new();
    let known = [timing.dns, timing.connect, timing.tls, timing.first_byte];
    for ((class, _), time) in STEPS.into_iter().zip(known) {
        let Some(time) = time else { continue };
        let to = (at + milliseconds(time)).min(last);
        if to > at {
            steps.push(Part { class, from: at, to });
        }
        at = to;
    }
    let is_answered = exchange.response.is_some() && timing.first_byte.is_some();
    if last > at || steps.is_empty() {
        steps.push(Part { class: if is_answered { "receive" } else { "wait" }, from: at, to: last });
    }
    steps
}

/// What the looks of the steps mean, as far as they occur.
fn legend(writer: &mut Writer<'_>, seen: &[&str]) {
    writer.block("<p class=\"legend quiet\">");
    for (class, words) in STEPS.into_iter().filter(|(class, _)| seen.contains(class)) {
        writer.block("<span><svg width=\"12\" height=\"8\" aria-hidden=\"true\"><rect class=\"");
        writer.inline(class);
        writer.inline("\" width=\"12\" height=\"8\"/></svg> ");
        writer.text(words);
        writer.inline("</span> ");
    }
    writer.inline("</p>");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::testing::answered;
    use crate::evidence::{Exchange, Journal, Redactor};
    use crate::report::shown_exchanges;

    fn shown(exchange: Exchange) -> ShownExchange {
        let mut journal = Journal::default();
        let id = journal.enter(exchange);
        shown_exchanges(&[id], &journal, &mut Redactor::default()).remove(0)
    }

    fn asked(times: [Option<u64>; 4], duration: u64) -> ShownExchange {
        let mut exchange = answered("https://r.test/v2/", 200, &[], "{}");
        let [dns, connect, tls, first_byte] = times.map(|time| time.map(Duration::from_millis));
        exchange.started = Duration::from_millis(100);
        exchange.duration = Duration::from_millis(duration);
        (exchange.timing.dns, exchange.timing.connect) = (dns, connect);
        (exchange.timing.tls, exchange.timing.first_byte) = (tls, first_byte);
        shown(exchange)
    }

    #[test]
    fn steps_follow_each_other_and_end_with_the_request() {
        let steps = steps(&asked([Some(5), Some(10), Some(15), Some(40)], 100));
        let expected = [
            ("dns", 100.0, 105.0),
            ("connect", 105.0, 115.0),
            ("tls", 115.0, 130.0),
            ("wait", 130.0, 170.0),
            ("receive", 170.0, 200.0),
        ];
        assert_eq!(steps, expected.map(|(class, from, to)| Part { class, from, to }));
    }

    #[test]
    fn step_is_no_longer_than_its_request() {
        let steps = steps(&asked([None, None, None, Some(400)], 100));
        assert_eq!(steps, [Part { class: "wait", from: 100.0, to: 200.0 }]);
    }

    #[test]
    fn time_of_unknown_steps_is_waiting() {
        let steps = steps(&asked([None; 4], 100));
        assert_eq!(steps, [Part { class: "wait", from: 100.0, to: 200.0 }]);
    }
}
