//! The common parts of commands that fetch one thing: the layout of the answer, and of a failure.

use serde_json::Value;

use super::envelope::{Asked, Came, Envelope, Fetched, Problem};
use super::{CommandError, Output};
use crate::diagnosis::{Certainty, ExitStatus, Finding, Judgement, Severity};
use crate::evidence::{Exchange, ExchangeId, FailureKind, Method, Redactor, Response};
use crate::oci::{Digest, Reference};
use crate::report::{
    Block, Form, Label, Layout, Span, plain, presented, provenance_in_words, short_address, shown_chain,
};
use crate::session::{Conversation, Session, Stopped};

/// Begins a conversation about a reference. It is parsed here and not by the argument parser, whose error would repeat a
/// password in it. Without one, it is about the reference of the recording.
///
/// # Errors
/// Where it is not valid, the recording is about several, or nothing can be sent.
pub(super) async fn begin<'a>(session: &'a Session, reference: Option<&str>) -> Result<Conversation<'a>, CommandError> {
    let Some(typed) = reference else {
        let all = session.recorded_references();
        let [only] = &all[..] else { return Err(CommandError::SeveralRecorded(all)) };
        return Ok(session.converse(&Reference::parse(only)?).await?);
    };
    Ok(session.converse(&Reference::parse(typed)?).await?)
}

/// The beginning of a document: where the answers come from, if not from the network.
pub(super) fn head(conversation: &Conversation<'_>) -> Layout {
    let Some(words) = provenance(conversation) else { return Layout::new() };
    vec![Block::Remark(vec![Span::new(words, Label::Caution)]), Block::Gap]
}

/// The beginning of a document about a reference, with its name, because a pasted result has lost its command.
pub(super) fn titled(conversation: &Conversation<'_>) -> Layout {
    let mut document = head(conversation);
    document.push(Block::Title(vec![Span::new(conversation.reference().to_string(), Label::Strong)]));
    document
}

/// The remark that the image has no config blob.
pub(super) fn config_is_in_the_manifest() -> Block {
    let words = "Docker schema 1 manifest: the config is in its history (v1Compatibility), not in a blob.";
    Block::Text(vec![Span::new(words, Label::Caution)])
}

/// The remark that the answers do not come from the network in this run.
pub(super) fn provenance(conversation: &Conversation<'_>) -> Option<String> {
    provenance_in_words(conversation.simulation(), conversation.provenance())
}

/// The JSON of a command with a result.
pub(super) fn object<T: Fetched>(conversation: &Conversation<'_>, answer: ExchangeId, fetched: T) -> Value {
    Envelope { asked: Asked::of(conversation, answer, &[]), came: Came::Fetched(fetched) }.to_json()
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
    let url = redactor.url(&exchange.request.url);
    // A number is useful only where the exchange is kept; `show` has what is left out here.
    let asked = match conversation.is_remembered() {
        true => format!("#{} {method} {}", answer, short_address(&url)),
        false => format!("{method} {url}"),
    };
    let mut line = vec![Span::new(asked, Label::Quiet)];
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

/// Whether a body has this digest; `None` if it is not complete.
pub(super) fn has_digest(exchange: &Exchange, digest: &Digest) -> Option<bool> {
    let body = &exchange.response.as_ref().filter(|_| exchange.is_success())?.body;
    (exchange.request.method == Method::Get && !body.truncated).then(|| body.has(digest))
}

/// Writes why there is no result: the findings, or else the server's words. Returns the exit status.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn refused<T: Fetched>(
    conversation: &Conversation<'_>,
    answer: ExchangeId,
    accept: &[String],
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let refusal = NotFetched::judged(answer, conversation.judge(answer, accept), None);
    failed::<T>(conversation, refusal, output)
}

/// Writes where the path to an image ended, as [`refused`] does.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn stopped<T: Fetched>(
    conversation: &Conversation<'_>,
    stopped: &Stopped,
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let otherwise = (stopped.obstacle.to_string(), conversation.exit_status(stopped));
    let refusal = NotFetched::judged(stopped.at, conversation.judge_stop(stopped), Some(otherwise));
    failed::<T>(conversation, refusal, output)
}

