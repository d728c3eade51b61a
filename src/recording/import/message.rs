//! The parts of HTTP/1 messages as logs print them, of HTTP/2 too.

use std::borrow::Cow;

use url::Url;

use super::exchanges::{LoggedBody, LoggedResponse};
use crate::evidence::Method;
use crate::oci::Digest;

/// The request line of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestLine<'a> {
    /// The method; `None` for one that no pull uses, such as `PUT` or `CONNECT`.
    pub method: Option<Method>,
    /// The method as it was sent.
    pub verb: &'a str,
    /// The path with its query, or the whole address in a request to a proxy.
    pub target: &'a str,
    /// The protocol version.
    pub version: &'a str,
}

/// Reads a request line: `GET /v2/ HTTP/1.1`.
pub(super) fn request_line(line: &str) -> Option<RequestLine<'_>> {
    let mut words = line.trim_end().split(' ');
    let (verb, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_verb = (3..=10).contains(&verb.len()) && verb.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_line = is_verb && !target.is_empty() && is_version(version) && words.next().is_none();
    is_line.then(|| RequestLine { method: method_of(verb), verb, target, version })
}

/// A method by its name, if a pull may use it.
pub(super) fn method_of(verb: &str) -> Option<Method> {
    [Method::Get, Method::Head, Method::Post].into_iter().find(|method| method.as_str() == verb)
}

/// Reads a status line: `HTTP/1.1 404 Not Found`, `HTTP/2 404`. The headers and the body follow.
pub(super) fn status_line(line: &str) -> Option<LoggedResponse> {
    let (version, rest) = line.trim_end().split_once(' ')?;
    let rest = rest.trim_start();
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_status = status.len() == 3 && is_version(version);
    let status = status.parse().ok().filter(|status| is_status && (100..=999).contains(status))?;
    Some(LoggedResponse::new(status, reason, version))
}

