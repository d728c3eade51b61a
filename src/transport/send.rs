//! Sending one request and recording it.

use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Client;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use super::apart::Opening;
use super::ask::Ask;
use super::bare::ConnectionPlan;
use super::body::Room;
use super::classify;
use super::connections::Connections;
use super::dns::{Enclosed, ForReqwest, ResolveTo, Resolver};
use super::ended::Ended;
use super::identity::ClientIdentity;
use super::limits::{HEADER_LINES, Limits};
use super::notes::{NOTES, Notes};
use super::patience::in_time;
use super::proxy::{Proxies, ProxyDecision, ProxyRoute};
use super::reach::Reach;
use super::recorded::Recorded;
use super::tls::{self, Roots, TlsError};
use crate::evidence::{Exchange, Failure, FailureKind, Method, Request, TlsFault};
use crate::oci::{Origin, Scheme};

/// How a run reaches the network.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connect elsewhere for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// The only hosts there are; without it, all of the network.
    pub enclosed: Option<Enclosed>,
    /// A file with further trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// The one host whose certificate may have faults.
    pub insecure_host: Option<String>,
    /// The client certificate, and the origins that it may be shown to.
    pub identity: Option<(ClientIdentity, Vec<Origin>)>,
    /// The bounds in time.
    pub limits: Limits,
}

/// Why nothing can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// TLS cannot be set up as asked.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP library refused its settings.
    #[error("HTTP cannot be set up: {0}")]
    Http(String),
}

/// Why a run is ended before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user interrupted.
    Interrupted,
}

/// Sends requests, each on its own merits, within the time of one run.
pub struct Transport {
    pub(super) network: Arc<Network>,
    began: Instant,
    pub(super) stop: watch::Receiver<Option<Stop>>,
    /// For what is kept of all answers.
    in_all: Room,
    ended: Ended,
}

/// What may outlive a run: the way to the network, with connections that are still open.
pub(super) struct Network {
    pub options: Options,
    pub resolver: Arc<Resolver>,
    pub proxies: Proxies,
    authorities: Vec<rustls::pki_types::CertificateDer<'static>>,
    tls: OnceLock<(rustls::ClientConfig, Roots)>,
    plain_client: OnceLock<Client>,
    tls_client: OnceLock<Client>,
    connections: Connections,
}

impl Transport {
    /// A transport for one run, which says in `ended` what came of each request. TLS is set up when it is first needed, so
    /// that a machine without a certificate store can still speak plain HTTP.
    ///
    /// # Errors
    /// Where the authority file cannot be used.
    pub fn new(options: Options, stop: watch::Receiver<Option<Stop>>, ended: Ended) -> Result<Self, TransportError> {
        let authorities = options.authority_file.as_deref().map(tls::read_authorities).transpose()?;
        let (resolver, proxies) = match &options.enclosed {
            Some(enclosed) => (Resolver::enclosed(enclosed), Proxies::none()),
            None => (Resolver::new(options.resolve.clone()), Proxies::from_environment()),
        };
        let network = Network {
            resolver,
            proxies,
            authorities: authorities.unwrap_or_default(),
            tls: OnceLock::new(),
            plain_client: OnceLock::new(),
            tls_client: OnceLock::new(),
            connections: Connections::default(),
            options,
        };
        Ok(Self { network: Arc::new(network), began: Instant::now(), stop, in_all: Room::default(), ended })
    }

    /// A transport for another run over the same connections, as far as they are still open. All of its time and its room
    /// are left.
    #[must_use]
    pub fn renewed(&self, stop: watch::Receiver<Option<Stop>>) -> Self {
        let (network, in_all) = (Arc::clone(&self.network), Room::default());
        Self { network, began: Instant::now(), stop, in_all, ended: Ended::default() }
    }

    /// Where the trusted authorities came from; `None` before the first request over TLS.
    pub fn roots(&self) -> Option<Roots> {
        self.network.tls.get().map(|(_, roots)| *roots)
    }

    /// Whether the run is to end: nothing more should be asked.
    pub fn is_stopped(&self) -> bool {
        self.stop.borrow().is_some() || self.left().is_zero()
    }

    /// Passwords of proxies in the environment, so that they can be kept out of every output.
    pub fn proxy_passwords(&self) -> Vec<String> {
        self.network.proxies.passwords()
    }

    /// Sends a request and records what happens, up to the last byte that is wanted. Never fails; see the module.
    ///
    /// Where a connection from before turns out to have been closed meanwhile, which any server may do, it is sent once
    /// more over a new one, and the exchange says so (RFC 9110, section 9.2.2: GET and HEAD may be).
    pub async fn send(&self, ask: Ask) -> Exchange {
        let first = self.send_once(&ask).await;
        if !was_closed_meanwhile(&first) || self.is_stopped() {
            return first;
        }
        let mut again = self.send_once(&ask).await;
        again.connection.reopened = true;
        again.duration = again.duration.saturating_add(again.started.saturating_sub(first.started));
        again.started = first.started;
        again
    }

