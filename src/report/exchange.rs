//! One exchange, laid out in full.

use std::time::Duration;

use super::layout::{Block, Label, Layout, Line, Span, plain};
use super::presented::presented;
use super::requests::outcome;
use super::value::{ShownExchange, ShownResponse};
use crate::evidence::Method;
use crate::text::{Untrusted, read_json};

/// What was asked and the status of the answer, in one line; with its number where that is good for something.
pub fn request_line(exchange: &ShownExchange, numbered: bool) -> Block {
    let number = if numbered { format!("#{} ", exchange.id) } else { String::new() };
    let mut line = vec![Span::new(format!("{number}{} {}", exchange.method.as_str(), exchange.url), Label::Quiet)];
    line.extend(exchange.response.as_ref().map(|response| Span::new(format!("  {}", response.status), Label::Quiet)));
    Block::Text(line)
}

/// Everything that is known of an exchange: why it was sent, over which connection, where the time went, the headers as
/// they were sent, and the answer.
pub fn exchange_in_full(exchange: &ShownExchange) -> Layout {
    let status = outcome(exchange);
    let good = exchange.failure.is_none()
        && (exchange.method == Method::Tls || exchange.response.as_ref().is_some_and(|response| response.status < 400));
    let asked = format!("#{}  {} {}  ", exchange.id, exchange.method.as_str(), exchange.url);
    let mut document = vec![
        Block::Title(vec![plain(asked), Span::new(status, if good { Label::Good } else { Label::Bad })]),
        labelled("for", vec![plain(exchange.purpose)]),
        labelled("over", connection(exchange)),
        labelled("took", vec![plain(times(exchange))]),
    ];
    let headers = exchange.request_headers.iter().map(|(name, value)| {
        let (name, value) = (Untrusted::from(name.as_str()), Untrusted::from(value.as_str()));
        format!("{}: {}", name.printable(), value.printable())
    });
    document.push(Block::Gap);
    document.push(Block::Heading("Sent".to_owned()));
    document.push(Block::Words(headers.collect()));
    let answer = answer(exchange, "");
    if exchange.response.is_some() {
        document.push(Block::Gap);
        document.push(Block::Heading("Received".to_owned()));
        // The heading stands in the place of the empty line.
        document.extend(answer.into_iter().skip(1));
    } else {
        document.extend(answer);
    }
    if let Some(chain) = &exchange.connection.presented {
        document.push(Block::Gap);
        document.extend(presented(chain));
    }
    document
}

fn labelled(label: &'static str, line: Line) -> Block {
    Block::Labelled { label, line, command: None }
}

/// Who answered, and what the way there was.
fn connection(exchange: &ShownExchange) -> Line {
    let connection = &exchange.connection;
    let version = exchange.response.as_ref().map(|response| response.http_version.to_owned());
    let way = match (&connection.remote, connection.reused) {
        _ if connection.shared => "not sent again: another reference was answered the same request".to_owned(),
        (None, _) => "no connection".to_owned(),
        (Some(remote), true) => format!("{remote}, a connection from before"),
        (Some(remote), false) if connection.reopened => {
            format!("{remote}, a new connection: the one from before had been closed meanwhile")
        }
        (Some(remote), false) => remote.clone(),
    };
    let proxy = connection.proxy.as_ref().map(|(address, because)| {
        format!("through the proxy {} ({because})", Untrusted::from(address.as_str()).cut_within(120))
    });
    let words: Vec<_> = version.into_iter().chain([way]).chain(proxy).collect();
    let mut line = vec![plain(words.join(", "))];
    if let Some(fault) = &connection.ignored_fault {
        let words = format!("; a certificate fault was ignored: {}", fault.cut_within(200));
        line.push(Span::new(words, Label::Caution));
    }
    line
}

/// How long it took in all, and how much of that each step that there was.
fn times(exchange: &ShownExchange) -> String {
    let timing = &exchange.timing;
    let steps = [
        ("looking the name up", timing.dns),
        ("connecting", timing.connect),
        ("TLS", timing.tls),
        ("first byte", timing.first_byte),
    ];
    let known = steps.into_iter().filter_map(|(step, time)| Some((step, milliseconds(time?))));
    let known: Vec<_> = known.map(|(step, time)| format!("{step} {}", in_words(time))).collect();
    let all = in_words(exchange.duration_ms);
    if known.is_empty() { all } else { format!("{all}: {}", known.join(", ")) }
}

/// A duration in milliseconds.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Short times with a tenth, because on this machine or near it all of them are short.
pub(super) fn in_words(milliseconds: f64) -> String {
    if milliseconds < 10.0 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}

/// Status line, headers and body, or why there are none.
pub fn answer_in_full(exchange: &ShownExchange) -> Layout {
    answer(exchange, "; --raw prints more")
}

/// The answer; `more` says how to get the rest of a body that is not shown to its end.
fn answer(exchange: &ShownExchange, more: &str) -> Layout {
    let mut document = Layout::new();
    if let Some(response) = &exchange.response {
        let reason = response.reason.iter().map(|reason| format!(" {}", reason.cut_within(120)));
        let status = format!("{} {}{}", response.http_version, response.status, reason.collect::<String>());
        let headers = response.headers.iter().map(|(name, value)| format!("{name}: {}", value.printable()));
        document.push(Block::Gap);
        document.push(Block::Words([status].into_iter().chain(headers).collect()));
        if exchange.method == Method::Get {
            body(response, more, &mut document);
        }
    }
    if let Some((_, message)) = &exchange.failure {
        document.push(Block::Gap);
        document.push(Block::Text(vec![Span::new(message.cut_within(400), Label::Bad)]));
    }
    document
}

