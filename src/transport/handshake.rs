//! One TLS handshake on its own: the certificates presented and the parameters negotiated.
//!
//! The verifier is the same as for requests, but `--insecure` has no effect: the result is what clients that verify
//! certificates see. Nothing is sent over the connection.

use url::Url;

use super::bare::ConnectionPlan;
use super::classify;
use super::notes::Notes;
use super::patience::in_time;
use super::reach::Reach;
use super::recorded::Recorded;
use super::send::Transport;
use crate::evidence::{Exchange, Failure, FailureKind, Method, Purpose, Request, TlsFault};
use crate::oci::{Origin, Scheme};

impl Transport {
    /// Performs a TLS handshake with the host and port of an address, through the same proxy as its requests, and
    /// closes the connection. Also returns the presented certificates in DER, as many as an exchange has.
    pub async fn handshake(&self, address: &Url) -> (Exchange, Vec<Vec<u8>>) {
        let network = &self.network;
        let proxy = network.proxies.choose(address);
        let identifies_to = network.identifies_to(address, &proxy);
        let port = address.port_or_known_default().unwrap_or(0);
        let notes = Notes::keeping_certificates(port, Reach::Anywhere, identifies_to);
        let request = Request {
            purpose: Purpose::Handshake,
            method: Method::Tls,
            url: address.clone(),
            headers: Vec::new(),
            form: None,
        };
        let work = async |recorded: &mut Recorded| {
            let proxy = match proxy {
                Ok(proxy) => proxy,
                Err(words) => return Some(Failure::new(FailureKind::Proxy, words)),
            };
            let (choice, proxy) = proxy.unzip();
            recorded.connection.proxy = choice;
            let Some(origin) = Origin::of(address) else {
                return Some(Failure::new(FailureKind::Other, "only http and https addresses are supported"));
            };
            let tls = match network.strict_tls() {
                Ok(tls) => tls,
                Err(error) => return Some(Failure::new(FailureKind::Tls(TlsFault::SetUp), error.to_string())),
            };
            let route =
                ConnectionPlan { origin: &origin, resolver: &network.resolver, tls: Some(tls), proxy, notes: &notes };
            let limits = network.options.limits;
            match in_time(route.handshake(&mut recorded.connection.remote), &notes, limits).await {
                Ok(Ok(handshake)) => {
                    recorded.connection.handshake = Some(handshake);
                    None
                }
                Ok(Err(error)) => Some(classify::failure(&*error, &notes.lock(), Scheme::Https, limits.connect)),
                Err(waited) => Some(classify::timeout(&notes.lock(), Scheme::Https, waited)),
            }
        };
        let exchange = self.record(request, &notes, work).await;
        let certificates = std::mem::take(&mut notes.lock().presented_der);
        (exchange, certificates)
    }
}
