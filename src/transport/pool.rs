//! The connections of a command, kept for the next request to the same origin, and the queue for them.
//!
//! Over HTTP/2 all requests to an origin share a connection. Over HTTP/1.1 each needs its own, and their number is
//! limited. The first handshake shows which of the two a server speaks, so the first requests to an origin over TLS
//! open connections, and the others wait for the result. A probe begins with two requests: over HTTP/1.1 each needs its
//! own connection, and the second would be two round trips later if it waited.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::bare::ConnectionPlan;
use super::limits::{LINES_IN_ALL, LINES_TO_ONE, MOST_KEPT, OPENERS, STREAMS};
use super::open::{Open, SendFault, Sender};
use crate::oci::Origin;

/// How long a connection may take to become ready for the next request: either the last body has just been read, or the
/// rest of it is not needed, and then another connection is used.
const READY: Duration = Duration::from_millis(100);

/// Open connections, by origin.
#[derive(Clone)]
pub(crate) struct Pools {
    kept: Arc<Mutex<Kept>>,
    /// The permits for all requests over HTTP/1.1, to any origin.
    lines: Arc<Semaphore>,
}

impl Default for Pools {
    fn default() -> Self {
        Self { kept: Arc::default(), lines: Arc::new(Semaphore::new(LINES_IN_ALL)) }
    }
}

#[derive(Default)]
struct Kept {
    pools: HashMap<Origin, Pool>,
    /// How often a connection was kept, as a clock.
    times: u64,
}

/// The state of one origin, with its connections.
struct Pool {
    /// The usable connections, each with the time at which it was kept.
    open: Vec<(u64, Open)>,
    lines: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    /// The permits for opening the first connections.
    openers: Arc<Semaphore>,
    /// The result of the first handshake.
    speaks: Option<Version>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            lines: Arc::new(Semaphore::new(LINES_TO_ONE)),
            streams: Arc::new(Semaphore::new(STREAMS)),
            openers: Arc::new(Semaphore::new(OPENERS)),
            speaks: None,
        }
    }
}

/// The protocol that a server chose in its first handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// HTTP/1.1; or unknown, because the first attempt failed.
    One,
    /// HTTP/2.
    Two,
}

/// Permission to use a connection to an origin.
pub(crate) struct Turn {
    pools: Pools,
    origin: Origin,
    permits: Vec<OwnedSemaphorePermit>,
    /// Held by the requests that open the first connections over TLS: the others wait for their result.
    first: Option<First>,
}

/// One of the first requests to open a connection to an origin. However it ends, the waiting requests proceed
/// concurrently, and not each after the failure of the one before.
struct First {
    pools: Pools,
    origin: Origin,
    _permit: Option<OwnedSemaphorePermit>,
}

impl First {
    fn found(&self, version: Version) {
        self.pools.lock().pools.entry(self.origin.clone()).or_default().speaks = Some(version);
    }
}

impl Drop for First {
    fn drop(&mut self) {
        let mut kept = self.pools.lock();
        kept.pools.entry(self.origin.clone()).or_default().speaks.get_or_insert(Version::One);
    }
}

