//! `query`: query a body with JSONPath (RFC 9535).

mod reach;

use std::io::{self, Write};

use clap::Args;
use jsonpath_rust::JsonPath;
use jsonpath_rust::parser::errors::JsonPathError;
use pest::error::LineColLocation;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{CommandError, CommandSpec, Format, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::evidence::{Exchange, ExchangeId};
use crate::report::{Block, Form, Label, Layout, Published, Span};
use crate::session::Remembered;
use crate::shell::error::ShellError;
use crate::shell::state::{NumberError, State};
use crate::text::{MOST_VALUES, UnreadJson, Untrusted, read_json};
use reach::{places, reaches_wide};

/// The longest path, in bytes; longer ones take noticeable time to parse.
const LONGEST: usize = 4096;
/// The most values that are shown.
const SHOWN: usize = 1000;
/// The most bytes of values that are shown: values contain each other, so a nested body would be shown many times.
const SHOWN_BYTES: usize = 4 << 20;
/// The most bytes that the locations of all matches may take.
const PLACES: usize = 128 << 20;

/// The most characters of a path in an error.
const SHOWN_OF_PATH: usize = 200;

/// The description of `query`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Exchanges,
        at: (2, 0),
        usage: "query $.layers[*].size",
        about: "query the last body; query 7 $..digest",
    }),
    examples: &[
        ("query $.layers[*].size", "in the last body"),
        ("query layers[0].digest", "the $ may be omitted"),
        ("query $.layers[?@.size > 1000].digest", "with a condition"),
        ("query 1 $..message", "in the body of an exchange"),
        ("query --raw $.layers[*].digest", "the values alone, one a line, as jq -r"),
    ],
    forms: &[Published::of::<WrittenMatches<'_>>()],
    ..CommandSpec::named("query")
};

/// The arguments of `query`.
#[derive(Debug, Args)]
pub(in crate::shell) struct QueryArguments {
    /// JSONPath, such as $..digest, after the number of an exchange [default: the last one with a body]
    #[arg(value_name = "JSONPATH", required = true, allow_hyphen_values = true)]
    words: Vec<String>,

    /// Write the values alone, one per line, strings without quotes, unredacted
    #[arg(long)]
    pub(in crate::shell) raw: bool,
}

impl QueryArguments {
    /// Runs the query on a thread of its own, because an expression may take any time, and Ctrl-C must not wait for it.
    pub async fn run(&self, state: &State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        let (number, path) = self.parts();
        let one = match number {
            Some(number) => state.exchange(Some(number))?,
            None => last_with_body(state)?,
        };
        let id = one.id;
        let path = in_full(&path);
        if path.len() > LONGEST {
            return Err(ShellError::Query(format!("the path is longer than {LONGEST} characters")));
        }
        let mut redactor = one.redactor();
        let document = document(&one)?;
        let is_raw = self.raw;
        let document = if is_raw { document } else { redactor.json(&document) };
        if reaches_wide(&path) && places(&document, &path) > PLACES {
            return Err(ShellError::Query(format!(
                "the body of #{id} is nested too deeply for this path; use one without .. or *"
            )));
        }
        let format = output.format();
        let searching = tokio::task::spawn_blocking(move || match is_raw {
            true => values(&document, &path).map(|lines| (lines, Layout::new(), Value::Null)),
            false => found(&document, id, &path, format).map(|(blocks, json)| (String::new(), blocks, json)),
        });
        let stopped = |_| ShellError::Query("the search ended without a result".to_owned());
        let (lines, blocks, json) = searching.await.map_err(stopped)?.map_err(ShellError::Query)?;
        let written = match is_raw {
            true => output.raw(lines.as_bytes(), &redactor),
            false => output.fetched(&blocks, &json, &mut redactor),
        };
        written.map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }

    /// The number of an exchange, if given, and the path.
    fn parts(&self) -> (Option<u64>, String) {
        match self.words.split_first() {
            Some((first, rest)) if !rest.is_empty() && first.parse::<u64>().is_ok() => {
                (first.parse().ok(), rest.join(" "))
            }
            _ => (None, self.words.join(" ")),
        }
    }
}

/// The values that match a path, one per line: strings as they are, everything else as JSON.
///
/// # Errors
/// What is wrong with the path, or that the values are too long, in words.
fn values(document: &Value, path: &str) -> Result<String, String> {
    let found = document.query_with_path(path).map_err(|error| refused(path, &error))?;
    let mut lines = String::new();
    for one in found {
        match one.val() {
            Value::String(text) => lines.push_str(text),
            other => lines.push_str(&other.to_string()),
        }
        lines.push('\n');
        // Values contain each other, so a nested body would be written many times.
        if lines.len() > SHOWN_BYTES {
            return Err(format!("the values have more than {SHOWN_BYTES} bytes; use a narrower path"));
        }
    }
    Ok(lines)
}

