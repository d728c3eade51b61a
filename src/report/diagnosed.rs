//! A diagnosis laid out for people: whether it can be pulled, why not and what to do, and behind that the evidence.

use super::layout::{Block, Label, Layout, Line, Span, plain};
use super::outline::{answers, count, matrix_section, remark_of_simulation, removed};
use super::presented::presented_in;
use super::requests::{self, outcome, request};
use super::tree;
use super::value::{Report, Verdict};
use crate::diagnosis::{Certainty, Finding, Presence, Role, Severity};
use crate::evidence::Depth;

/// Lays a diagnosis out.
pub fn diagnosed(report: &Report) -> Layout {
    let mut document = remark_of_simulation(report);
    document.push(Block::Title(verdict(report)));
    head(report, &mut document);
    for (number, finding) in report.findings.iter().enumerate() {
        document.push(Block::Gap);
        shown_finding(report, finding, number == 0 && report.verdict == Verdict::Error, &mut document);
    }
    evidence(report, &mut document);
    document.push(Block::Gap);
    let quiet = |words: String| Block::Text(vec![Span::new(words, Label::Quiet)]);
    document.push(quiet(format!("Tried: {}", report.asked_as)));
    document.extend(removed(report).map(quiet));
    document.push(quiet(format!("exit status {}", report.exit.code())));
    document
}

/// "✗ ghcr.io/o/n:t cannot be pulled: there is no such tag"
pub(super) fn verdict(report: &Report) -> Line {
    let first = report.findings.first().map(|finding| finding.title.as_str()).unwrap_or_default();
    let reference = Span::new(&report.canonical, Label::Strong);
    match report.verdict {
        Verdict::Error => {
            vec![Span::new("✗ ", Label::Bad), reference, plain(format!(" cannot be pulled: {first}"))]
        }
        Verdict::Warning => {
            let words = format!(" {}; look out: {first}", success(report));
            vec![Span::new("✓ ", Label::Good), reference, plain(words)]
        }
        Verdict::Ok => vec![Span::new("✓ ", Label::Good), reference, plain(format!(" {}", success(report)))],
        Verdict::Unknown => {
            vec![Span::new("? ", Label::Caution), reference, plain(": you interrupted; this is what was known by then")]
        }
    }
}

/// "can be pulled", where every part that a client fetches was looked at; else what was not.
fn success(report: &Report) -> String {
    match unchecked(report) {
        None => "can be pulled".to_owned(),
        Some(what) => format!("is served; not checked: {what}"),
    }
}

/// What a client for the wanted platform fetches and nobody looked at.
fn unchecked(report: &Report) -> Option<String> {
    let Some(root) = &report.tree else { return Some("its layers".to_owned()) };
    let image = match root.role {
        Role::Index => root.children.iter().find(|child| child.wanted),
        _ => Some(root),
    };
    let Some(image) = image else { return Some(format!("an image for {}", report.platform)) };
    let parts = || image.children.iter().filter(|part| part.presence == Presence::NotLookedAt);
    let layers = parts().filter(|part| part.role == Role::Layer).count();
    let config = parts().any(|part| part.role == Role::Config).then(|| "its config".to_owned());
    let all = image.children.iter().filter(|part| part.role == Role::Layer).count();
    let layers = (layers > 0)
        .then(|| if layers == all { count(layers, "layer") } else { format!("{layers} of {}", count(all, "layer")) });
    let image = (image.presence == Presence::NotLookedAt).then(|| format!("its image for {}", report.platform));
    let all: Vec<_> = image.into_iter().chain(config).chain(layers).collect();
    (!all.is_empty()).then(|| all.join(", "))
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
        None => "for a current client".to_owned(),
    };
    let mut summary = vec![
        format!("{client} on {}", report.platform),
        format!("{} in {}", count(requests::sent(report), "request"), count(report.rounds, "round")),
        format!("{:.0} ms", report.total_ms),
    ];
    if report.origin != format!("https://{}", report.registry) {
        summary.push(format!("at {}", report.origin));
    }
    document.push(quiet(summary.join(" · ")));
    document.extend(report.notes.iter().map(|note| Block::Text(vec![Span::new(note, Label::Caution)])));
    if !report.reading.is_empty() {
        document.push(Block::Gap);
        document.push(Block::Text(vec![plain(report.reading.join(" "))]));
    }
}

fn shown_finding(report: &Report, finding: &Finding, is_in_title: bool, document: &mut Layout) {
    let (word, label) = match finding.severity {
        Severity::Error => ("error", Label::Bad),
        Severity::Warning => ("warning", Label::Caution),
        Severity::Info => ("note", Label::Quiet),
    };
    let certainty = match finding.certainty {
        Certainty::Certain => "certain",
        Certainty::Likely => "likely",
    };
    document.push(Block::Named(vec![
        Span::new(finding.rule, Label::Name),
        Span::new(" · ", Label::Quiet),
        Span::new(word, label),
        Span::new(format!(" · {certainty}"), Label::Quiet),
    ]));
    // The first of them was said right above.
    if !is_in_title {
        document.push(Block::Text(vec![Span::new(sentence(&finding.title), Label::Strong)]));
    }
    if !finding.cause.is_empty() {
        document.push(Block::Text(vec![plain(&finding.cause)]));
    }
    let proof = finding.evidence.iter().map(|evidence| {
        let exchange = report.exchange(evidence.exchange);
        let asked = exchange.map(|exchange| format!("  {}  {}", request(report, exchange), outcome(exchange)));
        let words = evidence.quote.cut_within(300);
        // The status stands in front of it already.
        let status = exchange.map(outcome).unwrap_or_default();
        let words = words.strip_prefix(&status).map_or(words.as_str(), str::trim_start).to_owned();
        (format!("#{}{}", evidence.exchange, asked.unwrap_or_default()), words)
    });
    document.push(Block::Proof(proof.collect()));
    document.extend(presented_in(report, finding));
    for (number, fix) in finding.fix.iter().enumerate() {
        let label = if number == 0 { "fix" } else { "" };
        document.push(Block::Labelled { label, line: vec![plain(&fix.text)], command: fix.command.clone() });
    }
    let more = vec![Span::new(format!("ociscope explain {}", finding.rule), Label::Name)];
    document.push(Block::Labelled { label: "more", line: more, command: None });
}

/// Titles begin small, so that they can stand behind a colon.
fn sentence(title: &str) -> String {
    let mut characters = title.chars();
    characters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), characters.as_str()))
}

fn evidence(report: &Report, document: &mut Layout) {
    let mut fold = |title: &str, content: Layout| {
        if !content.is_empty() {
            document.push(Block::Gap);
            document.push(Block::Fold { title: title.to_owned(), content });
        }
    };
    if let Some(root) = &report.tree {
        fold("What it is made of", vec![Block::Table(tree::table(root))]);
    }
    let steps = report.authentication.iter().map(|step| Block::Item(vec![plain(step)]));
    fold("How it asks for credentials", steps.collect());
    // Where one client alone has asked, there is nothing to compare.
    if report.depth != Depth::Batch {
        fold("Every Accept variant", matrix_section(report));
        let mut sides = Layout::new();
        answers(report, &mut sides);
        while sides.first() == Some(&Block::Gap) {
            sides.remove(0);
        }
        fold("The answers side by side", sides);
    }
    let bars = requests::bars(report);
    if bars.len() > 1 {
        fold("Where the time went", vec![Block::Timeline(bars)]);
    }
    fold("Every request", vec![Block::Table(requests::table(report))]);
}
