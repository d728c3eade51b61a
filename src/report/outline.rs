//! A report laid out for people: what was asked, the table, the answers side by side, what it means, what next.

use super::answers::{answer_blocks, answers};
use super::layout::{Block, Label, Layout, Line, Span, plain};
use super::matrix::{matrix_in_full, matrix_section};
use super::presented::presented_in;
use super::provenance::provenance;
use super::value::{Report, Verdict};
use super::words::{count, removed, severity, with_token};
use crate::diagnosis::{Certainty, Finding};

/// Lays a report out; `for_pasting` leaves out what only matters to who sits at the terminal.
pub fn outline(report: &Report, for_pasting: bool) -> Layout {
    let mut document = head(report);
    document.push(Block::Gap);
    document.extend(if for_pasting { matrix_in_full(report) } else { matrix_section(report) });
    document.extend(if for_pasting { answer_blocks(report) } else { answers(report) });
    meaning(report, &mut document);
    tail(report, for_pasting, &mut document);
    document
}

fn head(report: &Report) -> Layout {
    let mut document = provenance(report);
    document.push(Block::Title(vec![Span::new(&report.canonical, Label::Strong)]));
    if !report.understood.is_empty() {
        document.push(Block::Text(vec![Span::new(report.understood.join(" · "), Label::Quiet)]));
    }
    let sent = report.probes.iter().filter(|probe| probe.exchange.is_some()).count();
    let mut summary = vec![
        with_token(report),
        format!("{} in {}", count(sent, "variant"), count(report.exchanges.len(), "request")),
        count(report.rounds, "round"),
        format!("{:.0} ms", report.total_ms),
    ];
    if !report.is_usual_origin {
        summary.push(format!("at {}", report.origin));
    }
    document.push(Block::Text(vec![Span::new(summary.join(" · "), Label::Quiet)]));
    document.extend(report.notes.iter().map(|note| Block::Text(vec![Span::new(&note.text, note.label())])));
    document.push(Block::Text(verdict(report)));
    document
}

fn verdict(report: &Report) -> Line {
    let first = report.findings.first().map(|finding| finding.title.as_str()).unwrap_or_default();
    match report.verdict {
        // A probe asks for one manifest, and nothing that it names.
        Verdict::Ok | Verdict::Warning => {
            let what = if report.canonical.contains('@') { "the digest" } else { "the tag" };
            let is_own = report.probes.iter().any(|probe| probe.id == "asked");
            let whom = if is_own { "this client" } else { "current clients" };
            let mut line = vec![
                Span::new(format!("✓ {what} is served to {whom}"), Label::Good),
                plain(" (its layers were not checked: diagnose)"),
            ];
            if report.verdict == Verdict::Warning {
                line.push(plain(format!("; warning: {first}")));
            }
            line
        }
        Verdict::Error => vec![Span::new("✗ cannot be pulled", Label::Bad), plain(format!(": {first}"))],
        Verdict::Unknown => vec![Span::new("? interrupted; known so far", Label::Caution)],
    }
}

fn meaning(report: &Report, document: &mut Layout) {
    if !report.reading.is_empty() || !report.findings.is_empty() {
        document.push(Block::Gap);
        document.push(Block::Heading("What this means".to_owned()));
    }
    document.extend(report.reading.iter().map(|sentence| Block::Text(vec![plain(sentence)])));
    for finding in &report.findings {
        document.push(Block::Gap);
        shown_finding(report, finding, document);
    }
}

fn shown_finding(report: &Report, finding: &Finding, document: &mut Layout) {
    let (word, label) = severity(finding);
    let mut head = vec![Span::new(word, label), plain("  "), Span::new(finding.rule, Label::Name)];
    if finding.certainty == Certainty::Likely {
        head.push(Span::new(" · likely", Label::Quiet));
    }
    head.push(plain("  "));
    head.push(Span::new(&finding.title, Label::Strong));
    document.push(Block::Text(head));
    if !finding.cause.is_empty() {
        document.push(Block::Text(vec![plain(&finding.cause)]));
    }
    let proof =
        finding.evidence.iter().map(|evidence| format!("#{}  {}", evidence.exchange, evidence.quote.cut_within(300)));
    document.push(Block::Words(proof.collect()));
    document.extend(presented_in(report, finding));
    for fix in &finding.fix {
        match &fix.command {
            Some(command) => {
                document.push(Block::Command { command: command.clone(), purpose: fix.text.clone() });
            }
            None => document.push(Block::Item(vec![plain(&fix.text)])),
        }
    }
}

fn tail(report: &Report, for_pasting: bool, document: &mut Layout) {
    if !report.next.is_empty() && !for_pasting {
        document.push(Block::Gap);
        document.push(Block::Heading("Next".to_owned()));
        document.extend(
            report
                .next
                .iter()
                .map(|(command, purpose)| Block::Command { command: command.clone(), purpose: purpose.clone() }),
        );
    }
    document.push(Block::Gap);
    let mut line = Vec::new();
    line.extend(removed(report));
    line.extend((report.exit.code() != 0).then(|| format!("exit status {}", report.exit.code())));
    document.extend((!line.is_empty()).then(|| Block::Text(vec![Span::new(line.join(" · "), Label::Quiet)])));
}
