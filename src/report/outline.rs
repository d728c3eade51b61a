//! A report laid out for people: what was asked, the table, the answers side by side, what it means, what next.

use super::layout::{Block, Cell, Column, Label, Layout, Line, Row, Span, Table, plain};
use super::presented::presented_in;
use super::sides::{numbers, side_by_side};
use super::value::{Report, ShownAnswer, ShownExchange, ShownProbe, ShownResponse, Verdict};
use crate::diagnosis::{Certainty, Finding, Severity};
use crate::evidence::{BodyKind, Method, Redaction};
use crate::oci::{Digest, media_type};
use crate::text::{Untrusted, cut, read_json};

/// How many lines of a body are shown, and how long each may be.
const BODY_LINES: usize = 24;
const BODY_LINE: usize = 400;
/// What marks content of a type that was not asked for.
const SUBSTITUTED: &str = "≠";

/// Lays a report out; `for_pasting` leaves out what only matters to who sits at the terminal.
pub fn outline(report: &Report, for_pasting: bool) -> Layout {
    let mut document = head(report);
    document.push(Block::Gap);
    document.extend(matrix_section(report));
    answers(report, &mut document);
    meaning(report, &mut document);
    tail(report, for_pasting, &mut document);
    document
}

/// The table of all variants, with what its marks mean.
pub(super) fn matrix_section(report: &Report) -> Layout {
    let mut document = vec![Block::Table(matrix(report))];
    if report.probes.iter().any(|probe| probe.substituted && probe.failure.is_none()) {
        let legend = format!("{SUBSTITUTED}  served, but not a type that was asked for");
        document.push(Block::Text(vec![Span::new(legend, Label::Bad)]));
    }
    document
}

/// That no real registry answered, where that is so.
pub(super) fn remark_of_simulation(report: &Report) -> Layout {
    let Some(scenario) = &report.simulation else { return Vec::new() };
    let words = format!("lab scenario {scenario}: simulated registries, nothing leaves this machine");
    vec![Block::Remark(vec![Span::new(words, Label::Caution)]), Block::Gap]
}

/// What a report does not show: `Not shown: 1 password (15 times), 2 cookies`.
pub(super) fn removed(report: &Report) -> Option<String> {
    let removed: Vec<_> = report.redactions.iter().map(in_words).collect();
    (!removed.is_empty()).then(|| format!("Not shown: {}", removed.join(", ")))
}

fn in_words(redaction: &Redaction) -> String {
    let values = count(redaction.distinct, &redaction.what);
    if redaction.count > redaction.distinct { format!("{values} ({} times)", redaction.count) } else { values }
}

fn head(report: &Report) -> Layout {
    let mut document = remark_of_simulation(report);
    document.push(Block::Title(vec![Span::new(&report.canonical, Label::Strong)]));
    if !report.understood.is_empty() {
        document.push(Block::Text(vec![Span::new(report.understood.join(" · "), Label::Quiet)]));
    }
    let sent = report.probes.iter().filter(|probe| probe.exchange.is_some()).count();
    let mut summary = vec![
        report.asked_as.clone(),
        format!("{} in {}", count(sent, "variant"), count(report.exchanges.len(), "request")),
        count(report.rounds, "round"),
        format!("{:.0} ms", report.total_ms),
    ];
    if report.origin != format!("https://{}", report.registry) {
        summary.push(format!("at {}", report.origin));
    }
    document.push(Block::Text(vec![Span::new(summary.join(" · "), Label::Quiet)]));
    document.extend(report.notes.iter().map(|note| Block::Text(vec![Span::new(note, Label::Caution)])));
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
        Verdict::Error => vec![Span::new("✗ it cannot be pulled", Label::Bad), plain(format!(": {first}"))],
        Verdict::Unknown => vec![Span::new("? you interrupted; this is what was known by then", Label::Caution)],
    }
}

fn matrix(report: &Report) -> Table {
    let columns = vec![
        Column::numbers("#"),
        Column::text("Accept"),
        Column::text("Status"),
        Column::flexible("Served"),
        Column::text("Digest").where_there_is_room(),
        Column::numbers("Size").where_there_is_room(),
        Column::text("Answer"),
    ];
    let sent = report.probes.iter().filter(|probe| probe.exchange.is_some());
    Table { columns, rows: sent.map(matrix_row).collect() }
}

fn matrix_row(probe: &ShownProbe) -> Row {
    let status = match probe.status {
        Some(status) => status.to_string(),
        None => "–".to_owned(),
    };
    let served = probe.status.is_some_and(|status| (200..300).contains(&status));
    let mut row = vec![
        Cell::new(probe.number.to_string(), Label::Quiet),
        Cell::new(probe.words, Label::Plain),
        Cell::new(
            status,
            if served && !probe.substituted && probe.failure.is_none() { Label::Good } else { Label::Bad },
        ),
    ];
    if let Some(failure) = &probe.failure {
        row.push(Cell::across(failure.printable(), Label::Bad, 3));
    } else if probe.status.is_none() {
        row.push(Cell::across("–", Label::Quiet, 3));
    } else if served {
        let kind = probe.served_type.as_ref().map(type_words).unwrap_or_default();
        let kind = if kind.is_empty() { "no type at all".to_owned() } else { kind };
        let is_manifest = probe.served_type.as_ref().is_some_and(|served| media_type::is_manifest(served.as_str()));
        row.push(match (probe.substituted, is_manifest) {
            (true, _) => Cell::new(format!("{SUBSTITUTED} {kind}"), Label::Bad),
            (false, true) => Cell::new(kind, Label::Good),
            (false, false) => Cell::new(kind, Label::Caution),
        });
        row.push(Cell::new(probe.digest.as_ref().map_or("–", Digest::short), Label::Plain));
        row.push(Cell::new(probe.size.map_or_else(|| "–".to_owned(), |size| size.to_string()), Label::Plain));
    } else {
        row.push(Cell::across(error_words(probe), Label::Bad, 3));
    }
    row.push(Cell::new(probe.answer.as_deref().unwrap_or("–"), Label::Strong));
    row
}

