//! A diagnosis laid out for people with all of its evidence: whether it can be pulled, why not and what to do, then the
//! evidence.

use super::answers::answers;
use super::layout::{Block, Label, Layout, Span, plain};
use super::matrix::matrix_section;
use super::presented::presented_in;
use super::proof::whole_proof;
use super::provenance::provenance;
use super::requests;
use super::tree;
use super::value::{Report, Verdict};
use super::verdict::verdict;
use super::words::{certainty, count, explanation_of, removed, sentence, severity, with_token};
use crate::diagnosis::Finding;
use crate::evidence::Depth;

/// Lays a diagnosis out, with all of its evidence.
pub fn diagnosed(report: &Report) -> Layout {
    let mut document = provenance(report);
    document.push(Block::Title(verdict(report)));
    head(report, &mut document);
    for (number, finding) in report.findings.iter().enumerate() {
        document.push(Block::Gap);
        shown_finding(report, finding, number == 0 && report.verdict == Verdict::Error, &mut document);
    }
    evidence(report, &mut document);
    document.push(Block::Gap);
    let quiet = |words: String| Block::Text(vec![Span::new(words, Label::Quiet)]);
    document.push(quiet(format!("Identity: {}", with_token(report))));
    document.extend(removed(report).map(quiet));
    document.push(quiet(format!("exit status {}", report.exit.code())));
    document
}

fn head(report: &Report, document: &mut Layout) {
    let quiet = |words: String| Block::Text(vec![Span::new(words, Label::Quiet)]);
    if report.input.as_str() != report.canonical {
        let typed = format!("typed as {}", report.input.cut_within(200));
        document.push(quiet(
            std::iter::once(typed).chain(report.understood.iter().cloned()).collect::<Vec<_>>().join(" · "),
        ));
    }
    let asked = report.probes.iter().find(|probe| probe.id == "asked");
    let client = match asked {
        Some(probe) => format!("for a client that accepts {}", probe.accept.join(", ")),
        None => "for current clients".to_owned(),
    };
    let mut summary = vec![
        format!("{client} on {}", report.platform),
        format!("{} in {}", count(requests::sent(report), "request"), count(report.rounds, "round")),
        format!("{:.0} ms", report.total_ms),
    ];
    if !report.is_usual_origin {
        summary.push(format!("at {}", report.origin));
    }
    document.push(quiet(summary.join(" · ")));
    document.extend(report.notes.iter().map(|note| Block::Text(vec![Span::new(&note.text, note.label())])));
    if !report.reading.is_empty() {
        document.push(Block::Gap);
        document.push(Block::Text(vec![plain(report.reading.join(" "))]));
    }
}

fn shown_finding(report: &Report, finding: &Finding, is_in_title: bool, document: &mut Layout) {
    let (word, label) = severity(finding);
    document.push(Block::Named(vec![
        Span::new(finding.rule, Label::Name),
        Span::new(" · ", Label::Quiet),
        Span::new(word, label),
        Span::new(format!(" · {}", certainty(finding)), Label::Quiet),
    ]));
    // The first of them was said right above.
    if !is_in_title {
        document.push(Block::Text(vec![Span::new(sentence(&finding.title), Label::Strong)]));
    }
    if !finding.cause.is_empty() {
        document.push(Block::Text(vec![plain(&finding.cause)]));
    }
    document.push(Block::Proof(whole_proof(report, finding)));
    document.extend(presented_in(report, finding));
    document.extend(fixes(finding));
    let more = vec![Span::new(explanation_of(report, finding).to_string(), Label::Name)];
    document.push(Block::Labelled { label: "more", line: more, command: None });
}

fn evidence(report: &Report, document: &mut Layout) {
    let mut fold = |title: &str, content: Layout| {
        if !content.is_empty() {
            document.push(Block::Gap);
            document.push(Block::Fold { title: title.to_owned(), content });
        }
    };
    let root = report.tree.iter();
    fold("Contents", root.map(|root| Block::Table(tree::table(root))).collect());
    fold("Authentication", authentication(report));
    // Where one client alone has asked, there is nothing to compare.
    if report.depth != Depth::Batch {
        fold("Accept variants", matrix_section(report));
        fold("Answers side by side", answers(report).into_iter().skip_while(|block| *block == Block::Gap).collect());
    }
    fold("Timing", timing(report));
    fold("Requests", vec![Block::Table(requests::table(report))]);
}

/// Every remedy of a finding, the first under its label.
pub(super) fn fixes(finding: &Finding) -> impl Iterator<Item = Block> {
    finding.fix.iter().enumerate().map(|(number, fix)| {
        let label = if number == 0 { "fix" } else { "" };
        Block::Labelled { label, line: vec![plain(&fix.text)], command: fix.command.clone() }
    })
}

/// The handshake, step by step.
pub(super) fn authentication(report: &Report) -> Layout {
    report.authentication.iter().map(|step| Block::Item(vec![plain(step)])).collect()
}

/// The requests as bars over time, where there are several.
pub(super) fn timing(report: &Report) -> Layout {
    let bars = requests::bars(report);
    if bars.len() > 1 { vec![Block::Timeline(bars)] } else { Layout::new() }
}
