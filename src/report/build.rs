//! Making a report: everything is redacted here, once, before any format sees it.

use std::time::Duration;

use super::asked_as::asked_as;
use super::curl::curl;
use super::path::authentication_steps;
use super::presented::shown_chain;
use super::value::{
    Note, Report, ShownAnswer, ShownBody, ShownConnection, ShownExchange, ShownProbe, ShownResponse, Verdict,
};
use crate::diagnosis::{Case, CommandLine, ExitStatus, Finding, Judgement, Node, Severity, anatomy, reading};
use crate::evidence::{
    BodyKind, DistinctAnswer, Exchange, ExchangeId, Journal, Matrix, Method, Probe, Purpose, Record, Redactor,
    Response, body_kind, error_entries,
};
use crate::oci::Algorithm;
use crate::oci::media_type::plain_words;
use crate::text::{Untrusted, as_text};

/// How much of a body is shown, in bytes.
const SHOWN_BODY: usize = 64 << 10;

/// What a report says of its run apart from what was observed and what that means.
pub struct Surroundings {
    /// Whether the registry answered at the address at which clients expect it.
    pub is_usual_origin: bool,
    /// What else there is to know.
    pub notes: Vec<Note>,
    /// The command that makes the same report, where there is one.
    pub again: Option<CommandLine>,
    /// What can be done next: commands, each with what it is for.
    pub next: Vec<(CommandLine, String)>,
}

/// Makes the report of a run from what was observed and what that means.
pub fn build(record: &Record, judgement: Judgement, surroundings: Surroundings, redactor: &mut Redactor) -> Report {
    let Record { reference, journal, matrix, interrupted, .. } = record;
    let Surroundings { is_usual_origin, notes, again, next } = surroundings;
    let case = Case::new(record);
    let reading = reading(&case);
    let anatomy = record.depth.goes_deep().then(|| anatomy(&case)).flatten();
    let exit = if *interrupted { ExitStatus::Interrupted } else { judgement.exit_status() };
    let verdict = verdict(&judgement.findings, *interrupted);
    let additions = reference.additions().iter().map(|addition| format!("added {addition}"));
    let understood = additions.chain(reference.changes().iter().map(ToString::to_string)).collect();
    redactor.count_labels(true);
    let findings = judgement.findings.into_iter().map(|finding| redacted(finding, redactor)).collect();
    let typed = record.mended.as_ref().map_or_else(|| reference.input(), |refusal| &refusal.input);
    let mut report = Report {
        depth: record.depth,
        tree: anatomy.map(|root| redacted_node(root, redactor)),
        authentication: authentication_steps(&record.authentication, journal)
            .iter()
            .map(|step| redactor.text(step))
            .collect(),
        platform: record.platform.to_string(),
        index: None,
        simulation: record.simulation.as_deref().map(str::to_owned),
        recorded: record.provenance.clone(),
        input: Untrusted::new(redactor.text(typed)),
        registry: reference.registry().to_string(),
        repository: reference.repository().to_owned(),
        tag: reference.tag().map(str::to_owned),
        digest: reference.digest().map(ToString::to_string),
        canonical: reference.to_string(),
        understood,
        began: record.now,
        origin: record.origin.as_ref().map(ToString::to_string).unwrap_or_default(),
        is_usual_origin,
        is_typed: record.options.typed,
        verdict,
        exit,
        findings,
        reading,
        probes: matrix.probes.iter().map(|probe| shown_probe(probe, matrix, journal, redactor)).collect(),
        answers: matrix.answers.iter().map(|answer| shown_answer(answer, matrix)).collect(),
        exchanges: journal.iter().map(|(id, exchange)| shown_exchange(id, exchange, redactor)).collect(),
        asked_as: asked_as(record),
        token: record.authentication.token_shape.as_ref().map(ToString::to_string),
        notes,
        rounds: journal.rounds(),
        total_ms: milliseconds(journal.iter().map(|(_, e)| e.started + e.duration).max().unwrap_or_default()),
        again,
        next,
        redactions: Vec::new(),
    };
    // What the lab answers, no other program can be told to repeat.
    if record.simulation.is_none() {
        let proves =
            |id: ExchangeId| report.findings.iter().flat_map(|finding| &finding.evidence).any(|q| q.exchange == id);
        let curls: Vec<_> =
            journal.iter().map(|(id, one)| proves(id).then(|| curl(one).command.ok()).flatten()).collect();
        report.exchanges.iter_mut().zip(curls).for_each(|(shown, curl)| shown.curl = curl);
    }
    report.redactions = redactor.redactions();
    redactor.count_labels(false);
    report
}

