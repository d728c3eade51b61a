//! The outcomes of the requests of a run, one line each, for a run that ends before they are judged; and the host that
//! is being waited for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;

use crate::evidence::Exchange;
use crate::text::Untrusted;

/// The maximum number of different outcomes kept.
const MOST: usize = 20;

/// The outcomes of the requests of a run so far, and the requests in progress. Clones share it. It contains no path,
/// query or server text, so it may be shown without a search for secrets.
#[derive(Debug, Clone, Default)]
pub struct Ended(Arc<Mutex<Outcomes>>);

#[derive(Debug, Default)]
struct Outcomes {
    /// The outcomes in order of their first occurrence, with their counts.
    seen: Vec<(String, usize)>,
    /// The number of other outcomes.
    others: usize,
    /// The hosts of the requests in progress, each with its own number, the oldest first.
    waiting: Vec<(u64, String)>,
    /// The last number used.
    last: u64,
}

/// A request in progress, until this is dropped.
pub(super) struct UnderWay {
    ended: Ended,
    number: u64,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.ended.outcomes().waiting.retain(|(number, _)| *number != self.number);
    }
}

impl Ended {
    fn outcomes(&self) -> MutexGuard<'_, Outcomes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request to the host of this URL is in progress.
    pub(super) fn begin(&self, url: &Url) -> UnderWay {
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut outcomes = self.outcomes();
        outcomes.last += 1;
        let number = outcomes.last;
        outcomes.waiting.push((number, host));
        UnderWay { ended: self.clone(), number }
    }

    /// The host that has been waited for longest, with its port unless it is the default; `None` if no request is in
    /// progress.
    pub fn waited_for(&self) -> Option<Untrusted> {
        self.outcomes().waiting.first().map(|(_, host)| Untrusted::from(host.as_str()))
    }

    pub(super) fn add(&self, exchange: &Exchange) {
        let mut outcomes = self.outcomes();
        let words = words(exchange);
        let is_room = outcomes.seen.len() < MOST;
        match outcomes.seen.iter_mut().find(|(other, _)| *other == words) {
            Some((_, count)) => *count += 1,
            None if is_room => outcomes.seen.push((words, 1)),
            None => outcomes.others += 1,
        }
    }

    /// One line per outcome, in order; empty if no request has ended.
    pub fn lines(&self) -> Vec<String> {
        let outcomes = self.outcomes();
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
    fn outcomes_are_listed_once_and_without_addresses() {
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
    fn host_that_is_waited_for_longest_is_named() {
        let ended = Ended::default();
        let begin = |url: &str| ended.begin(&Url::parse(url).unwrap());
        let waited_for = || ended.waited_for().map(|host| host.as_str().to_owned());
        assert_eq!(waited_for(), None);
        let first = begin("https://r.test/v2/a/manifests/1?sig=CANARY");
        let second = begin("http://auth.test:5001/token");
        let third = begin("https://user:CANARY@[::1]:8443/v2/");
        assert_eq!(waited_for().as_deref(), Some("r.test"));
        drop(first);
        assert_eq!(waited_for().as_deref(), Some("auth.test:5001"));
        drop(second);
        assert_eq!(waited_for().as_deref(), Some("[::1]:8443"));
        drop(third);
        assert_eq!(waited_for(), None);
        assert_eq!(ended.lines(), [""; 0], "nothing has come of them");
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
