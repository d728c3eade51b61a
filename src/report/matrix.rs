//! The table of all variants and their answers.

use super::layout::{Block, Cell, Column, Label, Layout, Row, Span, Table};
use super::value::{Report, ShownProbe};
use super::words::type_words;
use crate::oci::{Digest, media_type};
use crate::text::Untrusted;

/// What marks content of a type that was not requested.
const SUBSTITUTED: &str = "≠";
/// From how many equal rows on they are one.
const FOLDED: usize = 3;

/// The table for a terminal, with what its marks mean. Neighbouring rows that are equal are one.
pub(super) fn matrix_section(report: &Report) -> Layout {
    section(report, terminal_matrix(report))
}

/// The table with the `Accept` header of each variant in full.
pub(super) fn matrix_in_full(report: &Report) -> Layout {
    let columns = vec![
        Column::numbers("#"),
        Column::text("Accept"),
        Column::text("Status"),
        Column::flexible("Served"),
        Column::numbers("Size"),
        Column::text("Answer"),
    ];
    let rows = sent(report).map(|probe| {
        let accept = match &probe.accept[..] {
            [] => "no header".to_owned(),
            lines => lines.join(", "),
        };
        let size = probe.size.map_or_else(|| "–".to_owned(), |size| size.to_string());
        vec![
            Cell::new(probe.number.to_string(), Label::Quiet),
            Cell::new(accept, Label::Plain),
            status(probe),
            outcome(probe).unwrap_or_else(|| Cell::new("–", Label::Quiet)),
            Cell::new(size, Label::Plain),
            Cell::new(probe.answer.as_deref().unwrap_or("–"), Label::Strong),
        ]
    });
    section(report, Table { columns, rows: rows.collect() })
}

fn section(report: &Report, table: Table) -> Layout {
    let mut document = vec![Block::Table(table)];
    if report.probes.iter().any(|probe| probe.substituted && probe.failure.is_none()) {
        let legend = format!("{SUBSTITUTED}  served, but not a type that was requested");
        document.push(Block::Text(vec![Span::new(legend, Label::Bad)]));
    }
    document
}

pub(super) fn sent(report: &Report) -> impl Iterator<Item = &ShownProbe> {
    report.probes.iter().filter(|probe| probe.exchange.is_some())
}

fn terminal_matrix(report: &Report) -> Table {
    let columns = vec![
        Column::numbers("#"),
        Column::text("Accept"),
        Column::text("Status"),
        Column::flexible("Served"),
        Column::text("Digest").where_there_is_room(),
        Column::numbers("Size").where_there_is_room(),
        Column::text("Answer"),
    ];
    let mut runs: Vec<Vec<&ShownProbe>> = Vec::new();
    for probe in sent(report) {
        match runs.last_mut().filter(|run| run.iter().all(|other| is_like(other, probe))) {
            Some(run) => run.push(probe),
            None => runs.push(vec![probe]),
        }
    }
    let all = report.probes.len();
    let rows = runs.iter().flat_map(|run| match &run[..] {
        [first, .., last] if run.len() >= FOLDED => {
            let numbers = format!("{}–{}", first.number, last.number);
            let names = if run.len() == all { "all variants".to_owned() } else { format!("{} variants", run.len()) };
            vec![row(first, numbers, names)]
        }
        _ => run.iter().map(|probe| row(probe, probe.number.to_string(), probe.words.to_owned())).collect(),
    });
    Table { columns, rows: rows.collect() }
}

/// Whether nothing in their rows tells two variants apart.
fn is_like(one: &ShownProbe, other: &ShownProbe) -> bool {
    let code = |probe: &ShownProbe| probe.error.as_ref().map(|(code, _)| code.clone());
    one.status == other.status
        && one.served_type == other.served_type
        && one.digest == other.digest
        && one.size == other.size
        && one.substituted == other.substituted
        && one.failure == other.failure
        && one.answer == other.answer
        && code(one) == code(other)
}

fn row(probe: &ShownProbe, numbers: String, names: String) -> Row {
    let mut row = vec![Cell::new(numbers, Label::Quiet), Cell::new(names, Label::Plain), status(probe)];
    let is_served = probe.failure.is_none() && is_success(probe);
    match outcome(probe) {
        Some(served) if is_served => {
            row.push(served);
            row.push(Cell::new(probe.digest.as_ref().map_or("–", Digest::short), Label::Plain));
            row.push(Cell::new(probe.size.map_or_else(|| "–".to_owned(), |size| size.to_string()), Label::Plain));
        }
        Some(words) => row.push(Cell { across: 3, ..words }),
        None => row.push(Cell::across("–", Label::Quiet, 3)),
    }
    row.push(Cell::new(probe.answer.as_deref().unwrap_or("–"), Label::Strong));
    row
}

fn is_success(probe: &ShownProbe) -> bool {
    probe.status.is_some_and(|status| (200..300).contains(&status))
}

pub(super) fn status(probe: &ShownProbe) -> Cell {
    let words = probe.status.map_or_else(|| "–".to_owned(), |status| status.to_string());
    let is_good = is_success(probe) && !probe.substituted && probe.failure.is_none();
    Cell::new(words, if is_good { Label::Good } else { Label::Bad })
}

/// What was served, or the code of the error, whose words come with the answers; `None` for a refusal without either.
pub(super) fn outcome(probe: &ShownProbe) -> Option<Cell> {
    if let Some(failure) = &probe.failure {
        return Some(Cell::new(failure.cut_within(200), Label::Plain));
    }
    if is_success(probe) {
        let kind = probe.served_type.as_ref().map(type_words).unwrap_or_default();
        let kind = if kind.is_empty() { "no Content-Type".to_owned() } else { kind };
        let is_manifest = probe.served_type.as_ref().is_some_and(|served| media_type::is_manifest(served.as_str()));
        return Some(match (probe.substituted, is_manifest) {
            (true, _) => Cell::new(format!("{SUBSTITUTED} {kind}"), Label::Bad),
            (false, true) => Cell::new(kind, Label::Good),
            (false, false) => Cell::new(kind, Label::Caution),
        });
    }
    let code = probe.error.as_ref().map(|(code, message)| if code.as_str().is_empty() { message } else { code });
    let words = code.map(|code| code.cut_within(60));
    words.or_else(|| probe.refusal_words.as_ref().map(Untrusted::printable)).map(|words| Cell::new(words, Label::Plain))
}