/// Addresses may be signed, and a server may repeat in a body what it was asked.
fn learn_addresses<'a>(exchanges: impl Iterator<Item = &'a Exchange>, redactor: &mut Redactor) {
    exchanges.for_each(|exchange| redactor.learn_addresses(exchange));
}

fn verdict(findings: &[Finding], interrupted: bool) -> Verdict {
    match findings.iter().map(|finding| finding.severity).min() {
        Some(Severity::Error) => Verdict::Error,
        _ if interrupted => Verdict::Unknown,
        Some(Severity::Warning) => Verdict::Warning,
        _ => Verdict::Ok,
    }
}

fn redacted(mut finding: Finding, redactor: &mut Redactor) -> Finding {
    finding.title = redactor.text(&finding.title);
    finding.cause = redactor.text(&finding.cause);
    for evidence in &mut finding.evidence {
        evidence.quote = Untrusted::new(redactor.text(evidence.quote.as_str()));
    }
    finding
}

fn shown_probe(probe: &Probe, matrix: &Matrix, journal: &Journal, redactor: &mut Redactor) -> ShownProbe {
    let exchange = probe.exchange.map(|id| journal.get(id));
    let observation = probe.exchange.and_then(|id| journal.observation(id));
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    let error = response.filter(|response| response.status >= 400).and_then(|response| {
        let shown = matrix.shown(probe, journal).map(|id| journal.get(id));
        let told = shown.and_then(|exchange| exchange.response.as_ref()).unwrap_or(response);
        let entry = error_entries(told).into_iter().next()?;
        let clean = |text: &Untrusted, redactor: &mut Redactor| redactor.text(text.as_str()).into();
        Some((clean(&entry.code, redactor), clean(&entry.message, redactor)))
    });
    let substituted =
        observation.as_ref().is_some_and(|observation| !probe.variant.accepts(observation.served.as_str()));
    ShownProbe {
        id: probe.variant.id(),
        number: probe.variant.number(),
        words: probe.variant.words(),
        accept: probe.variant.accept().to_vec(),
        method: exchange.map_or(Method::Get, |exchange| exchange.request.method),
        exchange: probe.exchange,
        status: exchange.and_then(Exchange::status),
        served_type: response.and_then(Response::served_type).filter(|_| observation.is_some()),
        refusal_words: response.filter(|_| observation.is_none()).map(refusal_words),
        substituted,
        digest: observation.as_ref().and_then(|observation| observation.digest().cloned()),
        size: observation.as_ref().and_then(|observation| observation.size),
        error,
        failure: exchange
            .and_then(|exchange| exchange.failure.as_ref())
            .map(|failure| redactor.text(failure.message.as_str()).into()),
        answer: probe.answer.map(|answer| matrix.answers[answer].name.clone()),
    }
}

/// What kind of body came with a refusal that has no words to show.
fn refusal_words(response: &Response) -> Untrusted {
    let named = || response.served_type().map(|served| plain_words(served.as_str()).map_or(served, Untrusted::from));
    match body_kind(response) {
        // An answer to HEAD has no body, but says what its body would be.
        BodyKind::Empty => named().unwrap_or_else(|| Untrusted::from("no body")),
        BodyKind::Json => named().unwrap_or_else(|| Untrusted::from("json")),
        kind => Untrusted::from(kind.words()),
    }
}

fn shown_answer(answer: &DistinctAnswer, matrix: &Matrix) -> ShownAnswer {
    let variants = answer.probes.iter().map(|&probe| &matrix.probes[probe].variant);
    ShownAnswer {
        name: answer.name.clone(),
        probes: variants.map(|variant| (variant.number(), variant.id())).collect(),
        exchange: answer.exchange,
        repeats_accept: answer.repeats_accept,
    }
}

fn redacted_node(node: Node, redactor: &mut Redactor) -> Node {
    let mut clean = |text: &Untrusted| Untrusted::new(redactor.text(text.as_str()));
    let (media_type, digest) = (clean(&node.media_type), clean(&node.digest));
    let platform = node.platform.as_ref().map(clean);
    let children = node.children.into_iter().map(|child| redacted_node(child, redactor)).collect();
    Node { media_type, digest, platform, children, ..node }
}

/// Exchanges as they can be shown, of everything that was exchanged.
pub fn shown_exchanges(ids: &[ExchangeId], journal: &Journal, redactor: &mut Redactor) -> Vec<ShownExchange> {
    learn_addresses(journal.iter().map(|(_, exchange)| exchange), redactor);
    ids.iter().map(|&id| shown_exchange(id, journal.get(id), redactor)).collect()
}

