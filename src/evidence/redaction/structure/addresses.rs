//! Addresses in a text: user information before the host, a query without names, long random segments of the path, and
//! the part after the hash sign.

use super::marks::{ends_word, find_from, mark_at, mark_before, word_end};
use crate::evidence::redaction::addresses::{LONGEST_SEGMENT, is_signature};
use crate::evidence::redaction::found::SecretPart;
use crate::evidence::redaction::names::{LONGEST_NAME, is_harmless, is_placeholder};

/// Finds the secret parts of every address.
pub(super) fn find(text: &str, found: &mut Vec<SecretPart>) {
    let mut at = 0;
    while let Some((start, host)) = next_address(text, at) {
        let end = word_end(text, host).max(host);
        let has_scheme = mark_before(text, start, ':').is_some();
        let path = authority(text, host, end, has_scheme, found);
        parts(text, path, end, found);
        at = end.max(host);
    }
    relative(text, found);
}

/// The start and end of the next two slashes, in any spelling.
fn next_address(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        at += text.as_bytes().get(at..)?.iter().position(|byte| matches!(byte, b'/' | b'%' | b'\\' | b'&'))?;
        let second = mark_at(text, at, '/').map(|length| at + length);
        let end = second.and_then(|second| mark_at(text, second, '/').map(|length| second + length));
        match end {
            Some(end) => return Some((at, end)),
            None => at += 1,
        }
    }
}

/// Examines the part before the path, and returns the start of the path.
fn authority(text: &str, host: usize, end: usize, has_scheme: bool, found: &mut Vec<SecretPart>) -> usize {
    let ends = |at: usize| ['/', '?', '#'].iter().any(|mark| mark_at(text, at, *mark).is_some());
    let place = |mark: char, from: usize, to: usize| {
        let at = |at: usize| mark_at(text, at, mark).map(|length| (at, at + length));
        text[from..to].char_indices().rev().find_map(|(offset, _)| at(from + offset))
    };
    let mut path = find_from(&text[..end], host, ends).unwrap_or(end);
    let mut user_ends = place('@', host, path);
    // A password with a slash or a hash sign in it was not encoded as an address requires. The text after a colon is
    // not a port then.
    if user_ends.is_none()
        && let Some((_, port)) = text[host..path].rfind(':').map(|colon| (colon, host + colon + 1))
        && !text[host..].starts_with('[')
        && !text[port..path].bytes().all(|byte| byte.is_ascii_digit())
        && let Some((at, after)) = place('@', path, end)
    {
        user_ends = Some((at, after));
        path = find_from(&text[..end], after, ends).unwrap_or(end);
    }
    // Without a scheme, two slashes may be anything: only user information before a host is looked for.
    if let Some((_, after)) = user_ends.filter(|(at, _)| has_scheme || text[host..*at].contains(':')) {
        found.push(SecretPart { range: host..after, what: "password", is_named: false });
    }
    if has_scheme { path } else { end }
}

/// Examines the path, the query and the fragment of an address.
fn parts(text: &str, path: usize, end: usize, found: &mut Vec<SecretPart>) {
    let is = |mark: char| move |at: usize| mark_at(text, at, mark).is_some();
    let fragment = find_from(&text[..end], path, is('#')).unwrap_or(end);
    let query = find_from(&text[..fragment], path, is('?')).unwrap_or(fragment);
    let mut segment = path;
    for (offset, _) in text[path..query].match_indices('/').chain([(query - path, "")]) {
        if is_signature(&text[segment..path + offset]) {
            found.push(SecretPart::named(segment..path + offset, "path segment"));
        }
        segment = (path + offset + 1).min(query);
    }
    if let Some(length) = mark_at(text, query, '?').filter(|_| query < fragment) {
        unnamed(text, query + length, fragment, found);
    }
    if let Some(length) = mark_at(text, fragment, '#').filter(|_| fragment < end) {
        let inner = without_end(&text[fragment + length..end]);
        if !is_anchor(inner) {
            let start = fragment + length;
            found.push(SecretPart::named(start..start + inner.len(), "fragment"));
        }
    }
}

/// Finds query parameters without a name or without a value: a name without a value may be a value without a name.
fn unnamed(text: &str, from: usize, end: usize, found: &mut Vec<SecretPart>) {
    let mut start = from;
    while start < end {
        let next = find_from(&text[..end], start, |at| mark_at(text, at, '&').is_some()).unwrap_or(end);
        let pair = without_end(&text[start..next]);
        let has_value = find_from(pair, 0, |at| mark_at(pair, at, '=').is_some_and(|length| at + length < pair.len()));
        let name = pair.trim_end_matches('=');
        if has_value.is_none() && !is_placeholder(pair) && (!is_harmless(name) || name.len() > LONGEST_NAME) {
            found.push(SecretPart::named(start..start + pair.len(), "query value"));
        }
        start = next + mark_at(text, next, '&').unwrap_or(1);
    }
}

/// Paths with a query, which redirects and links contain instead of addresses: `/v2/?sig`, `</v2/?sig>`.
fn relative(text: &str, found: &mut Vec<SecretPart>) {
    // Without a query, only a long segment of a path could be a secret.
    if !text.contains('?') && text.len() < LONGEST_SEGMENT {
        return;
    }
    let mut from = 0;
    while let Some(start) = find_from(text, from, |at| !ends_word(text, at)) {
        let end = word_end(text, start);
        let word = &text[start..end];
        let path = &word[..word.find(['?', '#']).unwrap_or(word.len())];
        // A `sed` pattern has slashes and a hash sign too.
        let is_address = path.starts_with('/') || word[path.len()..].starts_with('?');
        if is_address && path.contains('/') && !path.contains("//") && path.bytes().all(is_of_path) {
            parts(text, start, end, found);
        }
        from = end;
    }
}

/// Whether a path can contain this character (RFC 3986, pchar).
fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"-._~%!$&()*+,;=:@/".contains(&byte)
}

/// The address without trailing punctuation of its sentence.
fn without_end(text: &str) -> &str {
    text.trim_end_matches(['.', ',', ';', ':', '!', ')', ']', '}'])
}

/// Whether the part after a hash sign is an anchor of a page: a few words in lower case, or line numbers.
fn is_anchor(fragment: &str) -> bool {
    const LONGEST: usize = 64;
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = word.len() - letters.len();
        letters.len() <= 20 && digits <= 6 && (letters == "L" || letters.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    fragment.len() <= LONGEST && fragment.split(['-', '_', '.', '/']).all(is_word)
}
