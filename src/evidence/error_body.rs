//! Extracts the server's messages from the body of a refusal, in any known format.

use serde_json::Value;

use super::{Exchange, Response};
use crate::text::{Untrusted, read_json, read_json_beginning};

/// The formats of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// No bytes.
    Empty,
    /// A JSON document.
    Json,
    /// A web page: more often from a proxy, a sign-in page or a wrong host than from a registry.
    Html,
    /// XML: most often from a registry's storage service.
    Xml,
    /// Other text.
    Text,
    /// Not text.
    Bytes,
}

impl BodyKind {
    /// The format in words, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "nothing",
            Self::Json => "JSON",
            Self::Html => "a web page (HTML)",
            Self::Xml => "XML",
            Self::Text => "plain text",
            Self::Bytes => "bytes that are not text",
        }
    }
}

/// One error of the specification's envelope, `{"errors": [{"code", "message", "detail"}]}` (distribution-spec, error
/// codes), or of an envelope that other registries use instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorEntry {
    /// `MANIFEST_UNKNOWN` and the like; empty if the server names none.
    pub code: Untrusted,
    /// The server's message; empty if there is none.
    pub message: Untrusted,
    /// The server's `detail`: a text as it is, anything else as JSON on one line. At most [`DETAIL_LIMIT`] bytes; empty
    /// if there is none.
    pub detail: Untrusted,
}

/// How much of a `detail` is kept, in bytes: all of an error's body. It is truncated for display after secrets are
/// removed.
pub const DETAIL_LIMIT: usize = 64 << 10;

impl ErrorEntry {
    /// All text of this entry except for its code: the message, then the detail.
    pub fn sentences(&self) -> impl Iterator<Item = &Untrusted> {
        [&self.message, &self.detail].into_iter().filter(|text| !text.as_str().is_empty())
    }
}

/// Determines the format of a body. The bytes decide; the content type counts only if they are ambiguous.
pub fn body_kind(response: &Response) -> BodyKind {
    let bytes = &response.body.bytes[..];
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if start.is_empty() {
        return BodyKind::Empty;
    }
    let head = String::from_utf8_lossy(&start[..start.len().min(512)]).to_ascii_lowercase();
    let served = response.served_type().map(|served| served.as_str().to_owned()).unwrap_or_default();
    if head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (served == "text/html" && head.starts_with('<'))
    {
        BodyKind::Html
    } else if head.starts_with("<?xml") || (served.ends_with("xml") && head.starts_with('<')) {
        if head.contains("<html") { BodyKind::Html } else { BodyKind::Xml }
    } else if response.body.is_json() || served.ends_with("json") || is_beginning_of_json(response) {
        BodyKind::Json
    } else if std::str::from_utf8(bytes).is_ok() {
        BodyKind::Text
    } else {
        BodyKind::Bytes
    }
}

/// Whether a body longer than its kept part begins as a JSON document.
fn is_beginning_of_json(response: &Response) -> bool {
    response.body.truncated && read_json_beginning(&response.body.bytes).is_some()
}

/// The title of a web page, or the code and message of a storage service's XML: the most informative words.
pub fn markup_words(response: &Response) -> Option<Untrusted> {
    let text = String::from_utf8_lossy(&response.body.bytes);
    let between = |open: &str, close: &str| {
        let lower = text.to_ascii_lowercase();
        let start = lower.find(open)? + open.len();
        let start = start + lower[start..].find('>').filter(|_| !open.ends_with('>')).map_or(0, |at| at + 1);
        let end = start + lower[start..].find(close)?;
        let words = text.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then_some(words)
    };
    let found = match body_kind(response) {
        BodyKind::Html => between("<title", "</title>").or_else(|| between("<h1", "</h1>")),
        BodyKind::Xml => match (between("<code>", "</code>"), between("<message>", "</message>")) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => code.or(message),
        },
        _ => None,
    };
    found.map(Untrusted::new)
}

/// Whether a refusal evidently comes from something in front of a registry: a page, or the status for a misdirected
/// connection (RFC 9110 §15.5.20), without a header or an error that registries send.
pub fn is_from_in_front(exchange: &Exchange) -> bool {
    exchange.response.as_ref().filter(|response| response.status >= 400).is_some_and(|response| {
        let by_registry = response.header("docker-distribution-api-version").is_some()
            || response.header("www-authenticate").is_some()
            || !error_entries(response).is_empty();
        !by_registry && (response.status == 421 || body_kind(response) == BodyKind::Html)
    })
}

