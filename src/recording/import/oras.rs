//! Logs of `oras --debug` (`internal/trace/transport.go`): numbered requests and answers, with the time of each. Credentials,
//! the values of queries and the bodies of token services are left out.

use std::collections::HashMap;

use url::Url;

use super::NotImported;
use super::exchanges::{Headers, Log, LoggedBody, LoggedExchange, LoggedResponse};
use super::failures::failure_of;
use super::logrus::unquoted;
use super::message::{body_in, method_of};
use super::times::instant;
use crate::evidence::Method;

/// The longest text of errors that is kept, in bytes.
const LONGEST_ERRORS: usize = 64 << 10;

/// Sentences that are printed instead of a body.
const NOT_A_BODY: [&str; 9] = [
    "No response body to print",
    "Response body for redirect is not printed",
    "Response body without a content type is not printed",
    "Response body of content type",
    "Error reading response body:",
    "Response body is empty",
    "Response body exceeding the trace size limit is not printed",
    "Response body redacted due to potential credentials",
    "No body available to print",
];

/// Reads a log. There are no exchanges in a text that is none.
///
/// # Errors
/// Fails if there are too many requests.
pub(super) fn read(lines: &[&str]) -> Result<Log, NotImported> {
    let mut reader = Reader::default();
    for line in lines {
        reader.line(line)?;
    }
    reader.finish();
    let mut log = Log { has_clock: true, errors: reader.errors, ..Log::default() };
    for exchange in reader.exchanges {
        log.has_clock &= exchange.started.is_some();
        log.push(exchange)?;
    }
    Ok(log)
}

/// The part of an entry that the next lines belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    None,
    Request,
    Answer,
    Body,
    Failure,
}

#[derive(Default)]
struct Reader {
    exchanges: Vec<LoggedExchange>,
    /// The positions of the requests by their numbers.
    numbers: HashMap<u64, usize>,
    current: Option<usize>,
    part: Part,
    text: String,
    headers: Headers,
    errors: String,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), NotImported> {
        if let Some((stamp, event, number)) = event(line) {
            self.finish();
            let time = instant(stamp);
            if event == "Request" {
                if self.exchanges.len() == super::exchanges::MOST_EXCHANGES {
                    return Err(NotImported::TooMany);
                }
                let Ok(unknown) = Url::parse("http://unknown.invalid/") else { return Ok(()) };
                self.numbers.insert(number, self.exchanges.len());
                (self.current, self.part) = (Some(self.exchanges.len()), Part::Request);
                self.exchanges.push(LoggedExchange { started: time, ..LoggedExchange::new(Method::Tls, unknown) });
            } else {
                self.current = self.numbers.remove(&number);
                self.part = Part::Answer;
                if let Some(exchange) = self.current.map(|at| &mut self.exchanges[at]) {
                    exchange.duration = time.zip(exchange.started).and_then(|(end, start)| end.checked_sub(start));
                }
            }
            return Ok(());
        }
        if line.starts_with("Error: ") && self.part != Part::Failure {
            self.finish();
            if self.errors.len() + line.len() < LONGEST_ERRORS {
                self.errors.push_str(line);
                self.errors.push('\n');
            }
            return Ok(());
        }
        let Some(exchange) = self.current.map(|at| &mut self.exchanges[at]) else { return Ok(()) };
        match self.part {
            Part::Request => {
                if let Some(url) = line.strip_prefix("> Request URL: ").and_then(text_in_quotes) {
                    exchange.url = Url::parse(&url).unwrap_or_else(|_| exchange.url.clone());
                } else if let Some(verb) = line.strip_prefix("> Request method: ").and_then(text_in_quotes) {
                    exchange.method = method_of(&verb).unwrap_or(Method::Tls);
                } else if let Some((name, value)) = header_in_quotes(line) {
                    exchange.headers.push(&name, &value);
                }
            }
            Part::Answer => {
                if let Some(status) = line.strip_prefix("< Response Status: ").and_then(text_in_quotes) {
                    let (code, reason) = status.split_once(' ').unwrap_or((&status, ""));
                    let code = code.parse().ok().filter(|code| (100..=999).contains(code));
                    exchange.response = code.map(|code| LoggedResponse::new(code, reason, ""));
                } else if line.starts_with("< Response body:") {
                    self.part = Part::Body;
                } else if let Some(message) = line.strip_prefix("Error in getting response: ") {
                    exchange.failure = Some(failure_of(message));
                    self.part = Part::None;
                } else if let Some((name, value)) = header_in_quotes(line) {
                    self.headers.push(&name, &value);
                }
            }
            Part::Body if self.text.len() + line.len() <= super::exchanges::LONGEST_BODY => {
                self.text.push_str(line);
                self.text.push('\n');
            }
            Part::Body | Part::None | Part::Failure => {}
        }
        Ok(())
    }

    fn finish(&mut self) {
        let (text, headers) = (std::mem::take(&mut self.text), std::mem::take(&mut self.headers));
        self.part = Part::None;
        let Some(exchange) = self.current.take().map(|at| &mut self.exchanges[at]) else { return };
        let method = exchange.method;
        if let Some(response) = exchange.response.as_mut().filter(|response| response.headers == Headers::default()) {
            response.headers = headers;
            let sentence = text.trim();
            let is_left_out = NOT_A_BODY.iter().any(|beginning| sentence.starts_with(beginning));
            if !response.is_bodiless(method) {
                response.body = match is_left_out {
                    true => LoggedBody::partial("", response.length()),
                    false => body_in(&text, response),
                };
            }
        }
    }
}

/// The time, the kind and the number of an entry: `[2026-12-01T01:33:34.95Z][DEBUG]: --> Request #0`.
fn event(line: &str) -> Option<(&str, &str, u64)> {
    let (before, rest) = line.split_once("]: ").unwrap_or(("", line));
    let rest = rest.trim_start_matches(['-', '<', '>', ' ']);
    let (kind, number) = rest.split_once(" #")?;
    let kind = ["Request", "Response"].into_iter().find(|known| *known == kind)?;
    let stamp = before.trim_start_matches('[').split(']').next().unwrap_or_default();
    Some((stamp, kind, number.trim().parse().ok()?))
}

fn text_in_quotes(text: &str) -> Option<String> {
    String::from_utf8(unquoted(text.trim())?.0).ok()
}

/// `   "Accept": "a/b"`
fn header_in_quotes(line: &str) -> Option<(String, String)> {
    let (name, length) = unquoted(line.trim_start())?;
    let value = line.trim_start()[length..].strip_prefix(": ")?;
    Some((String::from_utf8(name).ok()?, text_in_quotes(value)?))
}
