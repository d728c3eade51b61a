//! Reports of this program in JSON (`ociscope.report/1`), one or several. They have the exchanges of a run as far as a reader
//! sees them: bodies are cut, and what could act on a terminal is escaped.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::NotImported;
use super::bounded::Bounded;
use super::exchanges::{Log, LoggedBody, LoggedExchange, LoggedResponse, MOST_EXCHANGES};
use super::failures::failure_of;
use super::message::method_of;
use super::times::instant;
use crate::evidence::{CertificateFault, Failure, FailureKind, Step, Timing, TlsFault};
use crate::oci::{Algorithm, Digest};

/// The maximum number of reports in a file.
const MOST: usize = 1000;
/// The maximum number of header lines that are read of a message.
const MOST_HEADERS: usize = 200;
/// The beginning of the name of the format.
const FAMILY: &str = "ociscope.report/";

#[derive(Deserialize)]
struct Report {
    schema: String,
    #[serde(default)]
    made: Made,
    #[serde(default)]
    simulation: Option<String>,
    reference: Subject,
    #[serde(default)]
    probes: Bounded<Probe, 20>,
    exchanges: Bounded<Written, { MOST_EXCHANGES + 1 }>,
}

#[derive(Deserialize, Default)]
struct Made {
    #[serde(default)]
    at: Option<String>,
}

#[derive(Deserialize)]
struct Subject {
    input: String,
}

#[derive(Deserialize)]
struct Probe {
    id: String,
    #[serde(default)]
    accept: Bounded<String, 20>,
}

#[derive(Deserialize)]
struct Written {
    request: Asked,
    response: Option<Answered>,
    failure: Option<Failed>,
    #[serde(default)]
    started_ms: f64,
    #[serde(default)]
    duration_ms: f64,
    #[serde(default)]
    timing: Times,
}

#[derive(Deserialize)]
struct Asked {
    method: String,
    url: String,
    headers: Bounded<(String, String), MOST_HEADERS>,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
    http_version: String,
    headers: Bounded<(String, String), MOST_HEADERS>,
    body: Kept,
}

#[derive(Deserialize)]
struct Kept {
    size: u64,
    text: Option<String>,
    truncated: bool,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Failed {
    kind: String,
    message: String,
}

#[derive(Deserialize, Default)]
struct Times {
    dns_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    first_byte_ms: Option<f64>,
}

/// A report, as a log and what else it says.
pub(super) struct ReportLog {
    /// Its exchanges.
    pub log: Log,
    /// The reference that it is about, as it was entered.
    pub reference: String,
    /// The types that its client accepts, if the user gave them.
    pub accept: Vec<String>,
    /// The lab scenario that answered.
    pub simulation: Option<String>,
}

/// Reads the reports in a file: one, an array of them, or one on each line. Empty if there are none.
///
/// # Errors
/// Fails if a report has too many requests.
pub(super) fn read(json: &str) -> Result<Vec<ReportLog>, NotImported> {
    let reports = match serde_json::from_str::<Bounded<Report, MOST>>(json) {
        Ok(reports) => reports.0,
        Err(_) => {
            let values = serde_json::Deserializer::from_str(json).into_iter::<Report>();
            values.map_while(Result::ok).take(MOST).collect()
        }
    };
    reports.into_iter().filter(|report| report.schema.starts_with(FAMILY)).map(log).collect()
}

fn log(report: Report) -> Result<ReportLog, NotImported> {
    let Report { made, simulation, reference, probes, exchanges, .. } = report;
    let began = made.at.as_deref().and_then(instant);
    let mut log = Log { has_clock: began.is_some(), ..Log::default() };
    for exchange in exchanges.0.into_iter().filter_map(|written| exchange(written, began.unwrap_or_default())) {
        log.push(exchange)?;
    }
    let asked = probes.0.into_iter().find(|probe| probe.id == crate::evidence::variant::ASKED);
    let accept = asked.into_iter().flat_map(|probe| probe.accept.0).collect::<Vec<_>>().join(", ");
    let accept = accept.split(", ").filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
    Ok(ReportLog { log, reference: reference.input, accept, simulation })
}

fn exchange(written: Written, began: Duration) -> Option<LoggedExchange> {
    let Written { request, response, failure, started_ms, duration_ms, timing } = written;
    let url = Url::parse(&request.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut exchange = LoggedExchange::new(method_of(&request.method)?, url);
    request.headers.0.iter().for_each(|(name, value)| exchange.headers.push(name, value));
    let time = |milliseconds: f64| Duration::try_from_secs_f64(milliseconds / 1e3).ok();
    exchange.started = time(started_ms).map(|since| began + since);
    exchange.duration = time(duration_ms);
    exchange.timing = Timing {
        dns: timing.dns_ms.and_then(time),
        connect: timing.connect_ms.and_then(time),
        tls: timing.tls_ms.and_then(time),
        first_byte: timing.first_byte_ms.and_then(time),
    };
    exchange.response = response.filter(|response| (100..=999).contains(&response.status)).map(|answered| {
        let mut response = LoggedResponse::new(answered.status, "", &answered.http_version);
        answered.headers.0.iter().for_each(|(name, value)| response.headers.push(name, value));
        response.body = body(answered.body);
        response
    });
    exchange.failure = failure.map(failed);
    Some(exchange)
}

/// A body is whole if its text has the digest of the received bytes.
fn body(kept: Kept) -> LoggedBody {
    let Kept { size, text, truncated, sha256 } = kept;
    let text = text.unwrap_or_default();
    let is_it = || sha256.is_some_and(|digits| Digest::of(Algorithm::Sha256, text.as_bytes()).hex() == digits);
    match size == 0 || (!truncated && is_it()) {
        true => LoggedBody::whole(text),
        false => LoggedBody::partial(text, Some(size)),
    }
}

/// A failure by its kind. What a kind says in addition is in its message.
fn failed(failed: Failed) -> Failure {
    use FailureKind::*;
    let by_message = failure_of(&failed.message);
    if by_message.kind.as_str() == failed.kind {
        return by_message;
    }
    let kinds = [
        Dns,
        Refused,
        Unreachable,
        Timeout(Step::Headers),
        Certificate(CertificateFault::Other),
        NotTls,
        Tls(TlsFault::Other),
        NotHttp,
        HeadersTooLarge,
        Closed,
        BodyCutShort,
        BodyTooLarge,
        Framing,
        ProxyUnknown,
        Proxy,
        ForbiddenAddress,
        Redirect,
        Interrupted,
        Deadline,
    ];
    let kind = kinds.into_iter().find(|kind| kind.as_str() == failed.kind).unwrap_or(Other);
    Failure::new(kind, failed.message)
}