fn is_version(word: &str) -> bool {
    word.strip_prefix("HTTP/").is_some_and(|number| {
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

/// Reads a header line. Folded lines are obsolete (RFC 9112 §5.2) and are not read.
pub(super) fn header_line(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_token)).then(|| (name, value.trim()))
}

/// The address of a request, by its target and its `Host` header.
pub(super) fn address(scheme: &str, host: Option<&str>, target: &str) -> Option<Url> {
    let text: Cow<'_, str> = match target.starts_with('/') {
        true => format!("{scheme}://{}{target}", host?.trim()).into(),
        false => target.into(),
    };
    let mut url = Url::parse(&text).ok()?;
    url.set_fragment(None);
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Finds the body of an answer in the text that a log prints after its headers: other output may follow, and the program
/// whose output it is may have changed it.
pub(super) fn body_in(text: &str, response: &LoggedResponse) -> LoggedBody {
    let announced = response.length();
    if text.trim().is_empty() {
        return if announced == Some(0) { LoggedBody::whole("") } else { LoggedBody::partial("", announced) };
    }
    let length = announced.and_then(|length| usize::try_from(length).ok());
    let by_length = length.and_then(|length| text.get(..length)).filter(|body| {
        let ends = body.ends_with('\n') || matches!(text.as_bytes().get(body.len()), None | Some(b'\n'));
        // A document in another layout, as a formatter prints it, has another length. After one of this length, a prompt may
        // follow on the same line.
        json_length(body).map_or(ends, |end| end == body.len() || (ends && body[end..].trim().is_empty()))
    });
    if let Some(body) = by_length.filter(|body| !is_cut_json(body)) {
        return LoggedBody::whole(body.to_owned());
    }
    match json_length(text) {
        Some(end) => {
            // Without an announced length, a line break at the end may be the document's or the program's.
            let ends = [text.get(..=end).filter(|whole| whole.ends_with('\n')), Some(&text[..end])];
            let named = response.headers.get("docker-content-digest").and_then(|digest| digest.parse::<Digest>().ok());
            let mut whole = ends.into_iter().flatten();
            match whole.find(|body| named.as_ref().is_some_and(|digest| digest.matches(body.as_bytes()))) {
                Some(body) => LoggedBody::whole(body.to_owned()),
                None => LoggedBody::partial(text[..end].to_owned(), announced),
            }
        }
        None => LoggedBody::partial(text.trim_end_matches('\n').to_owned(), announced),
    }
}

/// Whether a text begins as JSON does, and ends in the middle of it.
fn is_cut_json(body: &str) -> bool {
    body.trim_start().starts_with(['{', '[']) && json_length(body).is_none()
}

/// The length of the JSON object or array that a text begins with.
pub(super) fn json_length(text: &str) -> Option<usize> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_of_messages_are_read() {
        let line = request_line("HEAD /v2/a/manifests/1 HTTP/1.1").unwrap();
        assert_eq!((line.method, line.target, line.version), (Some(Method::Head), "/v2/a/manifests/1", "HTTP/1.1"));
        assert_eq!(request_line("CONNECT r.test:443 HTTP/1.1").unwrap().method, None);
        for line in ["GET /v2/", "GET /v2/ HTTP", "get / HTTP/1.1", "GET / HTTP/1.1 x", "", "I GET / HTTP/1.1"] {
            assert_eq!(request_line(line), None, "{line}");
        }
        let answer = status_line("HTTP/1.1 404 Not Found").unwrap();
        assert_eq!((answer.status, answer.reason.as_deref(), &*answer.version), (404, Some("Not Found"), "HTTP/1.1"));
        assert_eq!(status_line("HTTP/2 401 ").unwrap().reason, None);
        for line in ["HTTP/1.1 4040 x", "HTTP/1.1 abc", "HTTPS/1.1 200", "HTTP/1.1"] {
            assert_eq!(status_line(line), None, "{line}");
        }
        assert_eq!(header_line("Content-Type: a/b"), Some(("Content-Type", "a/b")));
        assert_eq!(header_line("elapsed 0.1 s: x"), None);
    }

    fn body(text: &str, headers: &[(&str, &str)]) -> (String, bool) {
        let mut response = LoggedResponse::new(200, "OK", "HTTP/1.1");
        headers.iter().for_each(|(name, value)| response.headers.push(name, value));
        let body = body_in(text, &response);
        (String::from_utf8(body.bytes.to_vec()).unwrap(), body.is_whole)
    }

    #[test]
    fn body_is_whole_only_if_its_length_is_the_announced_one() {
        let json = ("content-type", "application/json");
        let whole = |text: &str| (text.to_owned(), true);
        let other = |text: &str| (text.to_owned(), false);
        assert_eq!(body("{\"a\":1}\n", &[json, ("content-length", "8")]), whole("{\"a\":1}\n"));
        assert_eq!(body("{\"a\":1}\n$ ls\n", &[json, ("content-length", "7")]), whole("{\"a\":1}"));
        // As `jq` prints it.
        assert_eq!(body("{\n  \"a\": 1\n}\n", &[json, ("content-length", "7")]), other("{\n  \"a\": 1\n}"));
        assert_eq!(body("{\n  \"a\": 1\n}\nx\n", &[json, ("content-length", "14")]), other("{\n  \"a\": 1\n}"));
        assert_eq!(body("{\"a\":1}\n", &[json]), other("{\"a\":1}"));
        assert_eq!(body("{\"a\":\n", &[json, ("content-length", "6")]), other("{\"a\":"));
        assert_eq!(body("{\"a\":1}$ ls\n", &[json, ("content-length", "7")]), whole("{\"a\":1}"));
        assert_eq!(body("no\n", &[("content-length", "2")]), whole("no"));
        assert_eq!(body("", &[("content-length", "0")]), whole(""));
        assert_eq!(body("\n", &[("content-length", "9")]), other(""));
    }

    /// RFC 9112 §7.1: a chunked body has no announced length, but a registry names its digest.
    #[test]
    fn body_without_an_announced_length_is_whole_if_its_digest_is_the_named_one() {
        for text in ["{\"a\":1}", "{\"a\":1}\n"] {
            let digest = Digest::of(crate::oci::Algorithm::Sha256, text.as_bytes()).to_string();
            let shown = format!("{}\n$ ls\n", text.trim_end());
            assert_eq!(body(&shown, &[("docker-content-digest", &digest)]), (text.to_owned(), true));
        }
    }
}
