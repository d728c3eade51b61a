//! Messages as `net/http/httputil` of Go dumps them: as on the wire, one after the other. A body without a line break at
//! its end is followed by the next message on the same line.

use super::exchanges::LoggedResponse;
use super::message::{RequestLine, header_line, request_line, status_line};

/// The first line of a message.
#[derive(Debug)]
pub(super) enum First<'a> {
    /// Of a request.
    Request(RequestLine<'a>),
    /// Of an answer.
    Answer(LoggedResponse),
}

/// Splits a line into the end of a body and the first line of the message after it. `None` if no message begins in it.
pub(super) fn first_line(line: &str) -> Option<(&str, First<'_>)> {
    if let Some(first) = whole(line) {
        return Some(("", first));
    }
    // The protocol is at the end of a request line, and at the beginning of a status line.
    let at = line.rfind("HTTP/")?;
    if let Some(answer) = status_line(&line[at..]) {
        return Some((&line[..at], First::Answer(answer)));
    }
    let before = line[..at].trim_end();
    let target = before.rfind(' ')?;
    let verb =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].iter().find(|verb| before[..target].ends_with(*verb))?;
    let begin = target - verb.len();
    let request = request_line(&line[begin..]).filter(|request| request.target.starts_with('/'))?;
    Some((&line[..begin], First::Request(request)))
}

fn whole(line: &str) -> Option<First<'_>> {
    let request = request_line(line).filter(|request| request.target.starts_with('/')).map(First::Request);
    request.or_else(|| status_line(line).map(First::Answer))
}

/// Decodes the chunks of a body (RFC 9112 §7.1), which a dump repeats. Returns the text as it is if they are not complete.
pub(super) fn without_chunks(text: &str) -> (String, bool) {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let Some((size, after)) = rest.split_once('\n') else { return (text.to_owned(), false) };
        let size = size.trim_end_matches('\r').split(';').next().unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { return (text.to_owned(), false) };
        if size == 0 {
            return (whole, true);
        }
        let Some(chunk) = after.get(..size) else { return (text.to_owned(), false) };
        whole.push_str(chunk);
        let after = &after[size..];
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
    }
}

/// Reads a line of a head, and adds it to the headers.
pub(super) fn header(headers: &mut super::exchanges::Headers, line: &str) {
    if let Some((name, value)) = header_line(line) {
        headers.push(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<(&str, String)> {
        let (before, first) = first_line(line)?;
        Some((
            before,
            match first {
                First::Request(request) => format!("{} {}", request.verb, request.target),
                First::Answer(answer) => answer.status.to_string(),
            },
        ))
    }

    #[test]
    fn message_begins_where_the_body_before_it_ends() {
        for (line, expected) in [
            ("GET /v2/ HTTP/1.1", Some(("", "GET /v2/"))),
            ("HTTP/1.1 200 OK", Some(("", "200"))),
            ("{\"a\": 1}HEAD /v2/a/manifests/1 HTTP/1.1", Some(("{\"a\": 1}", "HEAD /v2/a/manifests/1"))),
            ("grant_type=passwordHTTP/2.0 401 Unauthorized", Some(("grant_type=password", "401"))),
            ("{\"protocol\": \"HTTP/1.1\"}", None),
            ("{\"see\": \"GET x HTTP/1.1", None),
            ("Host: r.test", None),
        ] {
            assert_eq!(split(line), expected.map(|(before, first)| (before, first.to_owned())), "{line}");
        }
    }

    #[test]
    fn chunks_are_joined() {
        assert_eq!(without_chunks("3\n{\"a\n4;x=y\n\":1}\n0\n\n"), ("{\"a\":1}".to_owned(), true));
        for text in ["{}", "9\n{}\n", "zz\n", ""] {
            assert_eq!(without_chunks(text), (text.to_owned(), false));
        }
    }
}
