//! Logs of `ctr images pull --http-dump` (containerd, `pkg/httpdbg/debug.go`): dumps of requests and answers, each line an
//! entry of the log, with `--debug` and `--http-trace` more entries between them. Nothing is left out, tokens included.
//!
//! The parts of an image are fetched concurrently, and a dump does not say which request an answer belongs to. An answer
//! that could belong to several is left out.

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use super::NotImported;
use super::crane::body_of;
use super::exchanges::{LONGEST_BODY, Log, LoggedBody, LoggedExchange, LoggedResponse, MOST_EXCHANGES};
use super::failures::failure_of;
use super::go_dump::{First, first_line, header};
use super::logrus::{Entry, entry, field};
use super::message::address;
use super::times::instant;
use crate::evidence::Method;

/// Reads a log. There are no exchanges in a text that is none.
///
/// # Errors
/// Fails if there are too many requests.
pub(super) fn read(lines: &[&str]) -> Result<Log, NotImported> {
    let mut reader = Reader::default();
    for line in lines {
        match entry(line) {
            Some(entry) => reader.entry(&entry)?,
            None => reader.error(line),
        }
    }
    reader.finish();
    reader.log()
}

/// The message whose dump the next lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    None,
    Head,
    Body,
}

/// A request, whose scheme may become known later.
struct Dumped {
    exchange: LoggedExchange,
    /// `Host` and target.
    target: String,
}

#[derive(Default)]
struct Reader {
    dumped: Vec<Dumped>,
    /// The requests without an answer yet.
    open: Vec<usize>,
    /// The number of answers that could belong to several requests.
    lost: usize,
    part: Part,
    /// The request whose dump the next lines are.
    asking: Option<usize>,
    /// The answer whose dump they are, and when it came.
    answer: Option<(LoggedResponse, Option<Duration>)>,
    body: Vec<u8>,
    is_padded: bool,
    /// The scheme of each host, by entries with an address.
    schemes: HashMap<String, String>,
    errors: String,
}

impl Reader {
    fn entry(&mut self, entry: &Entry<'_>) -> Result<(), NotImported> {
        if entry.level != "info" {
            self.learn(entry);
            return Ok(());
        }
        let time = entry.time.and_then(instant);
        let text = std::str::from_utf8(&entry.message).ok();
        // Padding hides whether there were spaces.
        let text = text.map(|text| if entry.is_padded { text.trim_end() } else { text });
        if self.part == Part::Head {
            match text.map(str::trim_end) {
                Some("") => self.part = Part::Body,
                Some(line) => match (&mut self.answer, self.asking) {
                    (Some((response, _)), _) => header(&mut response.headers, line),
                    (None, Some(asking)) => header(&mut self.dumped[asking].exchange.headers, line),
                    (None, None) => {}
                },
                None => {}
            }
            return Ok(());
        }
        // A binary body ends with the first line of the next message as well.
        let lossy = String::from_utf8_lossy(&entry.message);
        if let Some((before, first)) = first_line(lossy.trim_end()) {
            self.body.extend_from_slice(before.as_bytes());
            self.finish();
            return self.begin(first, time);
        }
        if self.part == Part::Body && self.body.len() + entry.message.len() <= LONGEST_BODY {
            self.is_padded |= entry.is_padded;
            self.body.extend_from_slice(text.map_or(&entry.message, str::as_bytes));
            self.body.push(b'\n');
        }
        Ok(())
    }

    fn begin(&mut self, first: First<'_>, time: Option<Duration>) -> Result<(), NotImported> {
        self.part = Part::Head;
        match first {
            First::Answer(response) => self.answer = Some((response, time)),
            First::Request(line) => {
                if self.dumped.len() == MOST_EXCHANGES {
                    return Err(NotImported::TooMany);
                }
                let Ok(url) = Url::parse("http://unknown.invalid/") else { return Ok(()) };
                // Requests that no pull sends are read, so that their answers are not taken for those of others.
                let exchange = LoggedExchange::new(line.method.unwrap_or(Method::Tls), url);
                self.asking = Some(self.dumped.len());
                self.open.push(self.dumped.len());
                let exchange = LoggedExchange { started: time, ..exchange };
                self.dumped.push(Dumped { exchange, target: line.target.to_owned() });
            }
        }
        Ok(())
    }

