//! A report on one line: the verdict.

use super::layout::{Block, Label, Layout, Line, Span, plain};
use super::value::{Report, Verdict};
use super::verdict::verdict;
use crate::evidence::Depth;

/// Lays out the verdict of a report, which names the reference. It says of a probe that the manifest is served: nothing
/// that the manifest names was looked at.
pub fn in_brief(report: &Report) -> Layout {
    let is_success = matches!(report.verdict, Verdict::Ok | Verdict::Warning);
    let line = match report.depth {
        Depth::Probe if is_success => served(report),
        _ => verdict(report),
    };
    vec![Block::Title(line)]
}

fn served(report: &Report) -> Line {
    let whom = if report.probes.iter().any(|probe| probe.id == "asked") { "this client" } else { "current clients" };
    let warning = report.findings.first().filter(|_| report.verdict == Verdict::Warning);
    let warning = warning.map(|finding| format!("; warning: {}", finding.title)).unwrap_or_default();
    vec![
        Span::new("✓ ", Label::Good),
        Span::new(&report.canonical, Label::Strong),
        plain(format!(" is served to {whom}; its layers were not checked{warning}")),
    ]
}
