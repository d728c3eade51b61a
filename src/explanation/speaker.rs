//! Identifies the client that printed a message, and its version.

use super::reading::Pasted;
use crate::knowledge::{Client, clients};

/// The maximum length of a version in bytes.
const LONGEST: usize = 20;

/// The client that printed a message; outer programs come before those that they call.
pub(super) fn speaker(text: &Pasted) -> Option<&'static Client> {
    clients().iter().find(|client| text.recognized_by(&client.wording).is_some())
}

/// The version of a client, if a text in lower case contains it after one of the client's version prefixes.
pub(super) fn version(client: &Client, lower: &str) -> Option<String> {
    let mut offsets =
        client.version.iter().flat_map(|lead| lower.match_indices(lead.as_str()).map(|(at, lead)| at + lead.len()));
    offsets.find_map(|at| {
        let rest = lower[at..].trim_start_matches(['v', '"', ' ', ':', '=']);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        (number.contains('.') && number.len() <= LONGEST).then(|| number.to_owned())
    })
}