    /// Completes the message that was read.
    fn finish(&mut self) {
        let body = std::mem::take(&mut self.body);
        self.part = Part::None;
        if let Some((mut response, time)) = self.answer.take() {
            let Some(asked) = self.asked(&response) else {
                self.lost += 1;
                return;
            };
            self.open.retain(|open| *open != asked);
            let exchange = &mut self.dumped[asked].exchange;
            if !response.is_bodiless(exchange.method) {
                response.body = match String::from_utf8(body) {
                    Ok(text) => body_of(&text, &response),
                    Err(binary) => binary_body(binary.into_bytes(), &response),
                };
            }
            let since = time.zip(exchange.started).and_then(|(end, start)| end.checked_sub(start));
            exchange.duration = since.filter(|since| !since.is_zero());
            exchange.response = Some(response);
        } else if let Some(asking) = self.asking {
            self.dumped[asking].exchange.sent = String::from_utf8_lossy(&body).trim().to_owned();
        }
        self.asking = None;
    }

    /// The request that an answer belongs to: the only open one, or the only one for the digest that the answer names.
    fn asked(&self, response: &LoggedResponse) -> Option<usize> {
        if let ([only], 0) = (&self.open[..], self.lost) {
            return Some(*only);
        }
        let names = ["docker-content-digest", "etag", "location", "www-authenticate"];
        let named = |target: &str| {
            let last = target.rsplit('/').next().unwrap_or_default();
            last.contains(':')
                && names.iter().any(|name| response.headers.get(name).is_some_and(|value| value.contains(last)))
        };
        let mut fitting = self.open.iter().filter(|open| named(&self.dumped[**open].target));
        fitting.next().copied().filter(|_| fitting.next().is_none())
    }

    /// An entry about the requests, with `--debug`.
    fn learn(&mut self, entry: &Entry<'_>) {
        let url = field(entry, "url").and_then(|url| Url::parse(&url).ok());
        if let Some(host) = url.as_ref().and_then(Url::host_str) {
            let host = url.as_ref().and_then(Url::port).map_or(host.to_owned(), |port| format!("{host}:{port}"));
            self.schemes.extend(url.as_ref().map(|url| (host, url.scheme().to_owned())));
        }
    }

    /// The message with which `ctr` ends: Go's errors of requests name method and address.
    fn error(&mut self, line: &str) {
        const LONGEST: usize = 64 << 10;
        if line.starts_with("ctr: ") && self.errors.len() + line.len() < LONGEST {
            self.errors.push_str(line);
            self.errors.push('\n');
        }
    }

    fn log(mut self) -> Result<Log, NotImported> {
        let mut log = Log { has_clock: true, ..Log::default() };
        let failed = failed(&self.errors);
        if let Some((url, _)) = &failed {
            let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
            self.schemes.insert(host.to_owned(), url.scheme().to_owned());
        }
        for Dumped { mut exchange, target } in self.dumped {
            if exchange.method == Method::Tls {
                continue;
            }
            let host = exchange.headers.get("host").map(str::to_owned);
            let scheme = scheme(host.as_deref().unwrap_or_default(), &self.schemes, &exchange);
            let Some(url) = address(scheme, host.as_deref(), &target) else { continue };
            exchange.url = url;
            log.has_clock &= exchange.started.is_some();
            if let Some((_, message)) =
                failed.as_ref().filter(|(url, _)| exchange.response.is_none() && *url == exchange.url)
            {
                exchange.failure = Some(failure_of(message));
            }
            log.push(exchange)?;
        }
        log.errors = self.errors;
        Ok(log)
    }
}

/// The scheme of a host: as another entry has it, else by the protocol, else as containerd chooses it.
fn scheme<'a>(host: &str, known: &'a HashMap<String, String>, exchange: &LoggedExchange) -> &'a str {
    if let Some(scheme) = known.get(host) {
        return scheme;
    }
    let is_http2 = exchange.response.as_ref().is_some_and(|response| response.version.starts_with("HTTP/2"));
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = name == "localhost" || name == "[::1]" || name.starts_with("127.");
    if is_here && !is_http2 { "http" } else { "https" }
}

/// The address and the message of a failed request, as Go prints them: `Head "https://r.test/v2/": dial tcp: …`.
fn failed(errors: &str) -> Option<(Url, &str)> {
    let at = ["Head \"", "Get \"", "Post \""].iter().find_map(|verb| Some(errors.find(verb)? + verb.len()))?;
    let (url, message) = errors[at..].split_once("\": ")?;
    Some((Url::parse(url).ok()?, message.lines().next().unwrap_or_default()))
}

/// A body that is not text. Line ends in it are lost, unless it has the announced length.
fn binary_body(mut bytes: Vec<u8>, response: &LoggedResponse) -> LoggedBody {
    let announced = response.length();
    let length = announced.and_then(|length| usize::try_from(length).ok());
    match length {
        Some(length) if bytes.len() == length + 1 && bytes.ends_with(b"\n") => {
            bytes.truncate(length);
            LoggedBody::whole(bytes)
        }
        Some(length) if bytes.len() == length => LoggedBody::whole(bytes),
        _ => LoggedBody::partial(bytes, announced),
    }
}