/// The result of a request that is not part of a pull. Rules about connections and credentials apply to every request; rules
/// about refusals and missing content apply to pulls.
pub(super) fn aside(conversation: &Conversation<'_>, answer: ExchangeId) -> NotFetched {
    let exchange = conversation.journal().get(answer);
    let plainly = |exit| NotFetched { at: answer, exit, findings: Vec::new(), problem: None };
    let otherwise = match exchange.status().filter(|_| exchange.failure.is_none()) {
        Some(403) => return plainly(ExitStatus::Denied),
        Some(404 | 410) => return plainly(ExitStatus::NotFound),
        Some(401) => ExitStatus::Unauthenticated,
        Some(429) => ExitStatus::RateLimited,
        Some(400..) => return plainly(ExitStatus::ServerFailed),
        _ => ExitStatus::ServerFailed,
    };
    let judgement = conversation.judge(answer, &[]);
    match judgement.exit_status() {
        ExitStatus::Success => plainly(otherwise),
        _ => NotFetched::judged(answer, judgement, None),
    }
}

/// A failure.
pub(super) struct NotFetched {
    /// The answer.
    pub at: ExchangeId,
    /// The exit status.
    pub exit: ExitStatus,
    /// The errors that rules find.
    pub findings: Vec<Finding>,
    /// The explanation if no rule finds an error.
    pub problem: Option<String>,
}

impl NotFetched {
    /// The failure by the rules; `otherwise` is the explanation and the status if they find no error.
    pub(super) fn judged(at: ExchangeId, judgement: Judgement, otherwise: Option<(String, ExitStatus)>) -> Self {
        let (problem, own) = otherwise.unzip();
        let exit = match judgement.exit_status() {
            // The request failed even if no rule explains it.
            ExitStatus::Success => own.unwrap_or(ExitStatus::ServerFailed),
            exit => exit,
        };
        let findings = judgement.findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        Self { at, exit, findings, problem }
    }
}

/// Writes a failure.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn failed<T: Fetched>(
    conversation: &Conversation<'_>,
    refusal: NotFetched,
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    let answer = refusal.at;
    failed_as(conversation, refusal, titled(conversation), output, |findings, problem| {
        let asked = Asked::of(conversation, answer, findings);
        Envelope::<T> { asked, came: Came::Nothing(Problem { problem }) }.to_json()
    })
}

/// Writes a failure below this title, or as this object.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn failed_as(
    conversation: &Conversation<'_>,
    refusal: NotFetched,
    title: Layout,
    output: &mut Output<'_>,
    to_json: impl FnOnce(&[Finding], Option<String>) -> Value,
) -> Result<ExitStatus, CommandError> {
    let NotFetched { at: answer, exit, findings, problem } = refusal;
    let mut redactor = conversation.redactor();
    let exchange = conversation.journal().get(answer);
    let interrupted = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Interrupted);
    let object = to_json(&findings, problem.clone());
    let mut document = title;
    document.push(request_line(conversation, answer, None, &mut redactor));
    // The status of a success explains nothing.
    document.extend((!exchange.is_success()).then(|| Block::Words(vec![words(exchange)])));
    let unexplained = problem.filter(|_| findings.is_empty() && !interrupted);
    document.extend(unexplained.map(|problem| Block::Text(vec![Span::new(format!("✗ {problem}"), Label::Bad)])));
    findings.iter().for_each(|finding| explained(finding, conversation, &mut redactor, &mut document));
    output.fetched(&document, &object, &mut redactor)?;
    Ok(if interrupted { ExitStatus::Interrupted } else { exit })
}

/// The server's words, or why there was no answer.
fn words(exchange: &Exchange) -> String {
    let said = match (&exchange.response, &exchange.failure) {
        // A success whose body failed is explained by that failure.
        (Some(Response { status: 200..=299, .. }) | None, Some(failure)) => failure.message.clone(),
        (Some(response), _) => crate::diagnosis::response_words(response),
        (None, None) => return "no answer".to_owned(),
    };
    said.printable_within(400)
}

/// A finding in short: rule, title, certificates, fixes.
pub(super) fn explained(
    finding: &Finding,
    conversation: &Conversation<'_>,
    redactor: &mut Redactor,
    document: &mut Layout,
) {
    let mut head = vec![Span::new(finding.rule, Label::Name)];
    if finding.certainty == Certainty::Likely {
        head.push(Span::new(" · likely", Label::Quiet));
    }
    head.push(plain(format!(": {}", finding.title)));
    document.push(Block::Text(head));
    let mut proof = finding.evidence.iter().map(|evidence| conversation.journal().get(evidence.exchange));
    let chain = proof.find_map(|exchange| shown_chain(exchange, redactor));
    document.extend(chain.iter().flat_map(presented));
    for (number, fix) in finding.fix.iter().enumerate() {
        let label = if number == 0 { "fix" } else { "" };
        document.push(Block::Labelled { label, line: vec![plain(&fix.text)], command: fix.command.clone() });
    }
}
