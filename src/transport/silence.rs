//! Servers that did not answer, so that one command does not wait for the same one repeatedly.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use time::OffsetDateTime;
use time::macros::format_description;

use super::notes::Notes;
use crate::evidence::{Exchange, Failure, FailureKind, Step};
use crate::oci::Origin;

/// What is known about the servers of a command: whether they ever answered.
#[derive(Debug, Default)]
pub(crate) struct Silences {
    runs: AtomicU64,
    seen: Mutex<HashMap<Origin, Seen>>,
}

/// One run of a command: it contacts a silent server as often as it needs to, but other runs do not contact it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunId(u64);

#[derive(Debug)]
enum Seen {
    Answered,
    Silent(Box<Silence>),
}

/// A request that got no answer.
#[derive(Debug)]
struct Silence {
    of: RunId,
    at: SystemTime,
    kind: FailureKind,
    /// The addresses of the server, and those that failed.
    addresses: Vec<SocketAddr>,
    failed: Vec<(SocketAddr, String)>,
}

impl Silences {
    /// The next run.
    pub fn run(&self) -> RunId {
        RunId(self.runs.fetch_add(1, Ordering::Relaxed))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Origin, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why this run does not contact a server: it has answered no request, and another run has waited for it. The
    /// addresses found by that run are noted.
    pub fn refusal(&self, origin: &Origin, run: RunId, notes: &Notes) -> Option<Failure> {
        match self.lock().get(origin)? {
            Seen::Silent(silence) if silence.of != run => {
                let mut noted = notes.lock();
                noted.addresses.clone_from(&silence.addresses);
                noted.failed.clone_from(&silence.failed);
                let words = format!("not asked again: {} did not answer at {}", origin.host(), clock(silence.at));
                Some(Failure::new(silence.kind.clone(), words))
            }
            _ => None,
        }
    }

    /// Notes the outcome of a request.
    pub fn note(&self, origin: Origin, run: RunId, exchange: &Exchange) {
        let mut seen = self.lock();
        if exchange.response.is_some() {
            seen.insert(origin, Seen::Answered);
        } else if let Some(failure) = exchange.failure.as_ref().filter(|failure| is_silence(&failure.kind)) {
            let (kind, connection) = (failure.kind.clone(), &exchange.connection);
            let (addresses, failed) = (connection.addresses.clone(), connection.failed.clone());
            let silence = Silence { of: run, at: SystemTime::now(), kind, addresses, failed };
            seen.entry(origin).or_insert_with(|| Seen::Silent(Box::new(silence)));
        }
    }
}

/// Whether nothing at all arrived within the time limit.
fn is_silence(kind: &FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Unreachable | FailureKind::Timeout(Step::Dns | Step::Connect | Step::Tls | Step::Headers)
    )
}

/// The time of day by UTC: `12:04:05 UTC`.
fn clock(at: SystemTime) -> String {
    let format = format_description!("[hour]:[minute]:[second] UTC");
    // The format uses only components that every time has.
    OffsetDateTime::from(at).format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::evidence::testing::{answered, unanswered};
    use crate::transport::Reach;

    const URL: &str = "https://r.test/v2/a/manifests/1";

    fn notes() -> Arc<Notes> {
        Notes::new(443, Reach::Anywhere)
    }

    fn silent(kind: FailureKind) -> Exchange {
        Exchange { failure: Some(Failure::new(kind, "nothing came")), ..unanswered(URL) }
    }

    #[test]
    fn other_runs_do_not_ask_again_what_did_not_answer() {
        let silences = Silences::default();
        let origin = || Origin::of(&URL.parse().unwrap()).unwrap();
        let (one, other) = (silences.run(), silences.run());
        for harmless in [FailureKind::Refused, FailureKind::Closed, FailureKind::Timeout(Step::Body)] {
            silences.note(origin(), one, &silent(harmless));
            assert!(silences.refusal(&origin(), other, &notes()).is_none());
        }
        let mut hangs = silent(FailureKind::Timeout(Step::Connect));
        hangs.connection.addresses = vec![([192, 0, 2, 1], 443).into()];
        silences.note(origin(), one, &hangs);
        assert!(silences.refusal(&origin(), one, &notes()).is_none(), "the run itself may ask again");
        let at = ([192, 0, 2, 1], 443).into();
        let seen = notes();
        let failure = silences.refusal(&origin(), other, &seen).unwrap();
        assert_eq!(seen.lock().addresses, [at], "the way to it is known from then");
        assert_eq!(failure.kind, FailureKind::Timeout(Step::Connect));
        assert!(failure.message.as_str().starts_with("not asked again: r.test did not answer at "), "{failure:?}");
        let elsewhere = Origin::of(&"https://r.test:8443/".parse().unwrap()).unwrap();
        assert!(silences.refusal(&elsewhere, other, &notes()).is_none());
    }

    #[test]
    fn server_that_has_answered_is_asked_again() {
        let silences = Silences::default();
        let origin = || Origin::of(&URL.parse().unwrap()).unwrap();
        let (one, other) = (silences.run(), silences.run());
        silences.note(origin(), one, &answered(URL, 503, &[], ""));
        silences.note(origin(), one, &silent(FailureKind::Timeout(Step::Headers)));
        assert!(silences.refusal(&origin(), other, &notes()).is_none());
    }
}