/// The errors in a body, at most sixteen; of a body longer than its kept part, those that were received.
///
/// Supported are the specification's envelope, entries without `code` (Artifactory), a bare error object (zot), one
/// with only `details` or the fields of OAuth 2.0 (Docker Hub's token service; RFC 6749 §5.2), and JSON that was
/// HTML-escaped (Nexus, GoogleContainerTools/jib#2898).
pub fn error_entries(response: &Response) -> Vec<ErrorEntry> {
    const LIMIT: usize = 16;
    // Less than this is kept of an error; anything longer is content, and must not be parsed for each query.
    const LONGEST: usize = 4 * DETAIL_LIMIT;
    if response.body.bytes.len() > LONGEST {
        return Vec::new();
    }
    let read = |bytes: &[u8]| read_json(bytes).ok();
    let escaped = || read(without_escapes(std::str::from_utf8(&response.body.bytes).ok()?)?.as_bytes());
    let beginning = || read_json_beginning(&response.body.bytes).filter(|_| response.body.truncated);
    let Some(value) = read(&response.body.bytes).or_else(escaped).or_else(beginning) else { return Vec::new() };
    let entry = |value: &Value| {
        let text = |name: &str| match value.get(name) {
            Some(Value::String(text)) => Untrusted::new(text.trim_end()),
            Some(Value::Number(number)) => Untrusted::new(number.to_string()),
            _ => Untrusted::default(),
        };
        let entry = ErrorEntry { code: text("code"), message: text("message"), detail: detail(value.get("detail")) };
        (entry.code != Untrusted::default() || entry.message != Untrusted::default()).then_some(entry)
    };
    match value.get("errors") {
        Some(Value::Array(errors)) => errors.iter().take(LIMIT).filter_map(entry).collect(),
        Some(Value::Object(_)) => value.get("errors").and_then(entry).into_iter().collect(),
        _ => entry(&value).or_else(|| bare_words(&value)).into_iter().collect(),
    }
}

/// The messages of an answer in a format of no standard.
fn bare_words(value: &Value) -> Option<ErrorEntry> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let message = ["details", "detail", "error_description", "error"].into_iter().find_map(text)?;
    let code = text("error").filter(|code| *code != message).unwrap_or_default();
    let (code, message) = (Untrusted::from(code), Untrusted::from(message.trim_end()));
    Some(ErrorEntry { code, message, detail: Untrusted::default() })
}

