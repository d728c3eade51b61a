//! A diagnosis laid out for an issue: the verdict, what made it, how to repeat it, each finding with its requests in full,
//! then all evidence in folds.

use super::answers::answer_blocks;
use super::contents::contents;
use super::diagnosed::{authentication, fixes, timing};
use super::layout::{Block, Label, Layout, Span, plain};
use super::matrix::matrix_in_full;
use super::presented::presented_in;
use super::proof::{speaker, without_status};
use super::provenance::provenance;
use super::requests::{self, outcome};
use super::short::summary;
use super::tree;
use super::value::{Report, Verdict};
use super::verdict::verdict;
use super::words::{certainty, minute, removed, sentence, severity, with_token};
use crate::diagnosis::{Finding, Quote};
use crate::evidence::Depth;

/// The most characters of the words in a proof.
const PROOF_WORDS: usize = 600;

/// Lays a diagnosis out for an issue.
pub fn pasted(report: &Report) -> Layout {
    let mut document = provenance(report);
    document.push(Block::Title(verdict(report)));
    let mut made = vec![format!("ociscope {}", env!("CARGO_PKG_VERSION"))];
    made.extend(report.began.map(minute));
    made.extend([report.platform.clone(), with_token(report)]);
    document.push(Block::Text(vec![plain(made.join(" · "))]));
    document.extend(removed(report).map(|words| Block::Text(vec![plain(words)])));
    let again = report.again.clone();
    document.extend(again.map(|command| Block::Command { command, purpose: String::new() }));
    document.extend(report.notes.iter().map(|note| Block::Text(vec![plain(&note.text)])));
    if report.verdict != Verdict::Error {
        document.extend(contents(report).into_iter().map(Block::Text));
    }
    report.findings.iter().for_each(|finding| in_full(report, finding, &mut document));
    evidence(report, &mut document);
    document
}

fn in_full(report: &Report, finding: &Finding, document: &mut Layout) {
    document.push(Block::Named(vec![
        Span::new(finding.rule, Label::Name),
        plain(format!(" · {} · {}", severity(finding).0, certainty(finding))),
    ]));
    document.push(Block::Text(vec![Span::new(sentence(&finding.title), Label::Strong)]));
    document.extend((!finding.cause.is_empty()).then(|| Block::Text(vec![plain(&finding.cause)])));
    finding.evidence.iter().for_each(|quote| proof(report, quote, document));
    document.extend(presented_in(report, finding));
    document.extend(fixes(finding));
}

/// A request with its address in full, the words of its answer that matter, and the command that repeats it.
fn proof(report: &Report, quote: &Quote, document: &mut Layout) {
    let exchange = report.exchange(quote.exchange);
    let status = exchange.map(outcome).unwrap_or_default();
    let words = without_status(&quote.quote.cut_within(PROOF_WORDS), &status);
    let said = speaker(report, quote, exchange);
    let mut line = vec![plain(format!("#{} ", quote.exchange))];
    if let Some(exchange) = exchange {
        line.push(Span::new(format!("{} {}", exchange.method.as_str(), exchange.url), Label::Name));
        line.push(plain(format!(" → {status}")));
    }
    match said {
        Some(speaker) => line.push(plain(format!(", {speaker}:"))),
        None if !words.is_empty() => line.push(plain(format!(": {words}"))),
        None => {}
    }
    document.push(Block::Text(line));
    document.extend(said.filter(|_| !words.is_empty()).map(|_| Block::Code { language: "", lines: vec![words] }));
    if let Some(again) = exchange.and_then(|exchange| exchange.curl.as_ref()) {
        document.push(Block::Command { command: again.clone(), purpose: String::new() });
    }
}

fn evidence(report: &Report, document: &mut Layout) {
    let mut fold = |title: &str, content: Layout| {
        document.extend((!content.is_empty()).then(|| Block::Fold { title: title.to_owned(), content }));
    };
    let root = report.tree.iter();
    fold("Contents", root.map(|root| Block::Table(tree::table_in_full(root))).collect());
    fold("Authentication", authentication(report));
    // Where one client alone has asked, there is nothing to compare.
    if report.depth != Depth::Batch {
        let mut matrix: Layout = report.reading.iter().map(|sentence| Block::Text(vec![plain(sentence)])).collect();
        matrix.extend(matrix_in_full(report));
        fold("Accept variants", matrix);
        fold("Answers", answer_blocks(report));
    }
    let mut requests = timing(report);
    requests.push(Block::Table(requests::table(report)));
    fold("Requests", requests);
    document.push(Block::Text(vec![Span::new(summary(report), Label::Quiet)]));
}
