//! HAR 1.2 files, as browsers, proxies and this program write them.
//!
//! Browsers keep bodies decoded, so the received bytes are not known where a content coding was used.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::Url;

use super::NotImported;
use super::bounded::Bounded;
use super::exchanges::{Log, LoggedBody, LoggedExchange, LoggedResponse, MOST_EXCHANGES};
use super::failures::failure_of;
use super::message::method_of;
use super::times::instant;
use crate::evidence::{Failure, FailureKind, Timing};

/// The maximum number of header lines and of fields of a form that are read of a message.
const MOST_PAIRS: usize = 200;
/// The longest time after the beginning of 1970 that is no date, but the time since a first request.
const LONGEST_AFTER_EPOCH: Duration = Duration::from_secs(365 * 86_400);

#[derive(Deserialize)]
struct File {
    log: Entries,
}

#[derive(Deserialize)]
struct Entries {
    entries: Bounded<Entry, { MOST_EXCHANGES + 1 }>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: f64,
    request: Asked,
    response: Answered,
    #[serde(default)]
    timings: Timings,
    #[serde(rename = "serverIPAddress", default)]
    server_ip_address: String,
    /// Notes of this program.
    #[serde(rename = "_ociscope", default)]
    own: Own,
}

#[derive(Deserialize, Default)]
struct Own {
    #[serde(default)]
    failure: Option<FailureKind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    method: String,
    url: String,
    #[serde(default)]
    headers: Bounded<Pair, MOST_PAIRS>,
    #[serde(default)]
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
    #[serde(default)]
    params: Bounded<Pair, MOST_PAIRS>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    #[serde(default)]
    status: i32,
    #[serde(default)]
    status_text: String,
    #[serde(default)]
    http_version: String,
    #[serde(default)]
    headers: Bounded<Pair, MOST_PAIRS>,
    #[serde(default)]
    content: Content,
    #[serde(rename = "_error", default)]
    error: Option<String>,
}

#[derive(Deserialize, Default)]
struct Content {
    #[serde(default)]
    size: Option<f64>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: String,
}

/// Milliseconds; −1 for what does not apply.
#[derive(Deserialize, Default)]
struct Timings {
    #[serde(default)]
    dns: Option<f64>,
    #[serde(default)]
    connect: Option<f64>,
    #[serde(default)]
    ssl: Option<f64>,
    #[serde(default)]
    send: Option<f64>,
    #[serde(default)]
    wait: Option<f64>,
}

/// Reads a file. `None` if it is not a HAR file.
///
/// # Errors
/// Fails if it has too many requests.
pub(super) fn read(json: &str) -> Result<Option<Log>, NotImported> {
    let Ok(File { log: Entries { entries } }) = serde_json::from_str::<File>(json) else { return Ok(None) };
    let mut log = Log { has_clock: true, ..Log::default() };
    for entry in entries.0 {
        if let Some(exchange) = exchange(entry) {
            // A file without dates has those of 1970.
            log.has_clock &= exchange.started.is_some_and(|started| started > LONGEST_AFTER_EPOCH);
            log.push(exchange)?;
        }
    }
    Ok(Some(log))
}

fn exchange(entry: Entry) -> Option<LoggedExchange> {
    let Entry { started_date_time, time, request, response, timings, server_ip_address, own } = entry;
    let mut url = Url::parse(&request.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_fragment(None);
    let mut exchange = LoggedExchange::new(method_of(&request.method)?, url);
    request.headers.0.iter().for_each(|header| exchange.headers.push(&header.name, &header.value));
    exchange.sent = request.post_data.map(form).unwrap_or_default();
    exchange.started = instant(&started_date_time);
    exchange.duration = milliseconds(Some(time)).filter(|time| !time.is_zero());
    let ip = server_ip_address.trim_matches(['[', ']']).parse().ok();
    let port = exchange.url.port_or_known_default().unwrap_or_default();
    exchange.remote = ip.map(|ip| std::net::SocketAddr::new(ip, port));
    let (connect, tls) = (milliseconds(timings.connect), milliseconds(timings.ssl));
    exchange.timing = Timing {
        dns: milliseconds(timings.dns),
        // The handshake is a part of it (HAR 1.2, timings).
        connect: connect.map(|connect| connect.saturating_sub(tls.unwrap_or_default())),
        tls,
        first_byte: milliseconds(timings.wait).map(|wait| wait + milliseconds(timings.send).unwrap_or_default()),
    };
    let message = response.error.as_deref().unwrap_or_default();
    exchange.failure = match own.failure {
        Some(kind) => Some(Failure::new(kind, message)),
        None => (!message.is_empty()).then(|| failure_of(message)),
    };
    let status = u16::try_from(response.status).ok().filter(|status| (100..=999).contains(status));
    match status {
        Some(status) => exchange.response = Some(answer(status, response)),
        // A browser that does not say why.
        None if exchange.failure.is_none() => exchange.failure = Some(Failure::new(FailureKind::Other, "no answer")),
        None => {}
    }
    Some(exchange)
}

/// The form in the body of a request.
fn form(data: PostData) -> String {
    if !data.text.is_empty() {
        return data.text;
    }
    let pairs = data.params.0.iter().map(|pair| (&pair.name, &pair.value));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn answer(status: u16, answered: Answered) -> LoggedResponse {
    let Answered { status_text, http_version, headers, content, .. } = answered;
    let mut response = LoggedResponse::new(status, &status_text, &http_version);
    let is_coded = |header: &Pair| {
        header.name.eq_ignore_ascii_case("content-encoding") && !header.value.trim().eq_ignore_ascii_case("identity")
    };
    let is_decoded = headers.0.iter().any(is_coded) && content.text.is_some();
    // The label would be wrong for the decoded body.
    headers.0.iter().filter(|header| !is_decoded || !is_coded(header)).for_each(|header| {
        response.headers.push(&header.name, &header.value);
    });
    response.body = body(content, is_decoded, &response);
    response
}

fn body(content: Content, is_decoded: bool, response: &LoggedResponse) -> LoggedBody {
    let Content { size, text, encoding } = content;
    // A negative size is not known; a browser that does not keep a body may say 0.
    let size = size.filter(|size| *size >= 0.0 && size.is_finite()).map(|size| size as u64);
    let Some(text) = text else {
        let announced = response.length();
        return match (size, announced) {
            (Some(0), None | Some(0)) => LoggedBody::whole(""),
            _ => LoggedBody::partial("", announced.or(size)),
        };
    };
    let bytes = match encoding.eq_ignore_ascii_case("base64") {
        true => match STANDARD.decode(text.trim()) {
            Ok(bytes) => bytes,
            Err(_) => return LoggedBody::partial("", size),
        },
        false => text.into_bytes(),
    };
    let is_all = size.is_none_or(|size| size == bytes.len() as u64);
    let is_announced = response.length().is_none_or(|length| length == bytes.len() as u64);
    match is_all && is_announced && !is_decoded {
        true => LoggedBody::whole(bytes),
        false => LoggedBody::partial(bytes, size),
    }
}

fn milliseconds(time: Option<f64>) -> Option<Duration> {
    Duration::try_from_secs_f64(time.filter(|time| *time >= 0.0)? / 1e3).ok()
}
