//! Concurrent work on several references, with results in their order.
//!
//! A result is reported as soon as all before it are. A reference that delays the others by more than a second is skipped and
//! reported when it is done.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, sleep_until};

use crate::oci::Host;

/// The default number of references in progress.
pub(super) const AT_ONCE: usize = 64;
/// The most of them on one host: as many as one HTTP/2 connection serves without waiting.
const ON_ONE_HOST: usize = 32;
/// The time by which one reference may delay the others.
const PATIENCE: Duration = Duration::from_secs(1);

/// An event to report.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News<T> {
    /// The result of the reference with this index.
    Done(usize, T),
    /// The references with these indices are delayed; later ones are reported before them.
    Late(Vec<usize>),
}

/// Works on one reference for each of `hosts`, and reports the results. Ends with the first error of `tell`, dropping the work
/// in progress.
pub(super) async fn several<T, E>(
    hosts: &[Host],
    at_once: usize,
    work: impl AsyncFn(usize) -> T,
    mut tell: impl FnMut(News<T>) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting: VecDeque<usize> = (0..hosts.len()).collect();
    let mut on_host: HashMap<&Host, usize> = HashMap::new();
    let mut working = FuturesUnordered::new();
    let mut order = Order::default();
    loop {
        while working.len() < at_once {
            let has_room = |&&index: &&usize| on_host.get(&hosts[index]).is_none_or(|count| *count < ON_ONE_HOST);
            let Some(place) = waiting.iter().position(|index| has_room(&index)) else { break };
            let Some(index) = waiting.remove(place) else { break };
            *on_host.entry(&hosts[index]).or_default() += 1;
            let work = &work;
            working.push(async move { (index, work(index).await) });
        }
        tokio::select! {
            biased;
            done = working.next() => {
                let Some((index, value)) = done else { return Ok(()) };
                on_host.entry(&hosts[index]).and_modify(|count| *count -= 1);
                for (index, value) in order.done(index, value, Instant::now()) {
                    tell(News::Done(index, value))?;
                }
            }
            () = sleep_until(order.patience()), if order.holds_up() => {
                let late: Vec<usize> = order.late().filter(|index| !waiting.contains(index)).collect();
                if !late.is_empty() {
                    tell(News::Late(late))?;
                }
                for (index, value) in order.pass_over(Instant::now()) {
                    tell(News::Done(index, value))?;
                }
            }
        }
    }
}

/// The order of results.
struct Order<T> {
    /// The index of the next result to report.
    next: usize,
    /// Results that wait for others.
    done: BTreeMap<usize, T>,
    /// Skipped references, reported when they are done.
    passed: BTreeSet<usize>,
    /// The time since which results wait for the same reference.
    since: Instant,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Self { next: 0, done: BTreeMap::new(), passed: BTreeSet::new(), since: Instant::now() }
    }
}

impl<T> Order<T> {
    fn done(&mut self, index: usize, value: T, now: Instant) -> Vec<(usize, T)> {
        if self.passed.remove(&index) {
            return vec![(index, value)];
        }
        if self.done.is_empty() {
            self.since = now;
        }
        self.done.insert(index, value);
        self.ready(now)
    }

    fn ready(&mut self, now: Instant) -> Vec<(usize, T)> {
        let mut ready = Vec::new();
        while let Some(value) = self.done.remove(&self.next) {
            ready.push((self.next, value));
            self.next += 1;
            self.since = now;
        }
        ready
    }

    fn holds_up(&self) -> bool {
        !self.done.is_empty()
    }

    fn patience(&self) -> Instant {
        self.since + PATIENCE
    }

    /// The indices before the first waiting result.
    fn late(&self) -> Range<usize> {
        let first = self.done.keys().next().copied().unwrap_or(self.next);
        self.next..first
    }

    /// Skips the delayed references, and returns the results that can be reported then.
    fn pass_over(&mut self, now: Instant) -> Vec<(usize, T)> {
        let late = self.late();
        self.next = late.end;
        self.passed.extend(late);
        self.ready(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events, with the second at which each is reported; the work on each reference takes so many seconds.
    async fn events(seconds: &[u64], hosts: &[&str], at_once: usize) -> Vec<(u64, News<u64>)> {
        let hosts: Vec<Host> = hosts.iter().map(|host| host.parse().unwrap()).collect();
        let (began, mut all) = (Instant::now(), Vec::new());
        let work = async |index: usize| {
            tokio::time::sleep(Duration::from_secs(seconds[index])).await;
            seconds[index]
        };
        let tell = |news| {
            all.push((began.elapsed().as_secs(), news));
            Ok::<_, ()>(())
        };
        several(&hosts, at_once, work, tell).await.unwrap();
        all
    }

    #[tokio::test(start_paused = true)]
    async fn results_are_reported_in_order() {
        let host = ["a.test"; 3];
        let expected = [(2, News::Done(0, 2)), (2, News::Done(1, 1)), (2, News::Done(2, 2))];
        assert_eq!(events(&[2, 1, 2], &host, 3).await, expected);
        assert_eq!(events(&[], &[], 3).await, []);
    }

    #[tokio::test(start_paused = true)]
    async fn delayed_reference_is_skipped() {
        let expected = [
            (2, News::Late(vec![0])),
            (2, News::Done(1, 1)),
            (3, News::Done(2, 3)),
            (4, News::Done(3, 4)),
            (30, News::Done(0, 30)),
        ];
        assert_eq!(events(&[30, 1, 3, 4], &["a.test"; 4], 4).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn work_in_progress_is_bounded_and_more_so_on_one_host() {
        // One after the other.
        let ends = events(&[1, 1, 1], &["a.test"; 3], 1).await;
        assert_eq!(ends.iter().map(|(second, _)| *second).collect::<Vec<_>>(), [1, 2, 3]);
        // A host that is full does not keep those of others from beginning.
        let mut hosts = vec!["a.test"; ON_ONE_HOST + 1];
        hosts.push("b.test");
        let ends = events(&vec![1; ON_ONE_HOST + 2], &hosts, AT_ONCE).await;
        let at = |wanted: usize| ends.iter().find(|(_, news)| *news == News::Done(wanted, 1)).unwrap().0;
        assert_eq!((at(0), at(ON_ONE_HOST), at(ON_ONE_HOST + 1)), (1, 2, 2));
        // A reference that was not started is not announced as delayed.
        assert!(ends.iter().all(|(_, news)| !matches!(news, News::Late(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_ends_it() {
        let hosts: Vec<Host> = vec!["a.test".parse().unwrap(); 3];
        let mut count = 0;
        let tell = |_| {
            count += 1;
            Err("the reader has gone")
        };
        assert_eq!(several(&hosts, 2, async |index| index, tell).await, Err("the reader has gone"));
        assert_eq!(count, 1);
    }
}
