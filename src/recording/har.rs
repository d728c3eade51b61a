//! HAR 1.2 (HTTP Archive): the exchanges of recordings, for browsers, proxies and viewers, and for vendors who ask for it.
//!
//! Specification: <http://www.softwareishard.com/blog/har-12-spec/>. Fields whose names begin with an underscore are ours, as
//! it allows. What is not an HTTP request, such as a TLS handshake of its own, has no place in it.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::evidence::{Body, Build, Exchange, ExchangeId, Method, Record, Request, Response};
use crate::text::Untrusted;

/// The media type of a body without one, as browsers write it.
const UNKNOWN_TYPE: &str = "x-unknown";
/// How the name of this program is written in a file of ours.
pub(super) const CREATOR: &str = r#""creator":{"name":"ociscope""#;
/// The protocol of an exchange without an answer.
const UNKNOWN_VERSION: &str = "unknown";

/// The exchanges of records without secrets, as a HAR file that `made` has written. Each redirect and each request for a
/// token is an entry. Exchanges that were not sent again, because another run had the answer, are left out.
pub fn to_har(records: &[Record], made: &Build) -> Value {
    let mut sent: Vec<_> = Vec::new();
    for (run, record) in records.iter().enumerate() {
        let is_sent = |exchange: &Exchange| exchange.request.method != Method::Tls && !exchange.connection.shared;
        let exchanges = record.journal.iter().filter(|(_, exchange)| is_sent(exchange));
        sent.extend(exchanges.map(|(id, exchange)| (run, record, id, exchange)));
    }
    // The preferred order is that of time (HAR 1.2, entries).
    sent.sort_by_key(|(_, record, _, exchange)| {
        let began = i128::from(record.now.unwrap_or(0)) * 1_000_000_000;
        began.saturating_add_unsigned(exchange.started.as_nanos())
    });
    let entries: Vec<_> =
        sent.into_iter().map(|(run, record, id, exchange)| entry(run, record, id, exchange)).collect();
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "ociscope", "version": made.version },
            "entries": entries,
            "comment": "Secrets were removed. Values that were withheld have a label instead, the same for equal values.",
        }
    })
}

fn entry(run: usize, record: &Record, id: ExchangeId, exchange: &Exchange) -> Value {
    let (time, timings) = timings(exchange);
    let failure = exchange.failure.as_ref();
    let mut own = json!({ "run": run, "exchange": id, "purpose": exchange.request.purpose.to_string() });
    if let Some(failure) = failure {
        own["failure"] = serde_json::to_value(&failure.kind).unwrap_or_default();
    }
    let mut response = match &exchange.response {
        Some(response) => answered(exchange.request.method, response),
        None => unanswered(),
    };
    if let Some(failure) = failure {
        response["_error"] = failure.message.printable().into();
    }
    let mut entry = json!({
        "startedDateTime": moment(record.now, exchange.started),
        "time": time,
        "request": request(&exchange.request, exchange.response.as_ref()),
        "response": response,
        "cache": {},
        "timings": timings,
    });
    // Through a proxy, the address is the proxy's.
    if let Some(remote) = exchange.connection.remote.filter(|_| exchange.connection.proxy.is_none()) {
        entry["serverIPAddress"] = remote.ip().to_string().into();
    }
    if record.now.is_none() {
        entry["comment"] = "The date is not known; times are since the first request.".into();
    }
    entry["_ociscope"] = own;
    entry
}