/// The text of a `detail`, whose format the specification leaves open: texts, objects and lists occur.
fn detail(value: Option<&Value>) -> Untrusted {
    let text = match value {
        None | Some(Value::Null | Value::Bool(_)) => return Untrusted::default(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Object(members)) if members.is_empty() => return Untrusted::default(),
        Some(Value::Array(entries)) if entries.is_empty() => return Untrusted::default(),
        Some(other) => other.to_string(),
    };
    let end = (0..=DETAIL_LIMIT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    Untrusted::new(&text[..end])
}

/// The words that people read in a web page: its title, and the first paragraph if that says more, on one line. They
/// are truncated for display.
pub fn page_words(response: &Response) -> Option<Untrusted> {
    let title = markup_words(response)?;
    let paragraph = first_paragraph(&String::from_utf8_lossy(&response.body.bytes));
    let more = paragraph.filter(|text| !title.as_str().contains(text.as_str()));
    Some(match more {
        Some(more) => Untrusted::new(format!("{}: {more}", title.as_str())),
        None => title,
    })
}

/// The first paragraph of a page, without its tags.
fn first_paragraph(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = ["<p>", "<p "].into_iter().filter_map(|open| lower.find(open)).min()?;
    let start = start + lower[start..].find('>')? + 1;
    let end = ["</p>", "<p>", "<p ", "</body"].into_iter().filter_map(|close| lower[start..].find(close)).min();
    let markup = page.get(start..end.map_or(page.len(), |end| start + end))?;
    let mut text = String::new();
    let mut within_tag = false;
    for character in markup.chars() {
        match character {
            '<' => within_tag = true,
            '>' if within_tag => {
                within_tag = false;
                text.push(' ');
            }
            _ if within_tag => {}
            other => text.push(other),
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// A JSON object whose quotes and brackets were written as HTML entities. `None` for any other text.
fn without_escapes(text: &str) -> Option<String> {
    const REFERENCES: [(&str, &str); 8] = [
        ("&#x7b;", "{"),
        ("&#x7d;", "}"),
        ("&#x5b;", "["),
        ("&#x5d;", "]"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        // Last, so that its result is not decoded again.
        ("&amp;", "&"),
    ];
    let text = text.trim();
    (text.starts_with("&#x7b;") || text.starts_with("{&quot;")).then(|| {
        REFERENCES.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    fn response(content_type: &str, body: &str) -> Response {
        answered("http://r.test/", 404, &[("content-type", content_type)], body).response.unwrap()
    }

    #[test]
    fn bytes_decide_what_a_body_is() {
        for (content_type, body, kind) in [
            ("application/json", "", BodyKind::Empty),
            ("text/html", r#"{"errors":[]}"#, BodyKind::Json),
            ("application/json", "\u{feff} <!DOCTYPE html><html>", BodyKind::Html),
            ("application/xml", "<Error><Code>AccessDenied</Code></Error>", BodyKind::Xml),
            ("text/plain", "404 page not found\n", BodyKind::Text),
        ] {
            assert_eq!(body_kind(&response(content_type, body)), kind, "{body}");
        }
    }

    #[test]
    fn errors_are_read_in_the_forms_that_registries_use() {
        let read = |body: &str| {
            let entries = error_entries(&response("application/json", body));
            entries.iter().map(|e| (e.code.printable(), e.message.printable())).collect::<Vec<_>>()
        };
        let pair = |code: &str, message: &str| vec![(code.to_owned(), message.to_owned())];
        let spec = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]}"#;
        assert_eq!(read(spec), pair("MANIFEST_UNKNOWN", "manifest unknown"));
        assert_eq!(read(r#"{"errors":[{"status":401,"message":"Bad Credentials"}]}"#), pair("", "Bad Credentials"));
        assert_eq!(read(r#"{"code":"UNAUTHORIZED","message":"no"}"#), pair("UNAUTHORIZED", "no"));
        let escaped = "&#x7b;&quot;errors&quot;:[&#x7b;&quot;code&quot;:&quot;UNAUTHORIZED&quot;&#x7d;]&#x7d;";
        assert_eq!(read(escaped), pair("UNAUTHORIZED", ""));
        assert_eq!(read(r#"{"details":"incorrect username or password"}"#), pair("", "incorrect username or password"));
        assert_eq!(
            read(r#"{"error":"invalid_grant","error_description":"expired"}"#),
            pair("invalid_grant", "expired")
        );
        assert_eq!(read("[]"), []);
        assert_eq!(read("<html>"), []);
    }

    /// A registry that repeats the request, or a stack trace, in its error.
    #[test]
    fn error_that_is_longer_than_what_is_kept_is_read_as_far_as_it_came() {
        let body =
            format!(r#"{{"errors":[{{"code":"MANIFEST_UNKNOWN","message":"unknown","detail":"{}"#, "x".repeat(900));
        let mut response = response("text/plain", &body);
        assert_eq!((error_entries(&response), body_kind(&response)), (vec![], BodyKind::Text), "it is not JSON");
        response.body.truncated = true;
        let entries = error_entries(&response);
        assert_eq!(entries[0].code.as_str(), "MANIFEST_UNKNOWN");
        assert_eq!((entries[0].detail.as_str().len(), body_kind(&response)), (900, BodyKind::Json));
        let mut page = self::response("text/html", "<html><title>404</title>");
        page.body.truncated = true;
        assert_eq!((error_entries(&page), body_kind(&page)), (vec![], BodyKind::Html));
    }

    /// distribution/distribution#1285 has a text there, CNCF distribution 2.8 objects, and 401s lists.
    #[test]
    fn detail_is_read_in_every_form() {
        let detail = |text: &str| {
            let body = format!(r#"{{"errors":[{{"code":"UNKNOWN","message":"unknown error","detail":{text}}}]}}"#);
            error_entries(&response("application/json", &body))[0].detail.as_str().to_owned()
        };
        assert_eq!(detail(r#""s3: The difference is too large.""#), "s3: The difference is too large.");
        let object = r#"{"DriverName":"filesystem","Enclosed":{"Op":"open","Err":13}}"#;
        assert_eq!(detail(object), object);
        assert_eq!(detail(r#"[{"Type":"repository"}]"#), r#"[{"Type":"repository"}]"#);
        for empty in ["null", "{}", "[]", "\"\"", "true"] {
            assert_eq!(detail(empty), "", "{empty}");
        }
        assert_eq!(detail(&format!("\"{}\"", "ä".repeat(50_000))).len(), DETAIL_LIMIT);
    }

    #[test]
    fn page_words_have_the_paragraph_that_says_more_than_the_title() {
        let words = |body: &str| page_words(&response("text/html", body)).unwrap().printable();
        let apache = "<html><head>\n<title>421 Misdirected Request</title></head><body>\n<h1>Misdirected Request</h1>\n\
            <p>The client needs a new <b>connection</b> for this\nrequest.</p><p>More</p>";
        assert_eq!(words(apache), "421 Misdirected Request: The client needs a new connection for this request.");
        assert_eq!(words("<html><title>403 Forbidden</title><p>403 Forbidden</p>"), "403 Forbidden");
        assert_eq!(words("<html><title>T</title><p>unfinished"), "T: unfinished");
    }

    #[test]
    fn a_page_is_known_by_its_title_and_storage_by_its_code() {
        let page = response("text/html", "<html><head><title lang=en>Sign in\n to Wi-Fi</title>");
        assert_eq!(markup_words(&page).unwrap().printable(), "Sign in to Wi-Fi");
        let storage =
            response("application/xml", "<?xml version=\"1.0\"?><Error><Code>A</Code><Message>b c</Message></Error>");
        assert_eq!(markup_words(&storage).unwrap().printable(), "A: b c");
    }
}
