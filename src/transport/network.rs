//! Access to the network, which several runs may share, and the path of one request through it.

use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::Client;
use url::Url;

use super::apart::Opening;
use super::ask::Ask;
use super::bare::ConnectionPlan;
use super::body::Room;
use super::buffer::Long;
use super::dns::{Enclosed, ForReqwest, ResolveTo, Resolver};
use super::identity::ClientIdentity;
use super::limits::{HEADER_LINES, Limits};
use super::notes::{Facts, Notes};
use super::patience::in_time;
use super::pool::Pools;
use super::proxy::{Proxies, ProxyDecision, ProxyRoute};
use super::recorded::Recorded;
use super::shared::SharedAnswers;
use super::silence::{RunId, Silences};
use super::tls::{self, Roots, TlsError};
use super::{classify, connections};
use crate::evidence::{Failure, FailureKind, Method, TlsFault};
use crate::oci::{Origin, Scheme};

/// How a run reaches the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Address overrides for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// The only hosts that exist; `None` for the whole network.
    pub enclosed: Option<Enclosed>,
    /// A file with additional trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// The one host whose certificate faults are ignored.
    pub insecure_host: Option<String>,
    /// The client certificate, and the origins that it may be presented to.
    pub identity: Option<(ClientIdentity, Vec<Origin>)>,
    /// The time limits.
    pub limits: Limits,
}

/// Why no request can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// TLS cannot be configured as requested.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP library refused its settings.
    #[error("HTTP cannot be set up: {0}")]
    Http(String),
}

/// The state of one run, even if others share its connections.
pub(super) struct OfRun {
    /// The run's identifier among those that share the network.
    pub id: RunId,
    /// The room for the kept bytes of all answers.
    in_all: Room,
    /// The long ones among them.
    long: Long,
    /// The facts about the connections used so far.
    seen: Mutex<Vec<Arc<Facts>>>,
}

impl OfRun {
    /// The next run over this network.
    pub fn of(network: &Network) -> Self {
        Self { id: network.silences.run(), in_all: Room::default(), long: Long::default(), seen: Mutex::default() }
    }

    /// Whether this run uses a connection for the first time.
    fn is_new(&self, facts: &Arc<Facts>) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !seen.iter().any(|other| Arc::ptr_eq(other, facts));
        if is_new {
            seen.push(Arc::clone(facts));
        }
        is_new
    }
}

/// Access to the network, shared by concurrent and successive runs: the open connections, the trusted authorities, and
/// the addresses of names.
pub struct Network {
    pub(super) options: Options,
    pub(super) resolver: Arc<Resolver>,
    pub(super) proxies: Proxies,
    authorities: Vec<rustls::pki_types::CertificateDer<'static>>,
    pub(super) tls: Arc<OnceLock<(rustls::ClientConfig, Roots)>>,
    plain_client: OnceLock<Client>,
    tls_client: OnceLock<Client>,
    pools: Pools,
    pub(super) silences: Silences,
    pub(super) shared: SharedAnswers,
}

impl Network {
    /// Creates access to the network. TLS is configured on first use, so that a machine without a certificate store can
    /// still use plain HTTP.
    ///
    /// # Errors
    /// Fails if the authority file cannot be used.
    pub fn new(options: Options) -> Result<Self, TransportError> {
        let authorities = options.authority_file.as_deref().map(tls::read_authorities).transpose()?;
        Ok(Self::with(options, authorities.unwrap_or_default(), Arc::default(), Pools::default()))
    }

    fn with(
        options: Options,
        authorities: Vec<rustls::pki_types::CertificateDer<'static>>,
        tls: Arc<OnceLock<(rustls::ClientConfig, Roots)>>,
        pools: Pools,
    ) -> Self {
        let (resolver, proxies) = match &options.enclosed {
            Some(enclosed) => (Resolver::enclosed(enclosed), Proxies::none()),
            None => (Resolver::new(options.resolve.clone()), Proxies::from_environment()),
        };
        let (plain_client, tls_client) = Default::default();
        let (silences, shared) = Default::default();
        Self { options, resolver, proxies, authorities, tls, plain_client, tls_client, pools, silences, shared }
    }

    /// Whether the network was created with these options.
    pub fn is_by(&self, options: &Options) -> bool {
        self.options == *options
    }

