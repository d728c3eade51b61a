//! Logs of `crane -v`, and of what else is built on go-containerregistry (`pkg/v1/remote/transport/logger.go`): `--> GET URL`
//! and a dump of the request, `<-- 200 URL (1.2ms)` and a dump of the answer. Credentials and the bodies of token services
//! and layers are left out.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use url::Url;

use super::NotImported;
use super::exchanges::{Log, LoggedBody, LoggedExchange, LoggedResponse};
use super::failures::failure_of;
use super::go_dump::{header, without_chunks};
use super::message::{body_in, method_of, request_line, status_line};
use super::times::{clock_time, go_duration};

/// The longest text of errors that is kept, in bytes.
const LONGEST_ERRORS: usize = 64 << 10;

/// Reads a log. There are no exchanges in a text that is none.
///
/// # Errors
/// Fails if there are too many requests.
pub(super) fn read(lines: &[&str]) -> Result<Log, NotImported> {
    let mut reader = Reader::default();
    for line in lines {
        reader.line(line)?;
    }
    reader.finish_message();
    for exchange in reader.exchanges {
        reader.log.push(exchange)?;
    }
    Ok(reader.log)
}

/// The message whose dump the next lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    None,
    /// The head of a request, or of an answer.
    Head,
    Body,
}

#[derive(Default)]
struct Reader {
    log: Log,
    exchanges: Vec<LoggedExchange>,
    /// The requests without an answer yet, by their addresses.
    open: HashMap<String, VecDeque<usize>>,
    /// The exchange of the dump, and whether that is of the answer.
    current: Option<(usize, bool)>,
    part: Part,
    is_left_out: bool,
    text: String,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), NotImported> {
        let (time, rest) = time_before(line);
        if let Some(event) = rest.strip_prefix("--> ") {
            self.finish_message();
            return self.begin(event, time);
        }
        if let Some(event) = rest.strip_prefix("<-- ") {
            self.finish_message();
            self.end(event);
            return Ok(());
        }
        if line.starts_with("Error: ") && self.log.errors.len() + line.len() < LONGEST_ERRORS {
            self.finish_message();
            self.log.errors.push_str(line);
            self.log.errors.push('\n');
            return Ok(());
        }
        self.dumped(line, time.is_some().then_some(rest));
        Ok(())
    }

    /// `GET https://r.test/v2/ [body redacted: …]`
    fn begin(&mut self, event: &str, time: Option<Duration>) -> Result<(), NotImported> {
        let mut words = event.split(' ');
        let (verb, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Ok(url) = Url::parse(url) else { return Ok(()) };
        let Some(method) = method_of(verb) else { return Ok(()) };
        if self.exchanges.len() > super::exchanges::MOST_EXCHANGES {
            return Err(NotImported::TooMany);
        }
        self.open.entry(url.as_str().to_owned()).or_default().push_back(self.exchanges.len());
        self.current = Some((self.exchanges.len(), false));
        self.exchanges.push(LoggedExchange { started: time, ..LoggedExchange::new(method, url) });
        Ok(())
    }

    /// `200 https://r.test/v2/ (1.2ms) [body redacted: …]`, or a message before the method and the address.
    fn end(&mut self, event: &str) {
        let (event, is_left_out) = match event.split_once(" [body redacted") {
            Some((event, _)) => (event, true),
            None => (event, false),
        };
        let (event, duration) = match event.rsplit_once(" (") {
            Some((before, duration)) => (before, go_duration(duration.trim_end_matches(')'))),
            None => (event, None),
        };
        let (before, url) = event.rsplit_once(' ').unwrap_or((event, ""));
        let Some(at) = Url::parse(url).ok().and_then(|url| self.open.get_mut(url.as_str())?.pop_front()) else {
            return;
        };
        let exchange = &mut self.exchanges[at];
        exchange.duration = duration;
        let is_status = before.len() == 3 && before.bytes().all(|byte| byte.is_ascii_digit());
        if is_status {
            (self.current, self.is_left_out) = (Some((at, true)), is_left_out);
        } else {
            let message = before.rsplit_once(' ').map_or(before, |(message, _)| message);
            exchange.failure = Some(failure_of(message));
        }
    }

    /// A line of a dump, the first of which has the time before it.
    fn dumped(&mut self, line: &str, first: Option<&str>) {
        let Some((at, is_answer)) = self.current else { return };
        let exchange = &mut self.exchanges[at];
        match (self.part, first) {
            (Part::None, Some(first)) if is_answer => {
                exchange.response = status_line(first);
                self.part = if exchange.response.is_some() { Part::Head } else { Part::None };
            }
            (Part::None, Some(first)) if request_line(first).is_some() => self.part = Part::Head,
            (Part::Head, _) if line.is_empty() => self.part = Part::Body,
            (Part::Head, _) => match &mut exchange.response {
                Some(response) if is_answer => header(&mut response.headers, line),
                _ => header(&mut exchange.headers, line),
            },
            (Part::Body, _) if self.text.len() + line.len() <= super::exchanges::LONGEST_BODY => {
                self.text.push_str(line);
                self.text.push('\n');
            }
            _ => {}
        }
    }

    fn finish_message(&mut self) {
        let (text, is_left_out) = (std::mem::take(&mut self.text), std::mem::take(&mut self.is_left_out));
        self.part = Part::None;
        let Some((at, is_answer)) = self.current.take() else { return };
        let exchange = &mut self.exchanges[at];
        let method = exchange.method;
        match &mut exchange.response {
            Some(response) if is_answer && !response.is_bodiless(method) => {
                response.body = match is_left_out {
                    true => LoggedBody::partial("", response.length()),
                    false => body_of(&text, response),
                };
            }
            None if !is_answer => exchange.sent = text.trim().to_owned(),
            _ => {}
        }
    }
}

/// The body in a dump.
pub(super) fn body_of(text: &str, response: &LoggedResponse) -> LoggedBody {
    if response.headers.get("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
        && let (whole, true) = without_chunks(text)
    {
        return LoggedBody::whole(whole);
    }
    body_in(text, response)
}

/// The time before a line, by Go's logger: `2026/12/01 01:31:11 `. Its zone is not known.
fn time_before(line: &str) -> (Option<Duration>, &str) {
    match line.get(..20).and_then(clock_time) {
        Some(time) => (Some(time), &line[20..]),
        None => (None, line),
    }
}
