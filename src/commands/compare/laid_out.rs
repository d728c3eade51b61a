//! A comparison laid out for people: whether clients notice, the parts side by side, why they differ, who is affected.

use crate::comparison::{Comparison, Consequence, Difference, Effect, Outcome, Part, Served, Side};
use crate::diagnosis::{CommandLine, ExitStatus, Severity};
use crate::evidence::ExchangeId;
use crate::oci::media_type;
use crate::report::{
    Block, Cell, Column, Label, Layout, Line, NoteWeight, Report, Row, Span, Table, diagnosed, minute, pasted, plain,
    provenance_of_sides, removed, short_digest,
};
use crate::text::Untrusted;

/// The most parts that are shown. Those that differ come first.
const MOST_PARTS: usize = 20;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// Without the evidence of each side.
    Short,
    /// With all evidence of both sides, for a terminal.
    Whole,
    /// The same for an issue, with what made it and how to repeat it first.
    ForPasting,
}

/// Lays a comparison out. `again` is the command that makes the same one.
pub(super) fn laid_out(
    comparison: &Comparison,
    reports: &[Report; 2],
    status: ExitStatus,
    amount: Amount,
    again: Option<CommandLine>,
) -> Layout {
    let mut document = provenance_of_sides(reports);
    document.push(Block::Title(verdict(comparison, reports)));
    if amount == Amount::ForPasting {
        document.extend(made_by(reports, status).map(|line| Block::Text(vec![plain(line)])));
        document.extend(again.map(|command| Block::Command { command, purpose: String::new() }));
    }
    document.extend(Side::BOTH.map(|side| in_short(side, comparison, reports)));
    if !comparison.parts.is_empty() {
        document.extend([Block::Gap, Block::Table(table(&comparison.parts))]);
    }
    if !comparison.differences.is_empty() {
        document.extend([Block::Gap, Block::Heading("Differences".to_owned())]);
        document.extend(comparison.differences.iter().map(difference));
    }
    if !comparison.consequences.is_empty() {
        document.extend([Block::Gap, Block::Heading("Who is affected".to_owned())]);
        document.extend(comparison.consequences.iter().map(consequence));
    }
    let mut findings: Layout = Side::BOTH.into_iter().flat_map(|side| errors(side, side.of(reports))).collect();
    findings.extend(Side::BOTH.into_iter().flat_map(|side| notes(side, side.of(reports))));
    document.extend((!findings.is_empty()).then_some(Block::Gap));
    document.extend(findings);
    if amount != Amount::Short {
        document.push(Block::Gap);
        document.extend(Side::BOTH.map(|side| evidence(side, side.of(reports), amount)));
    }
    if amount != Amount::ForPasting {
        document.push(Block::Gap);
        document.extend(made_by(reports, status).map(|line| Block::Text(vec![Span::new(line, Label::Quiet)])));
    }
    document
}

/// `✗ A and B differ, and some clients notice`, with the names of both.
fn verdict(comparison: &Comparison, reports: &[Report; 2]) -> Line {
    let is_interrupted = reports.iter().any(|report| report.exit == ExitStatus::Interrupted);
    let (mark, words) = match comparison.outcome {
        _ if is_interrupted => (Span::new("? ", Label::Caution), "not compared: interrupted"),
        Outcome::Same => (Span::new("✓ ", Label::Good), "A and B are the same for every client"),
        Outcome::Unnoticed => (Span::new("✓ ", Label::Good), "A and B differ; no client notices"),
        Outcome::Noticed => (Span::new("✗ ", Label::Bad), "A and B differ; some clients notice"),
        Outcome::Unread => (Span::new("✗ ", Label::Bad), unread(comparison)),
    };
    vec![mark, plain(words)]
}

fn unread(comparison: &Comparison) -> &'static str {
    match &comparison.served {
        [None, None] => "not compared: neither side was served",
        [None, _] => "not compared: A was not served",
        _ => "not compared: B was not served",
    }
}

/// A side in one line: its reference, what it serves, and who asked.
fn in_short(side: Side, comparison: &Comparison, reports: &[Report; 2]) -> Block {
    let report = side.of(reports);
    let mut line = vec![Span::new(&report.canonical, Label::Strong)];
    let served = side.of(&comparison.served).as_ref().map(document_words);
    let words = served.into_iter().chain([report.asked_as.clone()]).map(|words| format!(" · {words}"));
    line.push(Span::new(words.collect::<String>(), Label::Quiet));
    Block::Labelled { label: side.name(), line, command: None }
}

/// `OCI index 4f53cda18c2b, 1620 bytes`
fn document_words(served: &Served) -> String {
    let kind = &served.media_type;
    let kind = media_type::in_a_sentence(kind.as_str()).map_or_else(|| kind.named_within(60), str::to_owned);
    let digest = served.digest.as_ref().map(|digest| format!(" {}", digest.short())).unwrap_or_default();
    let size = served.size.map(|size| format!(", {size} bytes")).unwrap_or_default();
    format!("{kind}{digest}{size}")
}

