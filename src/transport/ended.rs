//! What came of the requests of a run, in a word each, for whoever ends it before they are judged.

use std::sync::{Arc, Mutex, PoisonError};

use crate::evidence::Exchange;

/// The most different outcomes that are kept.
const MOST: usize = 20;

/// What came of the requests of a run so far. Copies share it. No address and no word of a server is in it, so it may be
/// shown without being searched for secrets.
#[derive(Debug, Clone, Default)]
pub struct Ended(Arc<Mutex<Outcomes>>);

#[derive(Debug, Default)]
struct Outcomes {
    /// In the order in which they came first, and how often.
    seen: Vec<(String, usize)>,
    /// How many others there are.
    others: usize,
}

impl Ended {
    pub(super) fn add(&self, exchange: &Exchange) {
        let mut outcomes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let words = words(exchange);
        let is_room = outcomes.seen.len() < MOST;
        match outcomes.seen.iter_mut().find(|(other, _)| *other == words) {
            Some((_, count)) => *count += 1,
            None if is_room => outcomes.seen.push((words, 1)),
            None => outcomes.others += 1,
        }
    }

    /// One line for each outcome, in order; none where no request has ended.
    pub fn lines(&self) -> Vec<String> {
        let outcomes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(words, count): &(String, usize)| match count {
            1 => words.clone(),
            count => format!("{words} ({count} times)"),
        };
        let others = (outcomes.others > 0).then(|| format!("and {} others", outcomes.others));
        outcomes.seen.iter().map(line).chain(others).collect()
    }
}

/// `GET manifest answered 200 with 1234 bytes`.
fn words(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let answered = exchange.response.as_ref().map(|response| match response.body.size {
        0 => format!(" answered {}", response.status),
        size => format!(" answered {} with {size} bytes", response.status),
    });
    let failed = exchange.failure.as_ref().map(|failure| format!(" failed: {}", failure.kind.as_str()));
    let (answered, failed) = (answered.unwrap_or_default(), failed.unwrap_or_default());
    format!("{} {}{answered}{failed}", request.method.as_str(), request.purpose.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::{answered, unanswered};
    use crate::evidence::{Failure, FailureKind};

    #[test]
    fn outcomes_are_told_once_and_without_addresses() {
        let ended = Ended::default();
        assert_eq!(ended.lines(), [""; 0]);
        let at = |path: &str| format!("https://CANARY.test/v2/{path}?X-Amz-Signature=CANARY");
        for (path, status, body) in [("a", 401, ""), ("b", 200, "{}"), ("c", 200, "{}"), ("d", 200, "{ }")] {
            ended.add(&answered(&at(path), status, &[("location", "CANARY")], body));
        }
        let failure = Some(Failure::new(FailureKind::Closed, "CANARY"));
        ended.add(&Exchange { failure, ..unanswered(&at("e")) });
        let lines = ended.lines();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(
            lines[0].ends_with("answered 401") && lines[1].ends_with("answered 200 with 2 bytes (2 times)"),
            "{lines:?}"
        );
        assert!(lines[3].ends_with("failed: closed") && !lines.concat().contains("CANARY"), "{lines:?}");
    }

    #[test]
    fn outcomes_without_end_are_counted() {
        let ended = Ended::default();
        for length in 1..200 {
            ended.add(&answered("https://r.test/v2/", 200, &[], &"x".repeat(length)));
        }
        assert_eq!((ended.lines().len(), ended.lines().last().map(String::as_str)), (21, Some("and 179 others")));
    }
}
