//! Every request of a run, as a table and as bars of time.

use super::address::with_short_digest;
use super::layout::{Bar, Cell, Column, Label, Table};
use super::value::{Report, ShownExchange};
use crate::evidence::Method;

/// The most bars of a timeline.
const BARS: usize = 16;

/// A request in one line: `GET …/manifests/1.0`, with the host where that is not the registry's own.
pub(super) fn request(report: &Report, exchange: &ShownExchange) -> String {
    format!("{} {}", exchange.method.as_str(), address(report, exchange))
}

/// The address without what is the same in all of them, and with short digests.
fn address(report: &Report, exchange: &ShownExchange) -> String {
    let (path, query) = match exchange.url.split_once('?') {
        Some((path, _)) => (path, "?…"),
        None => (exchange.url.as_str(), ""),
    };
    let own = path.strip_prefix(&report.origin).filter(|rest| rest.starts_with('/'));
    let shown = match own {
        Some(path) => match path.strip_prefix(&format!("/v2/{}/", report.repository)) {
            Some(rest) => format!("…/{rest}"),
            None => path.to_owned(),
        },
        None => path.split_once("://").map_or(path, |(_, rest)| rest).to_owned(),
    };
    format!("{}{query}", with_short_digest(&shown))
}

/// The status of an exchange, or the kind of failure where there is none.
pub(super) fn outcome(exchange: &ShownExchange) -> String {
    match (&exchange.response, &exchange.failure) {
        (Some(response), None) => response.status.to_string(),
        (Some(response), Some((kind, _))) => format!("{} {kind}", response.status),
        (None, Some((kind, _))) => (*kind).to_owned(),
        // A handshake alone has no status.
        (None, None) if exchange.method == Method::Tls => "TLS".to_owned(),
        (None, None) => "–".to_owned(),
    }
}

/// Whether an exchange got what it asked for, or was sent on to it.
pub(super) fn is_good(exchange: &ShownExchange) -> bool {
    let is_answered = || exchange.response.as_ref().is_some_and(|response| (200..400).contains(&response.status));
    exchange.failure.is_none() && (exchange.method == Method::Tls || is_answered())
}

/// How many requests were sent for this reference.
pub(super) fn sent(report: &Report) -> usize {
    report.exchanges.iter().filter(|exchange| !exchange.connection.shared).count()
}

/// All requests, one a row.
pub(super) fn table(report: &Report) -> Table {
    let columns = vec![
        Column::numbers("#"),
        Column::flexible("Request"),
        Column::text("Asked for").where_there_is_room(),
        Column::text("Status"),
        Column::numbers("Bytes").where_there_is_room(),
        Column::numbers("ms"),
    ];
    let rows = report.exchanges.iter().map(|exchange| {
        let size = exchange.response.as_ref().map_or_else(|| "–".to_owned(), |response| response.body.size.to_string());
        vec![
            Cell::new(exchange.id.to_string(), Label::Quiet),
            Cell::new(request(report, exchange), Label::Plain),
            Cell::new(why(report, exchange), Label::Plain),
            Cell::new(outcome(exchange), if is_good(exchange) { Label::Good } else { Label::Bad }),
            Cell::new(size, Label::Plain),
            Cell::new(format!("{:.0}", exchange.duration_ms), Label::Quiet),
        ]
    });
    Table { columns, rows: rows.collect() }
}

/// What a request was for: the variant where it has the answer of one, else its purpose.
pub(super) fn why(report: &Report, exchange: &ShownExchange) -> String {
    let probe = report.probes.iter().find(|probe| probe.exchange == Some(exchange.id));
    match probe {
        None if exchange.connection.shared => format!("{}, asked before", exchange.purpose),
        None => exchange.purpose.to_owned(),
        Some(probe) => probe.words.to_owned(),
    }
}

/// The times of the run: requests of a kind that stand next to each other are one bar; of many bars the longest.
pub(super) fn bars(report: &Report) -> Vec<Bar> {
    let mut groups: Vec<Vec<&ShownExchange>> = Vec::new();
    for exchange in &report.exchanges {
        let kin = |other: &&ShownExchange| other.purpose == exchange.purpose && other.method == exchange.method;
        match groups.last_mut().filter(|group| group.iter().all(kin) && overlaps(group, exchange)) {
            Some(group) => group.push(exchange),
            None => groups.push(vec![exchange]),
        }
    }
    let mut bars: Vec<(usize, Bar)> = groups.iter().filter_map(|group| bar(report, group)).enumerate().collect();
    bars.sort_by(|(_, one), (_, other)| (other.to - other.from).total_cmp(&(one.to - one.from)));
    bars.truncate(BARS);
    bars.sort_by_key(|(at, _)| *at);
    bars.into_iter().map(|(_, bar)| bar).collect()
}

/// Whether an exchange began before the last of a group had ended: then they were under way together.
fn overlaps(group: &[&ShownExchange], exchange: &ShownExchange) -> bool {
    group.iter().any(|other| exchange.started_ms < other.started_ms + other.duration_ms)
}

fn bar(report: &Report, group: &[&ShownExchange]) -> Option<Bar> {
    let (first, last) = (group.first()?, group.last()?);
    let what = request(report, first);
    let label = match group.len() {
        1 => format!("#{}  {what}  {}", first.id, outcome(first)),
        many => format!("#{}–{}  {many} × {what}", first.id, last.id),
    };
    let from = group.iter().map(|exchange| exchange.started_ms).fold(f64::INFINITY, f64::min);
    let to = group.iter().map(|exchange| exchange.started_ms + exchange.duration_ms).fold(0.0, f64::max);
    Some(Bar { label, from, to })
}