    async fn send_once(&self, ask: &Ask) -> Exchange {
        let port = ask.url.port_or_known_default().unwrap_or(0);
        let proxy = self.network.proxies.choose(&ask.url);
        // A proxy is the user's own choice, wherever it is, and it is the only thing that is connected to then.
        let reach = if matches!(proxy, Ok(Some(_))) { Reach::Anywhere } else { ask.reach };
        let notes = Notes::identifying(port, reach, self.network.identifies_to(&ask.url, &proxy));
        let work =
            async |recorded: &mut Recorded| self.network.exchange(ask, proxy, &notes, &self.in_all, recorded).await;
        self.record(ask.recorded(), &notes, work).await
    }

    /// Records a piece of work as the exchange of this request. It ends early with the run.
    pub(super) async fn record(
        &self,
        request: Request,
        notes: &Arc<Notes>,
        work: impl AsyncFnOnce(&mut Recorded) -> Option<Failure>,
    ) -> Exchange {
        let began = Instant::now();
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

impl Network {
    /// Everything between the request and the last byte. What is found on the way is put in `recorded` at once, so
    /// that it is there however this ends.
    async fn exchange(
        &self,
        ask: &Ask,
        proxy: ProxyDecision,
        notes: &Arc<Notes>,
        in_all: &Room,
        recorded: &mut Recorded,
    ) -> Option<Failure> {
        let Some(origin) = Origin::of(&ask.url) else {
            return Some(Failure::new(FailureKind::Other, "only http and https addresses can be asked"));
        };
        if let Some(failure) = self.refuse_literal_address(&ask.url, ask.reach) {
            return Some(failure);
        }
        let proxy = match proxy {
            Ok(proxy) => proxy,
            Err(words) => return Some(Failure::new(FailureKind::Proxy, words)),
        };
        recorded.connection.proxy = proxy.as_ref().map(|(choice, _)| choice.clone());
        let proxy = proxy.map(|(_, route)| route);
        if let Some(proxy) = &proxy
            && let Some(failure) = self.refuse_beyond(&ask.url, proxy, ask.reach).await
        {
            return Some(failure);
        }
        let headers = match ask.wire_headers() {
            Ok(headers) => headers,
            Err(failure) => return Some(failure),
        };
        let limits = self.options.limits;
        let fail =
            |error: &(dyn Error + 'static)| classify::failure(error, &notes.lock(), origin.scheme(), limits.connect);
        // Connections of our own are counted and looked at; to the other kinds of proxies only the library knows the way.
        let knows_the_way = proxy.as_ref().is_none_or(ProxyRoute::is_plain_http);
        if headers.contains_key(reqwest::header::ACCEPT) && !knows_the_way {
            let client = match self.client(origin.scheme()) {
                Ok(client) => client,
                Err(error) => return Some(Failure::new(FailureKind::Tls(TlsFault::SetUp), error.to_string())),
            };
            let request = client.request(wire_method(ask.method), ask.url.clone()).headers(headers);
            let request = if ask.form.is_some() { request.body(ask.wire_body()) } else { request }.send();
            let response = match in_time(Opening::of(request), notes, limits).await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => return Some(fail(&error)),
                Err(waited) => return Some(classify::timeout(&notes.lock(), origin.scheme(), waited)),
            };
            recorded.connection.remote = response.remote_addr();
            recorded.connection.reused = notes.lock().connect_began.is_none();
            let named = names_another(response.status());
            recorded.connection.place = self.place(&ask.url, response.remote_addr(), proxy.as_ref(), named).await;
            return recorded.arrival(http::Response::from(response), &ask.body, limits.idle, in_all).await;
        }
        let tls = match self.bare_tls(origin.scheme()) {
            Ok(tls) => tls,
            Err(error) => return Some(Failure::new(FailureKind::Tls(TlsFault::SetUp), error.to_string())),
        };
        let route = ConnectionPlan { origin: &origin, resolver: &self.resolver, tls, proxy: proxy.clone(), notes };
        let arrived = match in_time(self.connections.send(ask, headers, route), notes, limits).await {
            Ok(Ok(arrived)) => arrived,
            Ok(Err(error)) => return Some(fail(&*error)),
            Err(waited) => return Some(classify::timeout(&notes.lock(), origin.scheme(), waited)),
        };
        recorded.connection.remote = arrived.remote;
        recorded.connection.reused = arrived.reused;
        let named = names_another(arrived.response.status());
        recorded.connection.place = self.place(&ask.url, arrived.remote, proxy.as_ref(), named).await;
        recorded.arrival(arrived.response, &ask.body, limits.idle, in_all).await
    }

    /// The host that a request may show the client certificate to, as the handshake names it.
    pub fn identifies_to(&self, url: &Url, proxy: &ProxyDecision) -> Option<String> {
        let (_, origins) = self.options.identity.as_ref()?;
        let origin = Origin::of(url).filter(|origin| origins.contains(origin))?;
        let host = origin.host().trim_matches(['[', ']']).to_owned();
        // A proxy that speaks TLS under the registry's own name could not be told from it.
        let is_proxy = |route: &ProxyRoute| {
            let name = route.address.host().unwrap_or_default().trim_matches(['[', ']']);
            route.address.scheme_str() != Some("http") && name.eq_ignore_ascii_case(&host)
        };
        let confused = matches!(proxy, Ok(Some((_, route))) if is_proxy(route));
        (origin.scheme() == Scheme::Https && !confused).then_some(host)
    }

    fn tls(&self) -> Result<&(rustls::ClientConfig, Roots), TransportError> {
        if self.tls.get().is_none() {
            let insecure_host = self.options.insecure_host.as_deref();
            let identity = self.options.identity.as_ref().map(|(identity, _)| identity.clone());
            let made = match &self.options.enclosed {
                Some(enclosed) => tls::trusting_only(&enclosed.authority, insecure_host, identity)?,
                None => tls::configuration(&self.authorities, insecure_host, identity)?,
            };
            // Another request may have been faster; either configuration is the same.
            let _ = self.tls.set(made);
        }
        self.tls.get().ok_or_else(|| TransportError::Http("no TLS configuration".to_owned()))
    }

    /// TLS without the host whose certificate may have faults.
    pub fn strict_tls(&self) -> Result<rustls::ClientConfig, TransportError> {
        let identity = self.options.identity.as_ref().map(|(identity, _)| identity.clone());
        let (configuration, _) = match &self.options.enclosed {
            Some(enclosed) => tls::trusting_only(&enclosed.authority, None, identity)?,
            None => tls::configuration(&self.authorities, None, identity)?,
        };
        Ok(configuration)
    }

    fn bare_tls(&self, scheme: Scheme) -> Result<Option<rustls::ClientConfig>, TransportError> {
        match scheme {
            Scheme::Http => Ok(None),
            Scheme::Https => self.tls().map(|(configuration, _)| Some(configuration.clone())),
        }
    }

    fn client(&self, scheme: Scheme) -> Result<&Client, TransportError> {
        let slot = match scheme {
            Scheme::Http => &self.plain_client,
            Scheme::Https => &self.tls_client,
        };
        if slot.get().is_none() {
            let _ = slot.set(self.build_client(scheme)?);
        }
        slot.get().ok_or_else(|| TransportError::Http("no client".to_owned()))
    }

    fn build_client(&self, scheme: Scheme) -> Result<Client, TransportError> {
        let limits = self.options.limits;
        // Plain HTTP has a client of its own, with a TLS configuration that trusts nobody: making it reads no files.
        let tls = match scheme {
            Scheme::Https => {
                // What comes over HTTP/2 cannot be counted here, and the library keeps interim answers without bound.
                let mut tls = self.tls()?.0.clone();
                tls.alpn_protocols = vec![b"http/1.1".to_vec()];
                tls
            }
            Scheme::Http => tls::trusting_nobody()?,
        };
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(ForReqwest(Arc::clone(&self.resolver)))
            .connector_layer(super::connect::ConnectClock)
            .connect_timeout(limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .http1_max_headers(HEADER_LINES);
        // Otherwise the library reads the environment by itself.
        let builder = if self.options.enclosed.is_some() { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| TransportError::Http(error.without_url().to_string()))
    }
}

/// Whether an answer may name another server: a redirect, or a challenge with a realm.
fn names_another(status: reqwest::StatusCode) -> bool {
    status.is_redirection() || status == reqwest::StatusCode::UNAUTHORIZED
}

/// Whether a connection was over before it could be used, and was not opened for this request.
fn was_closed_meanwhile(exchange: &Exchange) -> bool {
    let is_closed = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Closed);
    let from_before = exchange.timing.connect.is_none() && exchange.timing.dns.is_none();
    let is_repeatable = matches!(exchange.request.method, Method::Get | Method::Head);
    is_closed && from_before && exchange.response.is_none() && is_repeatable
}

fn wire_method(method: Method) -> reqwest::Method {
    match method {
        // Requests are sent with the other methods alone; a handshake is none.
        Method::Get | Method::Tls => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
    }
}
