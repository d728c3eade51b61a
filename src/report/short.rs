//! The answer of a diagnosis on one screen: the verdict, each error with cause, proof and fix, and one line on the evidence.
//!
//! It is a layout of its own over the same [`Report`], and each fact in it names the exchange that shows it. What it leaves
//! out is in [`diagnosed`](super::diagnosed()), which `--verbose` and every other format have.

use super::address::with_short_digests;
use super::contents::contents;
use super::layout::{Block, Label, Layout, Line, Span, plain};
use super::presented::presented_in_short;
use super::proof::short_proof;
use super::provenance::provenance;
use super::requests;
use super::value::{Note, NoteWeight, Report, ShownAnswer, Verdict};
use super::verdict::verdict;
use super::words::{certainty, count, explanation_of, minute, removed, sentence, time, type_words};
use crate::diagnosis::{Finding, Fix, Severity};
use crate::evidence::Depth;

/// The most findings that are shown with cause, proof and fix.
const IN_FULL: usize = 3;
/// The lines of the smallest screen that an answer about one error has to fit.
pub const SCREEN: usize = 24;

/// How much an answer says of each thing.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// The most proofs of a finding.
    proofs: usize,
    /// The most characters of the words in a proof.
    words: usize,
    /// The most remedies of a finding.
    remedies: usize,
    /// The most characters of a remedy that has no command and is not the only one.
    remedy: usize,
    /// The most notes that have a line each; the others are named.
    notes: usize,
    /// Whether certificates are shown, and notes that limit nothing.
    asides: bool,
}

impl Amount {
    /// From the usual amount to the least, for where the one before takes more than the screen.
    pub const ALL: [Self; 3] = [Self::USUAL, Self::LITTLE, Self::LEAST];
    /// Where there is room.
    pub const USUAL: Self = Self { proofs: 3, words: 124, remedies: 3, remedy: usize::MAX, notes: 4, asides: true };
    const LITTLE: Self = Self { proofs: 2, words: 62, remedies: 2, remedy: 160, notes: 0, asides: true };
    const LEAST: Self = Self { words: 48, asides: false, ..Self::LITTLE };
}

/// Lays out the answer.
pub fn in_short(report: &Report, amount: Amount) -> Layout {
    let mut document = provenance(report);
    document.extend(answer(report, amount));
    document.push(Block::Text(vec![Span::new(made_by(report), Label::Quiet)]));
    document
}

/// The answer without the remark that no real registry gave it, and without what made it.
pub(super) fn answer(report: &Report, amount: Amount) -> Layout {
    let verdict = verdict(report).into_iter().map(|span| Span { text: with_short_digests(&span.text), ..span });
    let mut document = vec![Block::Title(verdict.collect())];
    if report.verdict != Verdict::Error {
        document.extend(contents(report).into_iter().map(Block::Text));
    }
    let (serious, notes): (Vec<_>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.severity != Severity::Info);
    for (number, finding) in serious.iter().take(IN_FULL).enumerate() {
        document.push(Block::Gap);
        in_full(report, finding, number == 0, amount, &mut document);
    }
    let notes = notes.iter().filter(|_| amount.asides);
    let in_a_line: Vec<_> = serious.iter().skip(IN_FULL).chain(notes).copied().collect();
    let mut labelled = Layout::new();
    in_lines(&in_a_line, amount.notes, &mut labelled);
    let is_shown = |note: &&Note| match note.weight {
        NoteWeight::Evidence => false,
        NoteWeight::Plain => amount.asides,
        NoteWeight::Caution => true,
    };
    for note in report.notes.iter().filter(is_shown) {
        let label = if labelled.is_empty() { "notes" } else { "" };
        labelled.push(labelled_line(label, vec![Span::new(&note.text, note.label())]));
    }
    document.extend((!labelled.is_empty()).then_some(Block::Gap));
    document.extend(labelled);
    document.push(Block::Gap);
    document.push(Block::Text(vec![Span::new(summary(report), Label::Quiet)]));
    document.extend(removed_here(report).map(|words| Block::Text(vec![Span::new(words, Label::Quiet)])));
    document
}

/// A line after a label, without a command.
fn labelled_line(label: &'static str, line: Line) -> Block {
    Block::Labelled { label, line, command: None }
}

/// A finding with its cause, proof and fix.
fn in_full(report: &Report, finding: &Finding, is_in_title: bool, amount: Amount, document: &mut Layout) {
    let mut head = vec![Span::new(finding.rule, Label::Name)];
    if finding.severity == Severity::Warning {
        head.extend([Span::new(" · ", Label::Quiet), Span::new("warning", Label::Caution)]);
    }
    head.push(Span::new(format!(" · {}", certainty(finding)), Label::Quiet));
    document.push(Block::Text(head));
    if !is_in_title || finding.cause.is_empty() {
        document.push(Block::Text(vec![plain(with_short_digests(&sentence(&finding.title)))]));
    }
    if !finding.cause.is_empty() {
        document.push(Block::Text(vec![plain(with_short_digests(&finding.cause))]));
    }
    document.push(Block::Proof(short_proof(report, finding, amount.proofs, amount.words)));
    if amount.asides {
        document.extend(presented_in_short(report, finding));
    }
    let is_short = |(number, fix): &(usize, &Fix)| {
        *number == 0 || fix.command.is_some() || fix.text.chars().count() <= amount.remedy
    };
    for (number, fix) in finding.fix.iter().enumerate().filter(is_short).take(amount.remedies) {
        let label = if number == 0 { "fix" } else { "" };
        // Where no command has it in full, the text does.
        let text = if fix.command.is_some() { with_short_digests(&fix.text) } else { fix.text.clone() };
        let line = vec![plain(text)];
        document.push(Block::Labelled { label, line, command: fix.command.clone() });
    }
    document.push(labelled_line("more", vec![Span::new(explanation_of(report, finding).to_string(), Label::Name)]));
}