/// The matches of a path in the body of an exchange.
///
/// # Errors
/// What is wrong with the path, in words.
fn found(document: &Value, id: ExchangeId, path: &str, format: Format) -> Result<(Layout, Value), String> {
    let found = document.query_with_path(path).map_err(|error| refused(path, &error))?;
    let matches: Vec<(String, &Value)> = found.into_iter().map(|one| (one.clone().path(), one.val())).collect();
    Ok(match format {
        Format::Json => (Layout::new(), as_json(id, path, matches)),
        Format::Terminal | Format::Markdown | Format::Html => (as_document(id, &matches), Value::Null),
    })
}

fn as_json(id: ExchangeId, path: &str, matches: Vec<(String, &Value)>) -> Value {
    let count = matches.len();
    let mut room = Bounded::of(SHOWN_BYTES);
    // The first is always shown: it is no longer than the body.
    let fitting = matches.into_iter().enumerate().take_while(|(at, (_, value))| {
        let fits = serde_json::to_writer(&mut room, value).is_ok();
        room.bytes.clear();
        fits || *at == 0
    });
    let matches: Vec<_> = fitting.map(|(_, (path, value))| WrittenMatch { path, value }).collect();
    WrittenMatches { exchange: id, query: path, omitted: count - matches.len(), matches }.to_json()
}

/// The matches of a path.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenMatches<'a> {
    /// The number of the exchange.
    exchange: ExchangeId,
    /// The JSONPath in full.
    query: &'a str,
    /// The number of further matches, which are omitted because the result would be too long.
    omitted: usize,
    /// The matches, in document order.
    matches: Vec<WrittenMatch<'a>>,
}

impl Form for WrittenMatches<'_> {
    const NAME: &'static str = "query";
    const TITLE: &'static str = "query";
}

/// A match.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenMatch<'a> {
    /// Its location, as a normalized path (RFC 9535, section 2.7).
    path: String,
    /// Its value.
    value: &'a Value,
}

fn as_document(id: ExchangeId, matches: &[(String, &Value)]) -> Layout {
    let mut room = Bounded::of(SHOWN_BYTES);
    let mut blocks = Layout::new();
    let shown: Vec<_> = matches.iter().take(SHOWN).map_while(|(_, value)| lines(value, &mut room)).collect();
    let hidden = matches.len() - shown.len();
    let shown: Vec<String> = shown.into_iter().flatten().collect();
    blocks.extend((!shown.is_empty()).then_some(Block::Words(shown)));
    let mut words = match (matches.len(), hidden) {
        (0, _) => format!("Nothing in #{id} matches."),
        (_, 0) => format!("from #{id}"),
        _ => format!("from #{id}; {hidden} more are not shown"),
    };
    if room.is_full() {
        words.push_str(&format!("; only the first {SHOWN_BYTES} bytes are shown"));
    }
    blocks.push(Block::Text(vec![Span::new(words, Label::Quiet)]));
    blocks
}

/// The path from the root of the document, for `layers[0]` and `.layers` too.
fn in_full(path: &str) -> String {
    let path = path.trim();
    match path.as_bytes().first() {
        Some(b'$') => path.to_owned(),
        Some(b'.' | b'[') => format!("${path}"),
        _ => format!("$.{path}"),
    }
}

/// The exchange of the last command, or the last one before it with a body.
fn last_with_body(state: &State) -> Result<std::rc::Rc<Remembered>, NumberError> {
    let shown = state.exchange(None)?;
    if has_body(&shown.exchange) {
        return Ok(shown);
    }
    let all = state.memory.exchanges();
    let last = all.into_iter().rev().find(|one| !one.aside && has_body(&one.exchange));
    Ok(last.unwrap_or(shown))
}

fn has_body(exchange: &Exchange) -> bool {
    exchange.response.as_ref().is_some_and(|response| response.body.size > 0)
}

fn document(one: &Remembered) -> Result<Value, ShellError> {
    let id = one.id;
    let refuse = |words: &str| Err(ShellError::Query(format!("{words}; `show {id}` shows it")));
    let Some(response) = &one.exchange.response else { return refuse(&format!("#{id} has no answer")) };
    let body = &response.body;
    if body.size == 0 {
        return refuse(&format!("#{id} has no body"));
    }
    if body.truncated {
        return refuse(&format!("only the beginning of the body of #{id} was kept"));
    }
    // The answer of a token service is redacted as a whole.
    if one.exchange.request.purpose == crate::evidence::Purpose::Token {
        let shown = one.redactor().token_body(&body.bytes);
        return read_json(shown.as_str().as_bytes()).or_else(|_| refuse(&format!("the body of #{id} is not JSON")));
    }
    read_json(&body.bytes).or_else(|unread| match unread {
        UnreadJson::TooMany => refuse(&format!("the body of #{id} has more than {MOST_VALUES} values")),
        UnreadJson::NotJson(_) => refuse(&format!("the body of #{id} is not JSON")),
    })
}