fn table(parts: &[Part]) -> Table {
    let columns = vec![Column::text(""), Column::text("A"), Column::text("B"), Column::flexible("")];
    // The first is the root; of the others, those that differ matter most.
    let (root, images) = parts.split_at(1);
    let differing = images.iter().filter(|part| !part.is_same);
    let shown: Vec<_> = root.iter().chain(differing).chain(images.iter().filter(|part| part.is_same)).collect();
    let mut rows: Vec<Row> = shown.iter().take(MOST_PARTS).map(|part| row(part)).collect();
    let others = shown.len().saturating_sub(MOST_PARTS);
    rows.extend((others > 0).then(|| vec![Cell::across(format!("and {others} more"), Label::Quiet, 4)]));
    Table { columns, rows }
}

fn row(part: &Part) -> Row {
    let [a, b] = part.digests.each_ref();
    let digest = |digest: &Option<Untrusted>| digest.as_ref().map_or_else(|| "–".to_owned(), short_digest);
    let label = if part.is_same { Label::Quiet } else { Label::Caution };
    let is_equal = part.is_same && a.is_some();
    vec![
        Cell::new(&part.name, Label::Plain),
        Cell::new(digest(a), label),
        Cell::new(if is_equal { "=".to_owned() } else { digest(b) }, label),
        Cell::new(&part.words, if part.is_same { Label::Quiet } else { Label::Plain }),
    ]
}

fn difference(difference: &Difference) -> Block {
    let kind = Span::new(difference.kind.as_str(), Label::Name);
    let mut marks = Vec::new();
    marks.extend((!difference.is_noticed).then_some("not noticed"));
    marks.extend((!difference.is_certain).then_some("likely"));
    let marks: String = marks.iter().map(|mark| format!(" · {mark}")).collect();
    let mut line = vec![kind, Span::new(marks, Label::Quiet), plain(format!("  {}", difference.text))];
    let proof = cited(&difference.proof);
    line.extend((!proof.is_empty()).then(|| Span::new(format!(" ({proof})"), Label::Quiet)));
    Block::Item(line)
}

/// `A #3, B #7`
fn cited(proof: &[(Side, ExchangeId)]) -> String {
    const MOST: usize = 4;
    let all: Vec<_> = proof.iter().take(MOST).map(|(side, id)| format!("{} #{id}", side.name())).collect();
    all.join(", ")
}

fn consequence(consequence: &Consequence) -> Block {
    let mark = match consequence.effect {
        Effect::Same | Effect::SameContent => Span::new("✓ ", Label::Good),
        Effect::Fails => Span::new("✗ ", Label::Bad),
        Effect::Other => Span::new("≠ ", Label::Caution),
        Effect::Unchecked => Span::new("? ", Label::Quiet),
    };
    Block::Item(vec![mark, plain(&consequence.text)])
}

/// The errors of a side, with the command that explains the first of them.
fn errors(side: Side, report: &Report) -> Layout {
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let lines = errors.enumerate().map(|(number, finding)| {
        let line = vec![Span::new(finding.rule, Label::Name), plain(format!("  {}", finding.title))];
        Block::Labelled { label: side.name(), line, command: report.again.clone().filter(|_| number == 0) }
    });
    lines.collect()
}

/// The notes about a side that limit what the comparison says.
fn notes(side: Side, report: &Report) -> Layout {
    let notes = report.notes.iter().filter(|note| note.weight != NoteWeight::Evidence);
    let block = |text: &str| {
        let line = vec![Span::new(text, Label::Quiet)];
        Block::Labelled { label: side.name(), line, command: None }
    };
    notes.map(|note| block(&note.text)).collect()
}

/// All evidence of a side.
fn evidence(side: Side, report: &Report, amount: Amount) -> Block {
    let content = if amount == Amount::ForPasting { pasted(report) } else { diagnosed(report) };
    Block::Fold { title: format!("{}: all evidence", side.name()), content }
}

/// What made the comparison, and what is not shown in it.
fn made_by(reports: &[Report; 2], status: ExitStatus) -> impl Iterator<Item = String> {
    let [a, b] = reports;
    let mut parts = vec![format!("ociscope {}", env!("CARGO_PKG_VERSION"))];
    parts.extend(a.began.map(minute));
    parts.push(a.platform.clone());
    parts.push(format!("{} + {} requests", a.exchanges.len(), b.exchanges.len()));
    parts.push(format!("exit status {}", status.code()));
    let removed = Side::BOTH.into_iter().filter_map(|side| {
        let words = removed(side.of(reports))?;
        Some(format!("{}: {words}", side.name()))
    });
    let removed: Vec<_> = removed.collect();
    [parts.join(" · ")].into_iter().chain(removed)
}
