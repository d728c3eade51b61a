//! Credentials in the input. They are found before anything is rejected or shown, and replaced with asterisks.

use std::ops::Range;

/// The replacement of a secret.
const STARS: &str = "***";

/// The user name and password before a host, without the `@` after them.
///
/// Without a recognizable host, grammar alone cannot distinguish a reference from a login, so this errs on the side of
/// secrecy: an `@` followed not by a digest but by something like a host has credentials before it. A plain slip such
/// as `alpine@3.20` is left to the digest rule.
pub(super) fn credentials(input: &str) -> Option<Range<usize>> {
    let (start, is_web) = end_of_scheme(input);
    let rest = input.get(start..)?;
    // Searched once, because a hostile input may consist of `@` alone.
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let first_colon = rest.find(':').unwrap_or(rest.len());
    let last_slash = rest.rfind('/').unwrap_or(0);
    let last_of_host = rest.rfind(['.', ':']).unwrap_or(0);
    rest.rmatch_indices('@').find_map(|(index, _)| {
        let after = rest.get(index + 1..)?;
        if starts_like_digest(after) {
            return None;
        }
        let in_authority = index <= authority_end;
        let port = rest.get(first_colon + 1..index.min(authority_end));
        let broken_port = !rest.starts_with('[') && port.is_some_and(|port| port.parse::<u16>().is_err());
        let host_follows = last_of_host > index || after.starts_with("localhost");
        let found = last_slash > index
            || (is_web && (in_authority || broken_port))
            || (in_authority && first_colon < index && host_follows);
        found.then(|| start..start + index)
    })
}

/// The offset after `scheme://`, and whether the scheme is `http` or `https`.
///
/// Only the schemes of references count: in `user://secret@host` the password starts with slashes.
fn end_of_scheme(input: &str) -> (usize, bool) {
    let Some(colon) = input.find("://") else {
        return (0, false);
    };
    let before = input.get(..colon).unwrap_or_default();
    let scheme = before.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    let is_web = is("http") || is("https");
    match is_web || is("docker") || is("oci") || is("oras") {
        true => (colon + "://".len(), is_web),
        false => (0, false),
    }
}

/// Returns `true` if a digest, valid or not, starts here rather than a host.
fn starts_like_digest(text: &str) -> bool {
    let algorithm_end =
        text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '+')).unwrap_or(text.len());
    let (algorithm, rest) = text.split_at(algorithm_end);
    let lower = algorithm.to_ascii_lowercase();
    let known = ["md5", "blake"].iter().any(|name| lower.starts_with(name))
        || lower.strip_prefix("sha").is_some_and(|size| size.starts_with(|c: char| c.is_ascii_digit()));
    let encoded = rest.strip_prefix(':').unwrap_or_default();
    let long = encoded.bytes().take_while(u8::is_ascii_alphanumeric).count() >= 32;
    (known && (rest.is_empty() || rest.starts_with([':', '=', '@']))) || long
}

/// The ranges to mask in a query and fragment that start here. In a query, names that have a value stay visible.
fn secrets_after_address(input: &str, start: usize) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let rest = input.get(start..).unwrap_or_default();
    let query_ends = rest.find('#').unwrap_or(rest.len());
    let mut at = start;
    for part in rest.get(..query_ends).unwrap_or_default().split_inclusive(['?', '&', ';']) {
        let content = part.trim_end_matches(['?', '&', ';']);
        let value = content.find('=').map_or(at, |equals| at + equals + 1);
        let end = at + content.len();
        if end > value || content.contains('=') {
            hidden.push(value..end);
        }
        at += part.len();
    }
    if query_ends + 1 < rest.len() {
        hidden.push(start + query_ends + 1..input.len());
    }
    hidden
}

/// A text with its secrets masked, and the mapping from old offsets to new ones.
pub(super) struct Masked {
    /// The masked text.
    pub(super) text: String,
    hidden: Vec<Range<usize>>,
}

impl Masked {
    /// Masks credentials, and anything in a pasted URL that may be a signature or token: query values, query parts
    /// without a name, and the fragment.
    pub(super) fn new(input: &str) -> Self {
        let mut hidden = Vec::new();
        hidden.extend(credentials(input));
        let from = hidden.last().map_or(0, |range| range.end);
        if let Some(query) = input.get(from..).and_then(|rest| rest.find(['?', '#'])).map(|index| from + index) {
            hidden.extend(secrets_after_address(input, query));
        }
        let mut text = String::with_capacity(input.len());
        let mut shown = 0;
        for range in &hidden {
            text.push_str(input.get(shown..range.start).unwrap_or_default());
            text.push_str(STARS);
            shown = range.end;
        }
        text.push_str(input.get(shown..).unwrap_or_default());
        Self { text, hidden }
    }

    /// The range in the masked text for a range of the input.
    pub(super) fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.offset(range.start, false)..self.offset(range.end, true)
    }

    /// Moves an offset inside a secret to the start or the end of its mask.
    fn offset(&self, offset: usize, to_end: bool) -> usize {
        let mut moved = offset;
        for range in &self.hidden {
            if offset >= range.end && !(range.is_empty() && offset == range.end && !to_end) {
                moved = moved + STARS.len() - range.len();
            } else if offset > range.start {
                moved = moved - (offset - range.start) + if to_end { STARS.len() } else { 0 };
            }
        }
        moved
    }
}
