//! What all commands have in common that fetch one thing: how the answer is told, and what is said where it is a refusal.

use serde_json::{Map, Value, json};

use super::{CommandError, Output};
use crate::diagnosis::{ExitStatus, Finding, Judgement, Severity};
use crate::evidence::{Exchange, ExchangeId, FailureKind, Method, Redactor, Response, Untrusted};
use crate::oci::{Digest, Reference};
use crate::report::{Block, Document, Label, Span, finding_as_json, plain};
use crate::session::{Conversation, Session, Stopped};

/// Begins a conversation about a reference that was typed. It is parsed here and not by the argument parser, whose
/// message would repeat a password that was pasted along.
///
/// # Errors
/// Where it cannot be parsed, or nothing can be sent.
pub(super) async fn begin<'a>(session: &'a Session, reference: &str) -> Result<Conversation<'a>, CommandError> {
    let reference = Reference::parse(reference).map_err(|refusal| CommandError::Reference(Box::new(refusal)))?;
    Ok(session.converse(&reference).await?)
}

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
    told(
        schema,
        conversation,
        Refusal { at: answer, judgement: Some(conversation.judge(answer, accept)), otherwise: None },
        output,
    )
}

/// Tells where the way to an image ended, as [`refused`].
///
/// # Errors
/// Where it cannot be written.
pub(super) fn stopped(
    schema: &str,
    conversation: &Conversation<'_>,
    stopped: &Stopped,
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let otherwise = Some((stopped.obstacle.to_string(), conversation.exit_status(stopped)));
    told(
        schema,
        conversation,
        Refusal { at: stopped.at, judgement: Some(conversation.judge_stop(stopped)), otherwise },
        output,
    )
}

/// Why something did not come.
pub(super) struct Refusal {
    /// The answer.
    pub at: ExchangeId,
    /// What the rules say, where they are asked.
    pub judgement: Option<Judgement>,
    /// What is said where they say that nothing is wrong.
    pub otherwise: Option<(String, ExitStatus)>,
}

/// Tells why something did not come.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn told(
    schema: &str,
    conversation: &Conversation<'_>,
    refusal: Refusal,
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let Refusal { at: answer, judgement, otherwise } = refusal;
    let mut redactor = conversation.redactor();
    let (problem, own) = otherwise.unzip();
    let exchange = conversation.journal().get(answer);
    let interrupted = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Interrupted);
    let exit = match judgement.as_ref().map_or(ExitStatus::Success, Judgement::exit_status) {
        _ if interrupted => ExitStatus::Interrupted,
        // It was no success, so something is wrong, whatever the rules make of it.
        ExitStatus::Success => own.unwrap_or(ExitStatus::ServerFailed),
        exit => exit,
    };
    let errors = || {
        judgement.iter().flat_map(|judgement| &judgement.findings).filter(|finding| finding.severity == Severity::Error)
    };
    let mut object = object(schema, conversation, answer);
    object.insert("findings".to_owned(), errors().map(finding_as_json).collect());
    object.insert("problem".to_owned(), json!(problem));
    let mut document = head(conversation);
    document.push(request_line(conversation, answer, None, &mut redactor));
    // Where the answer was a success, its status is no explanation.
    document.extend((!exchange.is_success()).then(|| Block::Words(vec![words(exchange)])));
    let unexplained = problem.filter(|_| errors().next().is_none());
    document.extend(unexplained.map(|problem| Block::Text(vec![Span::new(format!("✗ {problem}"), Label::Bad)])));
    errors().for_each(|finding| explained(finding, &mut document));
    output.fetched(&document, &Value::Object(object), &mut redactor)?;
    Ok(exit)
}

/// The first words of a refusal, or why there was no answer.
fn words(exchange: &Exchange) -> String {
    let said = match (&exchange.response, &exchange.failure) {
        // A status of success is no explanation; what happened to the body is.
        (Some(Response { status: 200..=299, .. }) | None, Some(failure)) => failure.message.clone(),
        (Some(response), _) => crate::diagnosis::response_words(response),
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

/// A line of this many characters at most; a cut is marked.
pub(super) fn cut(line: &str, limit: usize) -> String {
    if line.chars().count() <= limit {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The first twelve digits of a digest; of what is none, as much.
pub(super) fn short(digest: &Untrusted) -> String {
    let text = digest.as_str();
    let digits = text.split_once(':').map_or(text, |(_, digits)| digits);
    Untrusted::new(digits.chars().take(12).collect::<String>()).printable()
}
