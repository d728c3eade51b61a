//! Fields whose name marks their value as secret: of JSON inside a text, of XML and HTML, and headers that a server
//! repeats in an error.

use std::ops::Range;

use super::marks::{find_from, mark_at, mark_before};
use crate::evidence::redaction::found::SecretPart;
use crate::evidence::redaction::names::{is_placeholder, is_secret_header, is_secret_name};
use crate::evidence::redaction::tokens::is_credential;

/// Finds the secret values.
pub(super) fn find(text: &str, found: &mut Vec<SecretPart>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let Some(offset) = bytes[at..].iter().position(|byte| byte.is_ascii_alphabetic()) else { return };
        let start = at + offset;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let end = start + bytes[start..].iter().take_while(|byte| is_part(byte)).count();
        at = end;
        let name = &text[start..end];
        let value = in_json(text, start, end, name)
            .or_else(|| in_xml(text, start, end, name))
            .or_else(|| in_header(text, start, end, name));
        if let Some(value) = value
            && !is_placeholder(&text[value.clone()])
        {
            at = value.end.max(end);
            found.push(SecretPart::named(value, "secret value"));
        }
    }
}

/// `"password": "…"`, also with escaped quotation marks.
fn in_json(text: &str, start: usize, end: usize, name: &str) -> Option<Range<usize>> {
    let quote = ['"', '\''].into_iter().find(|quote| mark_at(text, end, *quote).is_some())?;
    mark_before(text, start, quote)?;
    let after = end + mark_at(text, end, quote)?;
    let colon = after + text[after..].len() - text[after..].trim_start().len();
    let colon = colon + text[colon..].strip_prefix(':').map(|_| 1)?;
    let value = colon + text[colon..].len() - text[colon..].trim_start().len();
    let value = value + mark_at(text, value, quote)?;
    if !is_secret_name(name) {
        return None;
    }
    let is_end = |at: usize| mark_at(text, at, quote).is_some() && !is_escaped(text, at, value);
    Some(value..find_from(text, value, is_end).unwrap_or(text.len()))
}

/// Whether the quotation mark here belongs to the value and does not end it: it has more backslashes before it than the
/// first.
fn is_escaped(text: &str, at: usize, value: usize) -> bool {
    let slashes = |end: usize| text[..end].bytes().rev().take_while(|byte| *byte == b'\\').count();
    let at_quote = at + text[at..].bytes().take_while(|byte| *byte == b'\\').count();
    slashes(at_quote) > slashes(value - 1)
}

/// `<SignatureProvided>…</SignatureProvided>`, also with escaped angle brackets.
fn in_xml(text: &str, start: usize, end: usize, name: &str) -> Option<Range<usize>> {
    mark_before(text, start, '<')?;
    let value = end + mark_at(text, end, '>')?;
    if !is_secret_name(name) {
        return None;
    }
    Some(value..find_from(text, value, |at| mark_at(text, at, '<').is_some()).unwrap_or(text.len()))
}

/// Whether a name before a colon is that of a header, not a hyphenated word in a sentence.
fn is_of_a_header(name: &str) -> bool {
    const OTHERS: [&str; 6] =
        ["private-token", "job-token", "deploy-token", "circle-token", "set-cookie", "set-cookie2"];
    name.starts_with("x-") || OTHERS.contains(&name)
}

/// `x-amz-security-token: …`, to the end of the line. A word before a colon may begin any sentence, so only names of
/// headers count, and credentials after the name of their scheme.
fn in_header(text: &str, start: usize, end: usize, name: &str) -> Option<Range<usize>> {
    let colon = end + text[end..].strip_prefix(':').map(|_| 1)?;
    let value = colon + text[colon..].bytes().take_while(|byte| *byte == b' ').count();
    let is_end = |at: usize| {
        text[at..].starts_with(['\n', '\r', '<', '"', '\''])
            || ["\\n", "\\r", "\\\"", "&lt;", "&quot;"].iter().any(|end| text[at..].starts_with(end))
    };
    let line = || value..find_from(text, value, is_end).unwrap_or(text.len());
    match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => {
            let mut words = text[value..].splitn(3, ' ');
            let (scheme, login) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            // Without a scheme, the first word is the credential.
            let start = if login.is_empty() || is_credential(scheme) { value } else { value + scheme.len() + 1 };
            is_credential(text[start..].split([' ', '\n']).next().unwrap_or_default()).then(|| start..line().end)
        }
        "cookie" => text[value..].split([';', '\n', ' ']).next()?.contains('=').then(line),
        name if is_of_a_header(name) && is_secret_header(name) && mark_before(text, start, '/').is_none() => {
            Some(line())
        }
        _ => None,
    }
}