/// A time in UTC with milliseconds (ISO 8601). Without a date, it is that of 1970.
fn moment(now: Option<i64>, started: Duration) -> String {
    let began = OffsetDateTime::from_unix_timestamp(now.unwrap_or(0)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let time = time::Duration::try_from(started).ok().and_then(|started| began.checked_add(started)).unwrap_or(began);
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let (month, milliseconds) = (u8::from(month), time.millisecond());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// The duration of an exchange and of its steps, in milliseconds. The steps add up to the duration; −1 is for a step that
/// did not take place or was not measured, which the specification allows for all but three. The TLS handshake is a part
/// of `connect`, and sending is not measured apart from waiting.
fn timings(exchange: &Exchange) -> (f64, Value) {
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let timing = &exchange.timing;
    let tls = timing.tls.map(micros);
    let connect = timing.connect.map(micros);
    let connect = connect.or(tls).map(|_| connect.unwrap_or_default().saturating_add(tls.unwrap_or_default()));
    let dns = timing.dns.map(micros);
    let before = dns.unwrap_or_default().saturating_add(connect.unwrap_or_default());
    let rest = micros(exchange.duration).saturating_sub(before);
    let wait = timing.first_byte.map_or(rest, micros);
    let receive = rest.saturating_sub(wait);
    let total = before.saturating_add(wait).saturating_add(receive);
    let shown = |micros: u64| Value::from(milliseconds(micros));
    let optional = |micros: Option<u64>| micros.map_or(Value::from(-1), shown);
    let timings = json!({
        "blocked": -1,
        "dns": optional(dns),
        "connect": optional(connect),
        "ssl": optional(tls),
        "send": 0,
        "wait": shown(wait),
        "receive": shown(receive),
    });
    (milliseconds(total), timings)
}

/// Microseconds as milliseconds: exact up to 285 years.
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1e3
}

fn request(request: &Request, response: Option<&Response>) -> Value {
    let headers = request.headers.iter().map(|header| (header.name.as_str(), header.value.to_string()));
    let query = request.url.query_pairs().map(|(name, value)| (name, value.into_owned()));
    let mut written = json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "httpVersion": response.map_or(UNKNOWN_VERSION, |response| &response.http_version),
        "cookies": [],
        "headers": pairs(headers),
        "queryString": pairs(query),
        "headersSize": -1,
        "bodySize": if request.form.is_some() { -1 } else { 0 },
    });
    if let Some(form) = &request.form {
        let separator = if form.fields.is_empty() { "" } else { "&" };
        written["postData"] = json!({
            "mimeType": "application/x-www-form-urlencoded",
            "params": [],
            "text": format!("{}{separator}{}=‹removed›", form.fields, form.name),
        });
    }
    written
}

fn answered(method: Method, response: &Response) -> Value {
    let headers = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str().to_owned()));
    let location = response.header("location").map(Untrusted::as_str).unwrap_or_default();
    let kind = response.header("content-type").map(Untrusted::as_str).unwrap_or(UNKNOWN_TYPE);
    let size = if method == Method::Head { 0 } else { response.body.size };
    json!({
        "status": response.status,
        "statusText": response.reason.as_ref().map(Untrusted::as_str).unwrap_or_default(),
        "httpVersion": response.http_version,
        "cookies": [],
        "headers": pairs(headers),
        "content": content(&response.body, size, kind),
        "redirectURL": location,
        "headersSize": -1,
        "bodySize": size,
    })
}

fn content(body: &Body, size: u64, kind: &str) -> Value {
    let mut content = Map::new();
    content.insert("size".to_owned(), size.into());
    content.insert("mimeType".to_owned(), kind.into());
    match std::str::from_utf8(&body.bytes) {
        // An empty text is one; bytes that are not known are none.
        Ok("") if size > 0 => {}
        Ok(text) => drop(content.insert("text".to_owned(), text.into())),
        Err(_) => {
            content.insert("text".to_owned(), STANDARD.encode(&body.bytes).into());
            content.insert("encoding".to_owned(), "base64".into());
        }
    }
    content.into()
}

/// The answer that did not come.
fn unanswered() -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": UNKNOWN_VERSION,
        "cookies": [],
        "headers": [],
        "content": { "size": 0, "mimeType": UNKNOWN_TYPE },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn pairs<'a>(pairs: impl Iterator<Item = (impl Into<Cow<'a, str>>, String)>) -> Vec<Value> {
    pairs.map(|(name, value)| json!({ "name": name.into(), "value": value })).collect()
}

#[cfg(test)]
mod tests;
