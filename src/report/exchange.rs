//! One exchange, laid out in full.

use serde_json::Value;

use super::document::{Block, Document, Label, Span, plain};
use super::value::{ShownExchange, ShownResponse};
use crate::evidence::{Method, Untrusted};

/// What was asked and the status of the answer, in one line.
pub fn request_line(exchange: &ShownExchange) -> Block {
    let mut line = vec![Span::new(format!("{} {}", exchange.method.as_str(), exchange.url), Label::Quiet)];
    line.extend(exchange.response.as_ref().map(|response| Span::new(format!("  {}", response.status), Label::Quiet)));
    Block::Text(line)
}

/// Status line, headers and body, or why there are none.
pub fn answer_in_full(exchange: &ShownExchange) -> Document {
    let mut document = Document::new();
    if let Some(response) = &exchange.response {
        let reason = response.reason.iter().map(|reason| format!(" {}", reason.printable_within(120)));
        let status = format!("{} {}{}", response.http_version, response.status, reason.collect::<String>());
        let headers = response.headers.iter().map(|(name, value)| format!("{name}: {}", value.printable()));
        document.push(Block::Gap);
        document.push(Block::Words([status].into_iter().chain(headers).collect()));
        if exchange.method == Method::Get {
            body(response, &mut document);
        }
    }
    if let Some((_, message)) = &exchange.failure {
        document.push(Block::Gap);
        document.push(Block::Text(vec![Span::new(message.printable_within(400), Label::Bad)]));
    }
    document
}

fn body(response: &ShownResponse, document: &mut Document) {
    let body = &response.body;
    document.push(Block::Gap);
    match &body.text {
        _ if body.size == 0 => document.push(Block::Text(vec![Span::new("no body", Label::Quiet)])),
        None => document.push(Block::Text(vec![plain(format!("{} bytes that are not text", body.size))])),
        Some(text) => {
            document.push(Block::Words(readable(text)));
            if body.truncated {
                let words = format!("This is the beginning of {} bytes; --raw prints more.", body.size);
                document.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
            }
        }
    }
}

/// JSON with line breaks, and any other text as it is.
fn readable(text: &Untrusted) -> Vec<String> {
    let value = serde_json::from_str::<Value>(text.as_str()).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    let mut lines = pretty.map_or_else(|| text.printable_lines(), |pretty| Untrusted::new(pretty).printable_lines());
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}
