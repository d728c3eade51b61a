//! What all commands have in common that fetch one thing: how the answer is told, and what is said where it is a refusal.

use serde_json::{Map, Value, json};

use super::{CommandError, Output};
use crate::diagnosis::{ExitStatus, Finding, Severity};
use crate::evidence::{Exchange, ExchangeId, Method, Redactor};
use crate::oci::Digest;
use crate::report::{Block, Document, Label, Span, finding_as_json, plain};
use crate::session::Conversation;

/// Begins a document: that no real registry answered, where that is so.
pub(super) fn head(conversation: &Conversation<'_>) -> Document {
    let Some(scenario) = conversation.simulation() else { return Document::new() };
    let words = format!("lab scenario {scenario}: simulated registries, nothing leaves this machine");
    vec![Block::Remark(vec![Span::new(words, Label::Caution)]), Block::Gap]
}

/// Begins the object of a command.
pub(super) fn object(schema: &str, conversation: &Conversation<'_>, answer: ExchangeId) -> Map<String, Value> {
    let reference = conversation.reference();
    let exchange = conversation.journal().get(answer);
    let mut redactor = conversation.redactor();
    let object = json!({
        "schema": schema,
        "simulation": conversation.simulation(),
        "reference": {
            "input": redactor.text(reference.input()),
            "registry": reference.registry().to_string(),
            "repository": reference.repository(),
            "tag": reference.tag(),
            "digest": reference.digest().map(ToString::to_string),
        },
        "request": {
            "method": exchange.request.method.as_str(),
            "url": redactor.url(&exchange.request.url),
            "status": exchange.status(),
        },
        "findings": [],
    });
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// `GET https://r.example.com/v2/a/blobs/sha256:…  200  7601 bytes  digest ✓`
pub(super) fn request_line(
    conversation: &Conversation<'_>,
    answer: ExchangeId,
    digest: Option<&Digest>,
    redactor: &mut Redactor,
) -> Block {
    let exchange = conversation.journal().get(answer);
    let method = exchange.request.method.as_str();
    let mut line = vec![Span::new(format!("{method} {}", redactor.url(&exchange.request.url)), Label::Quiet)];
    if let Some(response) = &exchange.response {
        line.push(Span::new(format!("  {}", response.status), Label::Quiet));
        if exchange.request.method == Method::Get {
            line.push(Span::new(format!("  {} bytes", response.body.size), Label::Quiet));
        }
    }
    line.extend(digest.and_then(|digest| match has_digest(exchange, digest) {
        Some(true) => Some(Span::new("  digest ✓", Label::Good)),
        Some(false) => Some(Span::new("  digest ✗", Label::Bad)),
        None => None,
    }));
    Block::Text(line)
}

/// Whether all of a body came and has this digest; `None` where not all of it came.
pub(super) fn has_digest(exchange: &Exchange, digest: &Digest) -> Option<bool> {
    let body = &exchange.response.as_ref().filter(|_| exchange.is_success())?.body;
    (exchange.request.method == Method::Get && !body.truncated).then(|| digest.matches(&body.bytes))
}

/// Tells why nothing came: what the rules say of the answer, else what the server said. The exit status is theirs.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn refused(
    schema: &str,
    conversation: &Conversation<'_>,
    answer: ExchangeId,
    accept: &[String],
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let judgement = conversation.judge(answer, accept);
    let mut redactor = conversation.redactor();
    let exit = match judgement.exit_status() {
        // It was no success, so something is wrong, whatever the rules make of it.
        ExitStatus::Success => ExitStatus::ServerFailed,
        exit => exit,
    };
    let errors = || judgement.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut object = object(schema, conversation, answer);
    object.insert("findings".to_owned(), errors().map(finding_as_json).collect());
    let mut document = head(conversation);
    document.push(request_line(conversation, answer, None, &mut redactor));
    document.push(Block::Words(vec![words(conversation.journal().get(answer))]));
    errors().for_each(|finding| explained(finding, &mut document));
    output.fetched(&document, &Value::Object(object), &mut redactor)?;
    Ok(exit)
}

/// The first words of a refusal, or why there was no answer.
fn words(exchange: &Exchange) -> String {
    let said = match (&exchange.response, &exchange.failure) {
        (Some(response), _) => crate::diagnosis::response_words(response),
        (None, Some(failure)) => failure.message.clone(),
        (None, None) => return "no answer".to_owned(),
    };
    said.printable_within(400)
}

fn explained(finding: &Finding, document: &mut Document) {
    let head = vec![Span::new(finding.rule, Label::Name), plain(format!(": {}", finding.title))];
    document.push(Block::Text(head));
    for fix in &finding.fix {
        match &fix.command {
            Some(command) => document.push(Block::Command { command: command.clone(), purpose: fix.text.clone() }),
            None => document.push(Block::Item(vec![plain(&fix.text)])),
        }
    }
}
