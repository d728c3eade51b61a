//! Which client said it, and in which version.

use super::reading::Pasted;
use crate::knowledge::{Client, clients};

/// The longest version, in bytes.
const LONGEST: usize = 20;

/// The client that a message is from, outer programs before those that they call.
pub(super) fn speaker(text: &Pasted) -> Option<&'static Client> {
    clients().iter().find(|client| text.recognised_by(&client.wording).is_some())
}

/// The version of a client, where a text in lower case says it: after one of the words that it prints in front of it.
pub(super) fn version(client: &Client, lower: &str) -> Option<String> {
    let mut behind =
        client.version.iter().flat_map(|lead| lower.match_indices(lead.as_str()).map(|(at, lead)| at + lead.len()));
    behind.find_map(|at| {
        let rest = lower[at..].trim_start_matches(['v', '"', ' ', ':', '=']);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        (number.contains('.') && number.len() <= LONGEST).then(|| number.to_owned())
    })
}