fn error_words(probe: &ShownProbe) -> String {
    match &probe.error {
        Some((code, message)) => format!("{} {}", code.cut_within(60), message.cut_within(300)).trim().to_owned(),
        None => probe.refusal_words.as_ref().map_or_else(|| "no body".to_owned(), Untrusted::printable),
    }
}

/// A media type by the name that people use for it.
fn type_words(served: &Untrusted) -> String {
    media_type::plain_words(served.as_str()).map_or_else(|| served.printable(), str::to_owned)
}

pub(super) fn answers(report: &Report, document: &mut Layout) {
    if let Some(table) = side_by_side(report) {
        document.push(Block::Gap);
        document.push(Block::Heading(match report.answers.len() {
            1 => "One answer to all".to_owned(),
            many => format!("{} different answers", number_word(many)),
        }));
        document.push(Block::Table(table));
    }
    for answer in &report.answers {
        let Some(exchange) = report.exchange(answer.exchange) else { continue };
        document.extend(head_and_get(report, answer, exchange).map(|words| Block::Text(vec![plain(words)])));
        match (&exchange.response, &exchange.failure) {
            (Some(response), _) if response.status >= 300 || is_no_document(response.body.kind) => {
                let get = exchange.method == Method::Get;
                said(answer, response, get, document);
            }
            (None, Some((_, words))) => {
                document.push(Block::Gap);
                document.push(Block::Heading(format!("{} ({}): no answer", answer.name, numbers(answer))));
                document.push(Block::Words(vec![words.cut_within(BODY_LINE)]));
            }
            _ => {}
        }
    }
}

/// Where the variants were asked by HEAD and a GET got another status, which of the two stands where.
fn head_and_get(report: &Report, answer: &ShownAnswer, shown: &ShownExchange) -> Option<String> {
    let first = report.probes.iter().find(|probe| probe.answer.as_deref() == Some(answer.name.as_str()))?;
    let by_get = shown.response.as_ref().map(|response| response.status)?;
    let by_head = first.status.filter(|&status| first.method == Method::Head && status != by_get)?;
    (shown.method == Method::Get)
        .then(|| format!("{} was asked by HEAD, which got {by_head}. By GET it is {by_get}, shown here.", answer.name))
}

/// Whether a body cannot be a manifest, whatever its status says: a sign-in page comes with 200.
fn is_no_document(kind: BodyKind) -> bool {
    matches!(kind, BodyKind::Html | BodyKind::Xml | BodyKind::Text | BodyKind::Bytes)
}

/// The body of a refusal, in full as far as it is not too long.
fn said(answer: &ShownAnswer, response: &ShownResponse, by_get: bool, document: &mut Layout) {
    let body = &response.body;
    document.push(Block::Gap);
    let size = count(usize::try_from(body.size).unwrap_or(usize::MAX), "byte");
    let what = match body.kind {
        BodyKind::Empty if !by_get => "was asked by HEAD, which has no body".to_owned(),
        BodyKind::Empty => "says nothing: its body is empty".to_owned(),
        BodyKind::Json if answer.repeats_accept => "says, each time with the Accept header that was sent".to_owned(),
        BodyKind::Json => format!("says, {size} of JSON"),
        BodyKind::Bytes => format!("answers with {size} that are not text"),
        kind => format!("answers with {}, {size}", kind.words()),
    };
    document.push(Block::Heading(format!("{} {what}", answer.name)));
    let Some(text) = body.text.as_ref().filter(|text| !text.as_str().trim().is_empty()) else { return };
    let pretty = match body.kind {
        BodyKind::Json => read_json(text.as_str().as_bytes())
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&value).ok())
            .map_or_else(|| text.clone(), Untrusted::new),
        _ => Untrusted::new(text.as_str().trim_end()),
    };
    let lines = pretty.printable_lines();
    let mut shown: Vec<_> = lines.iter().take(BODY_LINES).map(|line| cut(line, BODY_LINE)).collect();
    let hidden = lines.len().saturating_sub(BODY_LINES);
    if hidden > 0 || body.truncated {
        shown.push(format!("… the rest is left out ({size} in all)"));
    }
    document.push(Block::Words(shown));
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
    let (word, label) = match finding.severity {
        Severity::Error => ("error", Label::Bad),
        Severity::Warning => ("warning", Label::Caution),
        Severity::Info => ("note", Label::Quiet),
    };
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
    line.push(format!("exit status {}", report.exit.code()));
    document.push(Block::Text(vec![Span::new(line.join(" · "), Label::Quiet)]));
}

/// `1 request`, `2 requests`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = match what {
        _ if number == 1 => what.to_owned(),
        _ if what.ends_with('s') => format!("{what}es"),
        _ => format!("{what}s"),
    };
    format!("{number} {plural}")
}

fn number_word(number: usize) -> String {
    const WORDS: [&str; 12] =
        ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
    number.checked_sub(1).and_then(|at| WORDS.get(at)).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}
