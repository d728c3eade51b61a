//! The head of a report: the verdict, and below it what was asked, by whom, when, and with which command.

use super::blocks::{Place, blocks, command};
use super::markup::Writer;
use crate::evidence::Depth;
use crate::report::contents::contents;
use crate::report::layout::{Line, plain};
use crate::report::provenance::provenance;
use crate::report::requests;
use crate::report::short::variants;
use crate::report::value::{Report, Verdict};
use crate::report::verdict::verdict;
use crate::report::words::{count, minute, removed, time, with_token};

/// Writes the head of a report.
pub fn head(writer: &mut Writer<'_>, report: &Report) {
    blocks(writer, &provenance(report), Place::Page);
    writer.block("<h1>");
    writer.line(&verdict(report));
    writer.block("</h1><dl class=\"facts\">");
    for (label, line) in facts(report) {
        writer.block("<dt>");
        writer.text(label);
        writer.block("</dt><dd>");
        writer.line(&line);
        writer.inline("</dd>");
    }
    if let Some(again) = &report.again {
        writer.block("<dt>command</dt><dd>");
        command(writer, again);
        writer.inline("</dd>");
    }
    writer.block("</dl>");
    for note in &report.notes {
        writer.block("<p>");
        writer.span(&crate::report::layout::Span::new(&note.text, note.label()));
        writer.inline("</p>");
    }
    for sentence in &report.reading {
        writer.block("<p>");
        writer.prose(sentence);
        writer.inline("</p>");
    }
}

/// What is known of a run, each under its label.
fn facts(report: &Report) -> Vec<(&'static str, Line)> {
    let mut facts: Vec<(&'static str, Line)> = Vec::new();
    if report.verdict != Verdict::Error {
        facts.extend(contents(report).into_iter().map(|line| ("contents", line)));
    }
    if report.input.as_str() != report.canonical {
        let typed = std::iter::once(report.input.cut_within(200)).chain(report.understood.iter().cloned());
        facts.push(("typed as", vec![plain(typed.collect::<Vec<_>>().join(" · "))]));
    }
    facts.push(("platform", vec![plain(&report.platform)]));
    facts.push(("identity", vec![plain(with_token(report))]));
    if report.depth != Depth::Batch {
        facts.extend(variants(report).map(|words| ("answers", vec![plain(words)])));
    }
    let mut asked = vec![
        format!("{} in {}", count(requests::sent(report), "request"), count(report.rounds, "round")),
        time(report.total_ms),
    ];
    asked.extend((!report.is_usual_origin && !report.origin.is_empty()).then(|| format!("at {}", report.origin)));
    facts.push(("requests", vec![plain(asked.join(" · "))]));
    facts.extend(removed(report).map(|words| ("secrets", vec![plain(words)])));
    let made = std::iter::once(format!("ociscope {}", env!("CARGO_PKG_VERSION"))).chain(report.began.map(minute));
    facts.push(("made by", vec![plain(made.collect::<Vec<_>>().join(" · "))]));
    facts.push(("exit status", vec![plain(report.exit.code().to_string())]));
    facts
}