    /// The same connections for a later command; names are looked up anew.
    pub(super) fn renewed(&self) -> Self {
        Self::with(self.options.clone(), self.authorities.clone(), Arc::clone(&self.tls), self.pools.clone())
    }

    /// Performs everything between the request and the last byte. Findings are put in `recorded` immediately, so that
    /// they are available however this ends.
    pub(super) async fn exchange(
        &self,
        ask: &Ask,
        proxy: ProxyDecision,
        notes: &Arc<Notes>,
        run: &OfRun,
        recorded: &mut Recorded,
    ) -> Option<Failure> {
        let Some(origin) = Origin::of(&ask.url) else {
            return Some(Failure::new(FailureKind::Other, "only http and https addresses are supported"));
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
        if let Some(failure) = self.silences.refusal(&origin, run.id, notes) {
            return Some(failure);
        }
        let headers = match ask.wire_headers() {
            Ok(headers) => headers,
            Err(failure) => return Some(failure),
        };
        let limits = self.options.limits;
        let fail =
            |error: &(dyn Error + 'static)| classify::failure(error, &notes.lock(), origin.scheme(), limits.connect);
        // Our own connections are counted and tapped; only the library supports the other kinds of proxies.
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
            return recorded
                .arrival(http::Response::from(response), &ask.body, limits.idle, (&run.in_all, &run.long))
                .await;
        }
        let tls = match self.bare_tls(origin.scheme()) {
            Ok(tls) => tls,
            Err(error) => return Some(Failure::new(FailureKind::Tls(TlsFault::SetUp), error.to_string())),
        };
        let route = ConnectionPlan { origin: &origin, resolver: &self.resolver, tls, proxy: proxy.clone(), notes };
        let turn = self.pools.turn(&origin, route.tls.is_some()).await;
        // The first requests may have waited without an answer meanwhile.
        if let Some(failure) = self.silences.refusal(&origin, run.id, notes) {
            return Some(failure);
        }
        let arrived = match in_time(connections::send(turn, ask, headers, route), notes, limits).await {
            Ok(Ok(arrived)) => arrived,
            Ok(Err(error)) => return Some(fail(&*error)),
            Err(waited) => return Some(classify::timeout(&notes.lock(), origin.scheme(), waited)),
        };
        recorded.connection.remote = arrived.remote;
        recorded.connection.reused = arrived.reused;
        let named = names_another(arrived.response.status());
        recorded.connection.place = self.place(&ask.url, arrived.remote, proxy.as_ref(), named).await;
        if run.is_new(&arrived.facts) && arrived.reused {
            // Another run has opened it, and its facts are true of this one too.
            notes.lock().recall(&arrived.facts);
        }
        let failure = recorded.arrival(arrived.response, &ask.body, limits.idle, (&run.in_all, &run.long)).await;
        drop(arrived.lease);
        failure
    }

    /// The host that a request may present the client certificate to, as the handshake names it.
    pub fn identifies_to(&self, url: &Url, proxy: &ProxyDecision) -> Option<String> {
        let (_, origins) = self.options.identity.as_ref()?;
        let origin = Origin::of(url).filter(|origin| origins.contains(origin))?;
        let host = origin.host().trim_matches(['[', ']']).to_owned();
        // A TLS proxy with the registry's own name would be indistinguishable from it.
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
            // Another request may have been faster; both configurations are equal.
            let _ = self.tls.set(made);
        }
        self.tls.get().ok_or_else(|| TransportError::Http("no TLS configuration".to_owned()))
    }

    /// TLS that ignores no certificate faults.
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
        // Plain HTTP has its own client, with a TLS configuration that trusts no one: creating it reads no files.
        let tls = match scheme {
            Scheme::Https => {
                // Incoming HTTP/2 cannot be counted here, and the library stores interim responses without bound.
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
        // Otherwise the library reads the environment itself.
        let builder = if self.options.enclosed.is_some() { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| TransportError::Http(error.without_url().to_string()))
    }
}

/// Whether an answer may name another server: a redirect, or a challenge with a realm.
fn names_another(status: reqwest::StatusCode) -> bool {
    status.is_redirection() || status == reqwest::StatusCode::UNAUTHORIZED
}

fn wire_method(method: Method) -> reqwest::Method {
    match method {
        // Only the other methods send requests; a handshake does not.
        Method::Get | Method::Tls => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
    }
}