/// What was taken out, where the answer has a label instead of it.
fn removed_here(report: &Report) -> Option<String> {
    let texts = report.findings.iter().flat_map(|finding| {
        let quotes = finding.evidence.iter().map(|quote| quote.quote.as_str());
        [finding.title.as_str(), finding.cause.as_str()].into_iter().chain(quotes)
    });
    let has_label = texts.chain(report.notes.iter().map(|note| note.text.as_str())).any(|text| text.contains('‹'));
    removed(report).filter(|_| has_label)
}

/// Findings by name and title, and those after the first few by name alone.
fn in_lines(findings: &[&Finding], most: usize, document: &mut Layout) {
    for finding in findings.iter().take(most) {
        let label = if document.is_empty() { "notes" } else { "" };
        let title = with_short_digests(&finding.title);
        document.push(labelled_line(label, vec![Span::new(finding.rule, Label::Name), plain(format!("  {title}"))]));
    }
    let more: Vec<_> = findings.iter().skip(most).map(|finding| finding.rule).collect();
    if !more.is_empty() {
        let label = if document.is_empty() { "notes" } else { "" };
        document.push(labelled_line(label, vec![Span::new(more.join(", "), Label::Name)]));
    }
}

/// The evidence in one line: what the variants got, who asked, how many requests, and where they went.
pub(super) fn summary(report: &Report) -> String {
    let mut parts = Vec::new();
    parts.extend((report.depth != Depth::Batch).then(|| variants(report)).flatten());
    parts.push(report.asked_as.clone());
    parts.push(format!("{}, {}", count(requests::sent(report), "request"), time(report.total_ms)));
    if !report.is_usual_origin && !report.origin.is_empty() {
        parts.push(format!("at {}", report.origin));
    }
    parts.join(" · ")
}

/// What the variants got: `12 Accept variants: all 404 MANIFEST_UNKNOWN`.
pub(super) fn variants(report: &Report) -> Option<String> {
    let sent = report.probes.iter().filter(|probe| probe.exchange.is_some()).count();
    let all = report.probes.len();
    let which = match sent {
        _ if sent == all => format!("{} Accept variants", all),
        _ => format!("{sent} of {all} Accept variants sent"),
    };
    let got = match &report.answers[..] {
        [] => return None,
        [one] if is_silence(report, one) => format!("no answer ({})", outcome(report, one)?),
        [one] if sent == 1 => outcome(report, one)?,
        [one] => format!("all {}", outcome(report, one)?),
        several => {
            let each =
                several.iter().filter_map(|one| Some(format!("{} × {}", one.probes.len(), outcome(report, one)?)));
            each.collect::<Vec<_>>().join(", ")
        }
    };
    Some(format!("{which}: {got}"))
}

/// Whether what the variants have in common is that nothing was answered.
fn is_silence(report: &Report, answer: &ShownAnswer) -> bool {
    report.exchange(answer.exchange).is_some_and(|exchange| exchange.response.is_none())
}

/// A distinct answer in few words: `404 MANIFEST_UNKNOWN`.
fn outcome(report: &Report, answer: &ShownAnswer) -> Option<String> {
    let exchange = report.exchange(answer.exchange)?;
    let first = report.probes.iter().find(|probe| probe.answer.as_deref() == Some(answer.name.as_str()));
    let status = first.and_then(|probe| probe.status).map(|status| status.to_string());
    let code = first.and_then(|probe| probe.error.as_ref()).map(|(code, _)| code.cut_within(40));
    // Of several that were served, the type tells which is which.
    let served = || first.and_then(|probe| probe.served_type.as_ref()).filter(|_| report.answers.len() > 1);
    let word = code.or_else(|| served().map(type_words)).unwrap_or_default();
    let words = [status.unwrap_or_else(|| requests::outcome(exchange)), word];
    Some(words.join(" ").trim_end().to_owned())
}

/// What made the answer, when, for which platform, and how to see the evidence.
fn made_by(report: &Report) -> String {
    let mut parts = vec![format!("ociscope {}", env!("CARGO_PKG_VERSION"))];
    parts.extend(report.began.map(minute));
    parts.push(report.platform.clone());
    let verbose = if report.is_typed { "diagnose -v" } else { "--verbose" };
    parts.push(format!("evidence: {verbose}"));
    parts.join(" · ")
}