/// The use of a connection. When it is dropped, the next request may use the connection.
pub(crate) struct Lease {
    pools: Pools,
    origin: Origin,
    /// Set once an answer has arrived. Before that, the next bytes on the connection are unknown.
    open: Option<Open>,
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Pools {
    /// Waits until a request to an origin may be sent. Only with `over_tls` may several requests share a connection.
    pub(crate) async fn turn(&self, origin: &Origin, over_tls: bool) -> Turn {
        let (lines, streams, openers) = {
            let mut kept = self.lock();
            let pool = kept.pools.entry(origin.clone()).or_default();
            (Arc::clone(&pool.lines), Arc::clone(&pool.streams), Arc::clone(&pool.openers))
        };
        let turn = |permits, first| Turn { pools: self.clone(), origin: origin.clone(), permits, first };
        if over_tls {
            let mut opener = None;
            loop {
                match self.spoken(origin) {
                    Some(Version::Two) => {
                        drop(opener);
                        return turn(permit(streams).await.into_iter().collect(), None);
                    }
                    Some(Version::One) => break,
                    None if opener.is_some() => {
                        let first = First { pools: self.clone(), origin: origin.clone(), _permit: opener };
                        return turn(Vec::new(), Some(first));
                    }
                    None => opener = permit(Arc::clone(&openers)).await,
                }
            }
        }
        let own = permit(lines).await;
        let all = permit(Arc::clone(&self.lines)).await;
        turn(own.into_iter().chain(all).collect(), None)
    }

    /// The protocol that a server speaks over TLS, if known. After all shared connections were closed it is unknown
    /// again, so that not every waiting request opens one.
    fn spoken(&self, origin: &Origin) -> Option<Version> {
        let mut kept = self.lock();
        let pool = kept.pools.entry(origin.clone()).or_default();
        pool.open.retain(|(_, open)| !open.is_closed());
        if pool.speaks == Some(Version::Two) && !pool.open.iter().any(|(_, open)| open.is_shared()) {
            pool.speaks = None;
        }
        pool.speaks
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An existing connection that is ready to use.
    async fn ready(&self, origin: &Origin) -> Option<Open> {
        while let Some(mut open) = self.take(origin) {
            match &mut open.sender {
                Sender::Two(_) => return Some(open),
                Sender::One(sender) => {
                    if let Ok(Ok(())) = timeout(READY, sender.ready()).await {
                        return Some(open);
                    }
                }
            }
        }
        None
    }

    fn take(&self, origin: &Origin) -> Option<Open> {
        let mut kept = self.lock();
        let pool = kept.pools.get_mut(origin)?;
        pool.open.retain(|(_, open)| !open.is_closed());
        pool.open.iter().find_map(|(_, open)| open.shared()).or_else(|| pool.open.pop().map(|(_, open)| open))
    }

    /// Keeps a connection; above the limit, the least recently used one is closed.
    fn keep(&self, origin: &Origin, open: Open) {
        let mut kept = self.lock();
        kept.times += 1;
        let now = kept.times;
        kept.pools.entry(origin.clone()).or_default().open.push((now, open));
        let count: usize = kept.pools.values().map(|pool| pool.open.len()).sum();
        if count > MOST_KEPT {
            let pools = kept.pools.values_mut().filter(|pool| !pool.open.is_empty());
            let oldest = pools.min_by_key(|pool| pool.open.iter().map(|(when, _)| *when).min());
            if let Some(pool) = oldest
                && let Some(at) = (0..pool.open.len()).min_by_key(|&at| pool.open[at].0)
            {
                pool.open.remove(at);
            }
        }
    }
}

/// A permit; `None` only once the semaphore is closed, which none of these ever is.
async fn permit(semaphore: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    semaphore.acquire_owned().await.ok()
}

impl Turn {
    /// A connection, and whether it was reused.
    pub(super) async fn connection(self, route: &ConnectionPlan<'_>) -> Result<(Open, Lease, bool), SendFault> {
        let Self { pools, origin, permits, first } = self;
        let kept = if first.is_some() { None } else { pools.ready(&origin).await };
        let reused = kept.is_some();
        let open = match kept {
            Some(open) => open,
            None => {
                let opened = route.open().await;
                if let Ok(open) = &opened {
                    let version = if open.is_shared() { Version::Two } else { Version::One };
                    // Concurrent requests need not open another one.
                    open.shared().into_iter().for_each(|shared| pools.keep(&origin, shared));
                    first.iter().for_each(|first| first.found(version));
                }
                opened?
            }
        };
        drop(first);
        Ok((open, Lease { pools, origin, open: None, _permits: permits }, reused))
    }
}

impl Lease {
    /// The same lease for a connection over which an answer has arrived.
    #[must_use]
    pub(super) fn of(mut self, open: Open) -> Self {
        self.open = Some(open);
        self
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Over HTTP/2 it is already kept.
        if let Some(open) = self.open.take().filter(|open| !open.is_shared() && !open.is_closed()) {
            self.pools.keep(&self.origin, open);
        }
    }
}
