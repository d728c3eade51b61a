//! Paginated lists of a registry: fetching, selection, output.

mod follow;
mod known;
mod names;
mod narrowed;

pub(super) use follow::{End, Follow};
pub(super) use known::Known;
pub(super) use names::{NamesOf, ShownNames};
pub use narrowed::Selection;
pub(super) use narrowed::limit;

use super::fetched::{NotFetched, aside};
use crate::diagnosis::ExitStatus;
use crate::diagnosis::tags::PAGE_SIZES;
use crate::evidence::{ExchangeId, FailureKind};
use crate::session::Conversation;

/// A count with its noun.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// Why there is no first page of a list.
pub(super) fn unlisted(conversation: &Conversation<'_>, answer: ExchangeId, many: &str) -> NotFetched {
    let exchange = conversation.journal().get(answer);
    let is_too_long = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::BodyTooLarge);
    let because = |exit, problem| NotFetched { at: answer, exit, findings: Vec::new(), problem: Some(problem) };
    match () {
        () if exchange.is_success() => because(ExitStatus::ServerFailed, format!("the answer is not a list of {many}")),
        () if is_too_long => because(ExitStatus::Incomplete, "the list is longer than the limit".to_owned()),
        () => aside(conversation, answer),
    }
}