/// A value for reading: a string as its text, anything else as JSON. `None` if there is no room left.
fn lines(value: &Value, room: &mut Bounded) -> Option<Vec<String>> {
    if room.is_full() {
        return None;
    }
    // Whether it was cut is reported at the end.
    let _ = match value {
        Value::String(text) => room.write_all(text.as_bytes()),
        other => serde_json::to_writer_pretty(&mut *room, other).map_err(io::Error::from),
    };
    Some(Untrusted::from_bytes(&std::mem::take(&mut room.bytes)).printable_lines())
}

/// A writer that takes a bounded number of bytes.
struct Bounded {
    bytes: Vec<u8>,
    left: usize,
}

impl Bounded {
    fn of(left: usize) -> Self {
        Self { bytes: Vec::new(), left }
    }

    fn is_full(&self) -> bool {
        self.left == 0
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong with a path, with a mark under the position.
fn refused(path: &str, error: &JsonPathError) -> String {
    let at = match error {
        JsonPathError::PestError(error) => match error.line_col {
            LineColLocation::Pos((1, column)) | LineColLocation::Span((1, column), _) => column.checked_sub(1),
            _ => None,
        },
        _ => None,
    };
    let shown = Untrusted::from(path).cut_within(SHOWN_OF_PATH);
    // Escapes would shift the mark.
    let picture = match at.filter(|_| shown == path) {
        Some(at) => format!("\n  {shown}\n  {}^", " ".repeat(at)),
        None => format!("\n  {shown}"),
    };
    let odd_name =
        path.split(['.', '[']).any(|name| !name.contains(['\'', '"', '?', '@']) && name.contains(['-', '/']));
    let advice = if odd_name {
        "\nput a name with - . or / in brackets and quotes: $['a-b']"
    } else {
        "\npaths look like $.layers[0].digest, $.layers[*].size or $..digest"
    };
    format!("this is not a valid JSONPath:{picture}{advice}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn root_of_a_path_may_be_omitted() {
        assert_eq!(in_full("layers[0]"), "$.layers[0]");
        assert_eq!(in_full(".layers"), "$.layers");
        assert_eq!(in_full("[0]"), "$[0]");
        assert_eq!(in_full(" $..digest"), "$..digest");
    }

    #[test]
    fn leading_number_is_that_of_an_exchange() {
        let parts = |line: &str| {
            let words = line.split(' ').map(str::to_owned).collect();
            QueryArguments { words, raw: false }.parts()
        };
        assert_eq!(parts("7 $..digest"), (Some(7), "$..digest".to_owned()));
        assert_eq!(parts("7"), (None, "7".to_owned()));
        assert_eq!(parts("$.a == 1"), (None, "$.a == 1".to_owned()));
    }

    #[test]
    fn string_is_shown_as_printable_text() {
        let lines = |value: Value| lines(&value, &mut Bounded::of(1000)).expect("room");
        assert_eq!(lines(json!("PATH=/bin\u{1b}[2J")), ["PATH=/bin\\x1b[2J"]);
        assert_eq!(lines(json!(12)), ["12"]);
        assert_eq!(lines(json!(["a"])), ["[", "  \"a\"", "]"]);
    }

    #[test]
    fn raw_values_are_lines_without_quotes() {
        let document = json!({ "a": ["x \"y\"", 7, { "b": [null] }, "two\nlines"], "long": "x".repeat(SHOWN_BYTES) });
        assert_eq!(values(&document, "$.a[*]").unwrap(), "x \"y\"\n7\n{\"b\":[null]}\ntwo\nlines\n");
        assert_eq!(values(&document, "$.b").unwrap(), "");
        assert!(values(&document, "$.long").unwrap_err().contains("narrower path"));
        assert!(values(&document, "$.a-b").is_err());
    }

    #[test]
    fn values_are_cut_at_the_bound() {
        let mut room = Bounded::of(4);
        assert_eq!(lines(&json!("abc"), &mut room), Some(vec!["abc".to_owned()]));
        assert_eq!(lines(&json!("def"), &mut room), Some(vec!["d".to_owned()]));
        assert_eq!(lines(&json!("ghi"), &mut room), None);
    }

    #[test]
    fn error_of_a_path_marks_the_position() {
        let error = json!({}).query_with_path("$.a-b").expect_err("a dash is no part of a short name");
        let words = refused("$.a-b", &error);
        assert!(words.contains("\n  $.a-b\n     ^"), "{words}");
        assert!(words.contains("brackets"), "{words}");
    }
}
