//! Sends one request and records it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::ask::Ask;
use super::ended::Ended;
use super::network::{Network, OfRun};
use super::notes::{NOTES, Notes};
use super::reach::Reach;
use super::recorded::Recorded;
use super::tls::Roots;
use crate::evidence::{Exchange, Failure, FailureKind, Method, Request, Timing};
use crate::oci::Origin;

/// Why a run is ended before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user interrupted.
    Interrupted,
}

/// Sends requests, each independently, within the time of one run.
pub struct Transport {
    pub(super) network: Arc<Network>,
    began: Instant,
    pub(super) stop: watch::Receiver<Option<Stop>>,
    own: OfRun,
    ended: Ended,
}

impl Transport {
    /// Creates a transport for one run, which records the outcome of each request in `ended`.
    pub fn new(network: Arc<Network>, stop: watch::Receiver<Option<Stop>>, ended: Ended) -> Self {
        let own = OfRun::of(&network);
        Self { network, began: Instant::now(), stop, own, ended }
    }

    /// Creates a transport for a later command over the same connections, if they are still open. It has the full time
    /// and memory limits.
    #[must_use]
    pub fn renewed(&self, stop: watch::Receiver<Option<Stop>>, ended: Ended) -> Self {
        Self::new(Arc::new(self.network.renewed()), stop, ended)
    }

    /// The source of the trusted authorities; `None` before the first request over TLS.
    pub fn roots(&self) -> Option<Roots> {
        self.network.tls.get().map(|(_, roots)| *roots)
    }

    /// Whether the run is ending: no more requests should be sent.
    pub fn is_stopped(&self) -> bool {
        self.stop.borrow().is_some() || self.left().is_zero()
    }

    /// The passwords of proxies in the environment, which have to be kept out of every output.
    pub fn proxy_passwords(&self) -> Vec<String> {
        self.network.proxies.passwords()
    }

    /// Sends a request and records the outcome, up to the last byte needed. Never fails; see the module.
    ///
    /// If a reused connection turns out to have been closed meanwhile, which any server may do, the request is sent
    /// once more over a new one, and the exchange says so (RFC 9110, section 9.2.2 allows this for GET and HEAD). If
    /// another run of the command already has the answer to the same request, and the answer may be shared, that is the
    /// answer.
    pub async fn send(&self, ask: Ask) -> Exchange {
        let began = Instant::now();
        // Boxed, because each of these is as large as a whole request, and dozens are in progress concurrently.
        let send = async || Box::pin(self.send_until_sent(&ask)).await;
        let mut exchange = Box::pin(self.network.shared.of(&ask, self.own.id, send)).await;
        if exchange.connection.shared {
            exchange.timing = Timing::default();
            (exchange.started, exchange.duration) = (began.duration_since(self.began), began.elapsed());
        }
        exchange
    }

    async fn send_until_sent(&self, ask: &Ask) -> Exchange {
        let first = self.send_once(ask).await;
        if !was_closed_meanwhile(&first) || self.is_stopped() {
            return first;
        }
        let mut again = self.send_once(ask).await;
        again.connection.reopened = true;
        again.duration = again.duration.saturating_add(again.started.saturating_sub(first.started));
        again.started = first.started;
        again
    }

    async fn send_once(&self, ask: &Ask) -> Exchange {
        let port = ask.url.port_or_known_default().unwrap_or(0);
        let proxy = self.network.proxies.choose(&ask.url);
        // A proxy is the user's own choice, at any address, and then it is the only thing that is connected to.
        let reach = if matches!(proxy, Ok(Some(_))) { Reach::Anywhere } else { ask.reach };
        let notes = Notes::identifying(port, reach, self.network.identifies_to(&ask.url, &proxy));
        let work = async |recorded: &mut Recorded| {
            Box::pin(self.network.exchange(ask, proxy, &notes, &self.own, recorded)).await
        };
        let exchange = self.record(ask.recorded(), &notes, work).await;
        if let Some(origin) = Origin::of(&ask.url) {
            self.network.silences.note(origin, self.own.id, &exchange);
        }
        exchange
    }

    /// Records a piece of work as the exchange of this request. It ends early with the run.
    pub(super) async fn record(
        &self,
        request: Request,
        notes: &Arc<Notes>,
        work: impl AsyncFnOnce(&mut Recorded) -> Option<Failure>,
    ) -> Exchange {
        let began = Instant::now();
        let _under_way = self.ended.begin(&request.url);
        let mut recorded = Recorded::new(request, began.duration_since(self.began));
        let mut stop = self.stop.clone();
        let sending = NOTES.scope(Arc::clone(notes), work(&mut recorded));
        let ended = tokio::select! {
            biased;
            Ok(_) = stop.wait_for(Option::is_some) => {
                Some(Failure::new(FailureKind::Interrupted, "you interrupted"))
            }
            failure = sending => failure,
            () = tokio::time::sleep(self.left()) => {
                let total = self.network.options.limits.total.as_secs();
                let words = format!("the time for the whole run ({total} s) is used up");
                Some(Failure::new(FailureKind::Deadline, words))
            }
        };
        let exchange = recorded.finish(ended, notes, began);
        self.ended.add(&exchange);
        exchange
    }

    fn left(&self) -> Duration {
        self.network.options.limits.total.saturating_sub(self.began.elapsed())
    }
}

/// Whether a reused connection had ended before the request could use it.
fn was_closed_meanwhile(exchange: &Exchange) -> bool {
    let is_closed = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Closed);
    let from_before = exchange.timing.connect.is_none() && exchange.timing.dns.is_none();
    let is_repeatable = matches!(exchange.request.method, Method::Get | Method::Head);
    is_closed && from_before && exchange.response.is_none() && is_repeatable
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::evidence::{Purpose, Step};
    use crate::transport::limits::OPENERS;
    use crate::transport::{BodyLimit, Limits, Options};

    /// After one run has waited for a server without an answer, others do not wait for it in turn.
    #[tokio::test]
    async fn server_that_hangs_in_tls_is_waited_for_once_by_all_runs() {
        let hangs = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/v2/", hangs.local_addr().unwrap());
        let limits = Limits { connect: Duration::from_millis(300), ..Limits::DEFAULT };
        let options = Options {
            resolve: Vec::new(),
            enclosed: None,
            authority_file: None,
            insecure_host: None,
            identity: None,
            limits,
        };
        let network = Arc::new(Network::new(options).unwrap());
        let (_running, stop) = watch::channel(None);
        let send = async || {
            let transport = Transport::new(Arc::clone(&network), stop.clone(), Ended::default());
            let ask = Ask {
                purpose: Purpose::Manifest("all"),
                method: Method::Get,
                url: url.parse().unwrap(),
                headers: Vec::new(),
                form: None,
                body: BodyLimit::MANIFEST,
                reach: Reach::Anywhere,
            };
            transport.send(ask).await
        };
        let exchanges = join_all((0..8).map(|_| send())).await;
        let failures = exchanges.iter().filter_map(|exchange| exchange.failure.as_ref());
        let (kinds, words): (Vec<_>, Vec<_>) =
            failures.map(|failure| (&failure.kind, failure.message.as_str())).unzip();
        assert_eq!(kinds, [&FailureKind::Timeout(Step::Tls); 8]);
        assert_eq!(
            words.iter().filter(|words| words.starts_with("not asked again: ")).count(),
            8 - OPENERS,
            "{words:?}"
        );
    }
}