/// One exchange as it can be shown, of those that it stands among.
pub fn shown<'a>(
    id: ExchangeId,
    exchange: &Exchange,
    among: impl Iterator<Item = &'a Exchange>,
    redactor: &mut Redactor,
) -> ShownExchange {
    learn_addresses(among, redactor);
    shown_exchange(id, exchange, redactor)
}

fn shown_exchange(id: ExchangeId, exchange: &Exchange, redactor: &mut Redactor) -> ShownExchange {
    for withheld in exchange.request.withheld() {
        redactor.count(withheld.kind, withheld.shape.as_ref());
    }
    if let Some(form) = &exchange.request.form {
        redactor.count(form.withheld, None);
    }
    ShownExchange {
        id,
        curl: None,
        purpose: exchange.request.purpose.as_str(),
        method: exchange.request.method,
        url: redactor.url(&exchange.request.url),
        request_headers: exchange
            .request
            .headers
            .iter()
            .map(|header| (header.name.clone(), header.value.to_string()))
            .collect(),
        response: exchange.response.as_ref().map(|response| shown_response(exchange, response, redactor)),
        failure: exchange
            .failure
            .as_ref()
            .map(|failure| (failure.kind.as_str(), redactor.text(failure.message.as_str()).into())),
        started_ms: milliseconds(exchange.started),
        duration_ms: milliseconds(exchange.duration),
        timing: exchange.timing,
        connection: shown_connection(exchange, redactor),
    }
}

fn shown_connection(exchange: &Exchange, redactor: &mut Redactor) -> ShownConnection {
    let connection = &exchange.connection;
    ShownConnection {
        remote: connection.remote.map(|remote| remote.to_string()),
        shared: connection.shared,
        reused: connection.reused,
        reopened: connection.reopened,
        proxy: connection.proxy.as_ref().map(|proxy| (redactor.text(&proxy.address), proxy.because.to_string())),
        ignored_fault: connection.tls_fault_ignored.as_ref().map(|fault| redactor.text(fault).into()),
        presented: shown_chain(exchange, redactor),
    }
}

fn shown_response(exchange: &Exchange, response: &Response, redactor: &mut Redactor) -> ShownResponse {
    let body = &response.body;
    let kind = body_kind(response);
    let whole = !body.truncated && exchange.failure.is_none() && exchange.request.method == Method::Get;
    // Secrets are taken out before it is cut, and what is behind the cut may be the end of one.
    let shown = &body.bytes[..body.bytes.len().min(2 * SHOWN_BODY)];
    let text = if exchange.request.purpose == Purpose::Token {
        Some(redactor.token_body(&body.bytes))
    } else {
        as_text(shown, true).map(|text| redactor.body(text, SHOWN_BODY, body.truncated).into())
    };
    ShownResponse {
        status: response.status,
        reason: response.reason.as_ref().map(|reason| redactor.text(reason.as_str()).into()),
        http_version: response.http_version.to_string(),
        headers: response.headers.iter().map(|(name, value)| (name.clone(), redactor.header(name, value))).collect(),
        body: ShownBody {
            size: body.size,
            text: text.filter(|_| exchange.request.method == Method::Get),
            truncated: body.truncated || body.bytes.len() > SHOWN_BODY,
            sha256: (whole && exchange.request.purpose != Purpose::Token)
                .then(|| body.digest(Algorithm::Sha256).hex().to_owned()),
            kind,
        },
    }
}

/// Milliseconds with three places, so that JSON stays readable.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::RequestHeader;
    use crate::evidence::testing::{token, unanswered};

    /// The counts of one token that was sent twice, the first time along with this header.
    fn counted(name: &str, value: &str) -> (usize, usize) {
        let mut journal = Journal::default();
        for other in [Some(RequestHeader::sent(name, value)), None] {
            let mut exchange = unanswered("https://r.example.com/v2/");
            exchange.request.headers = other.into_iter().chain([token("CANARYtok")]).collect();
            journal.enter(exchange);
        }
        let ids: Vec<_> = journal.iter().map(|(id, _)| id).collect();
        let mut redactor = Redactor::default();
        shown_exchanges(&ids, &journal, &mut redactor);
        let [token] = &redactor.redactions()[..] else { panic!("{:?}", redactor.redactions()) };
        (token.count, token.distinct)
    }

    #[test]
    fn token_that_is_sent_twice_is_one_value_whatever_else_is_sent() {
        for value in ["‹a›", "see ‹1›", "‹your value, 9 characters, label bcdf›", "›", "text/x; note=‹›", "plain"]
        {
            assert_eq!(counted("x-note", value), (2, 1), "{value}");
        }
    }
}
