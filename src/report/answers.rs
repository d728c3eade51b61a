//! The distinct answers: side by side as a table on a terminal, each as a block of its own in an issue, and the words of
//! those that are not a manifest.

use super::layout::{Block, Layout, plain};
use super::sides::{numbers, side_by_side};
use super::value::{Report, ShownAnswer, ShownExchange, ShownResponse};
use super::words::count;
use crate::evidence::{BodyKind, Method};
use crate::text::{Untrusted, cut, read_json};

/// How many lines of a body are shown, and how long each may be.
const BODY_LINES: usize = 24;
const BODY_LINE: usize = 400;
/// How long a header may be in a block.
const HEADER: usize = 1000;

/// The answers side by side, then the words of those that have any.
pub(super) fn answers(report: &Report) -> Layout {
    let mut document = Layout::new();
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
        document.extend(words(answer, exchange));
    }
    document
}

/// Each answer as a block: its status line and headers as they came, then its words.
pub(super) fn answer_blocks(report: &Report) -> Layout {
    let mut document = Layout::new();
    for answer in &report.answers {
        let Some(exchange) = report.exchange(answer.exchange) else { continue };
        document.extend(head_and_get(report, answer, exchange).map(|words| Block::Text(vec![plain(words)])));
        if let Some(response) = &exchange.response {
            let heading = format!("{}: variants {}, #{}", answer.name, numbers(answer), answer.exchange);
            document.push(Block::Heading(heading));
            document.push(Block::Code { language: "http", lines: head(response) });
        }
        document.extend(words(answer, exchange));
    }
    document
}

/// The status line and the header lines of a response.
fn head(response: &ShownResponse) -> Vec<String> {
    let reason = response.reason.as_ref().map(|reason| format!(" {}", reason.cut_within(HEADER))).unwrap_or_default();
    let headers = response.headers.iter().map(|(name, value)| {
        format!("{}: {}", Untrusted::from(name.as_str()).cut_within(HEADER), value.cut_within(HEADER))
    });
    std::iter::once(format!("{} {}{reason}", response.http_version, response.status)).chain(headers).collect()
}

/// The words of a refusal, of what cannot be a manifest, or of a failure.
fn words(answer: &ShownAnswer, exchange: &ShownExchange) -> Layout {
    match (&exchange.response, &exchange.failure) {
        (Some(response), _) if response.status >= 300 || is_no_document(response.body.kind) => {
            said(answer, response, exchange.method == Method::Get)
        }
        (None, Some((_, words))) => vec![
            Block::Gap,
            Block::Heading(format!("{} ({}): no answer", answer.name, numbers(answer))),
            Block::Words(vec![words.cut_within(BODY_LINE)]),
        ],
        _ => Layout::new(),
    }
}

/// Which status came by HEAD and which by GET, where they differ.
fn head_and_get(report: &Report, answer: &ShownAnswer, shown: &ShownExchange) -> Option<String> {
    let first = report.probes.iter().find(|probe| probe.answer.as_deref() == Some(answer.name.as_str()))?;
    let by_get = shown.response.as_ref().map(|response| response.status)?;
    let by_head = first.status.filter(|&status| first.method == Method::Head && status != by_get)?;
    (shown.method == Method::Get).then(|| format!("{}: HEAD got {by_head}; GET got {by_get}, shown here.", answer.name))
}

/// Whether a body cannot be a manifest, whatever its status says: a sign-in page comes with 200.
fn is_no_document(kind: BodyKind) -> bool {
    matches!(kind, BodyKind::Html | BodyKind::Xml | BodyKind::Text | BodyKind::Bytes)
}

/// The body of a refusal, in full as far as it is not too long.
fn said(answer: &ShownAnswer, response: &ShownResponse, by_get: bool) -> Layout {
    let body = &response.body;
    let size = count(usize::try_from(body.size).unwrap_or(usize::MAX), "byte");
    let what = match body.kind {
        BodyKind::Empty if !by_get => "is an answer to HEAD, which has no body".to_owned(),
        BodyKind::Empty => "has an empty body".to_owned(),
        BodyKind::Json if answer.repeats_accept => "says (each time with the Accept header that was sent)".to_owned(),
        BodyKind::Json => format!("says, {size} of JSON"),
        BodyKind::Bytes => format!("answers with {size} that are not text"),
        kind => format!("answers with {}, {size}", kind.words()),
    };
    let mut document = vec![Block::Gap, Block::Heading(format!("{} {what}", answer.name))];
    let Some(text) = body.text.as_ref().filter(|text| !text.as_str().trim().is_empty()) else { return document };
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
    let language = if body.kind == BodyKind::Json { "json" } else { "" };
    document.push(Block::Code { language, lines: shown });
    document
}

fn number_word(number: usize) -> String {
    const WORDS: [&str; 12] =
        ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
    number.checked_sub(1).and_then(|at| WORDS.get(at)).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}