fn body(response: &ShownResponse, more: &str, document: &mut Layout) {
    let body = &response.body;
    document.push(Block::Gap);
    match &body.text {
        _ if body.size == 0 => document.push(Block::Text(vec![Span::new("no body", Label::Quiet)])),
        None => document.push(Block::Text(vec![plain(format!("{} bytes that are not text", body.size))])),
        Some(text) => {
            document.push(Block::Words(readable(text)));
            if body.truncated {
                let words = format!("This is the beginning of {} bytes{more}.", body.size);
                document.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
            }
        }
    }
}

/// JSON with line breaks, and any other text as it is.
fn readable(text: &Untrusted) -> Vec<String> {
    let value = read_json(text.as_str().as_bytes()).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    let mut lines = pretty.map_or_else(|| text.printable_lines(), |pretty| Untrusted::new(pretty).printable_lines());
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::{answered, token, unanswered, without_labels};
    use crate::evidence::{Exchange, Failure, FailureKind, Journal, ProxyChoice, Redactor, RequestHeader};
    use crate::report::{Style, shown_exchanges, to_terminal};

    const URL: &str = "https://r.example.com/v2/acme/api/manifests/1.0";

    fn shown(exchange: Exchange) -> String {
        let mut journal = Journal::default();
        let id = journal.enter(exchange);
        let shown = shown_exchanges(&[id], &journal, &mut Redactor::default());
        to_terminal(&exchange_in_full(&shown[0]), Style::new(false), 80)
    }

    #[test]
    fn all_that_is_known_is_told() {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#;
        let mut exchange = answered(URL, 404, &[("content-type", "application/json")], body);
        let accept = RequestHeader::sent("accept", "application/json");
        exchange.request.headers = vec![accept, token("CANARYtok")];
        exchange.connection.remote = Some(([10, 0, 0, 1], 443).into());
        exchange.duration = Duration::from_micros(31_400);
        exchange.timing.dns = Some(Duration::from_micros(1_240));
        exchange.timing.first_byte = Some(Duration::from_millis(28));
        let expected = "\
#1  GET https://r.example.com/v2/acme/api/manifests/1.0  404
  for    manifest
  over   HTTP/1.1, 10.0.0.1:443
  took   31 ms: looking the name up 1.2 ms, first byte 28 ms

Sent
  │ accept: application/json
  │ authorization: Bearer ‹removed, 9 characters, label …›

Received
  │ HTTP/1.1 404
  │ content-type: application/json

  │ {
  │   \"errors\": [
  │     {
  │       \"code\": \"MANIFEST_UNKNOWN\"
  │     }
  │   ]
  │ }
";
        assert_eq!(without_labels(&shown(exchange)), expected);
    }

    #[test]
    fn where_nothing_came_it_says_why() {
        let mut exchange = unanswered(URL);
        exchange.failure = Some(Failure::new(FailureKind::Refused, "connection refused"));
        let proxy = ProxyChoice { address: "http://proxy.example:3128".to_owned(), because: "HTTPS_PROXY".into() };
        exchange.connection.proxy = Some(proxy);
        let shown = shown(exchange);
        assert!(shown.starts_with(&format!("#1  GET {URL}  refused\n")), "{shown}");
        assert!(shown.contains("no connection, through the proxy http://proxy.example:3128\n"), "{shown}");
        assert!(shown.ends_with("\n\n  connection refused\n") && !shown.contains("Received"), "{shown}");
    }

    #[test]
    fn a_connection_from_before_and_a_fault_are_told() {
        let mut exchange = answered(URL, 200, &[], "");
        exchange.connection.remote = Some(([10, 0, 0, 1], 443).into());
        exchange.connection.reused = true;
        exchange.connection.tls_fault_ignored = Some("the certificate\n has expired".to_owned());
        let shown = shown(exchange);
        assert!(shown.contains("10.0.0.1:443, a connection from before; a certificate fault"), "{shown}");
        assert!(shown.contains("the certificate\\n has expired"), "{shown}");
        assert!(shown.ends_with("\n  no body\n"), "{shown}");
    }

    #[test]
    fn the_beginning_of_a_body_is_said_to_be_one() {
        let text = "x".repeat(70 << 10);
        let shown = shown(answered(URL, 200, &[], &text));
        assert!(shown.ends_with("  This is the beginning of 71680 bytes.\n"), "{}", &shown[..400]);
    }

    #[test]
    fn nothing_that_a_server_says_acts_on_a_terminal() {
        let hostile = "\u{1b}[2J\u{202e}";
        let mut exchange = answered(URL, 200, &[("x-words", hostile)], hostile);
        exchange.failure = Some(Failure::new(FailureKind::Other, hostile));
        exchange.response.as_mut().unwrap().reason = Some(hostile.into());
        exchange.request.headers = vec![RequestHeader::sent("accept", hostile)];
        let shown = shown(exchange);
        assert_eq!(shown.matches("\\x1b[2J\\u{202e}").count(), 5, "{shown}");
        assert!(shown.lines().flat_map(str::chars).all(crate::text::is_safe), "{shown}");
    }
}
