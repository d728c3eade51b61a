//! The one request that the HTTP library cannot send: one without an `Accept` header.
//!
//! reqwest adds `Accept: */*` where there is none, and a registry may answer the two differently. So this request goes
//! over hyper, which reqwest itself is built on, on a connection opened here. It is kept for the next request to the
//! same origin, as a pool would.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::select_ok;
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::{Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::ask::Ask;
use super::classify::plain_io_words;
use super::dns::Resolver;
use super::limits::{HEADER_BYTES, HEADER_LINES, OBJECTION};
use super::notes::Notes;
use super::proxy::ProxyRoute;
use super::tap::Tapped;
use crate::evidence::{Handshake, Untrusted};
use crate::oci::Origin;

pub(super) type Fault = Box<dyn Error + Send + Sync>;

/// Connections that are open, one for each origin at most.
#[derive(Default)]
pub(crate) struct BareConnections(Mutex<HashMap<Origin, Open>>);

struct Open {
    sender: Sender,
    remote: Option<SocketAddr>,
    /// The task that reads and writes; it ends with the connection, and knows why that ended.
    task: JoinHandle<hyper::Result<()>>,
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// Connects to whichever address answers first. Each gets a little head start on the next (RFC 8305 §5), so that one
/// that swallows everything does not hold up the others. Those that fail before are noted.
async fn first_to_connect(addresses: Vec<SocketAddr>, notes: Option<&Notes>) -> Result<TcpStream, Fault> {
    const HEAD_START: Duration = Duration::from_millis(300);
    let attempts = addresses.into_iter().zip(0_u32..).map(|(address, before)| {
        Box::pin(async move {
            tokio::time::sleep(HEAD_START * before).await;
            let connecting = TcpStream::connect(address).await;
            if let (Err(error), Some(notes)) = (&connecting, notes) {
                notes.lock().failed.push((address, plain_io_words(&error.to_string())));
            }
            connecting
        })
    });
    match attempts.collect::<Vec<_>>() {
        attempts if attempts.is_empty() => Err("the name has no address".into()),
        attempts => Ok(select_ok(attempts).await?.0),
    }
}

/// What a request needs from its run.
pub(crate) struct Route<'a> {
    pub origin: &'a Origin,
    pub resolver: &'a Resolver,
    pub tls: Option<ClientConfig>,
    pub proxy: Option<ProxyRoute>,
    pub notes: &'a Arc<Notes>,
}

/// An answer, and how it came.
pub(crate) struct Arrived {
    pub response: http::Response<Incoming>,
    pub remote: Option<SocketAddr>,
    pub reused: bool,
}

impl BareConnections {
    /// Sends one request with exactly these headers and a `Host`.
    pub(crate) async fn send(&self, ask: &Ask, headers: HeaderMap, route: Route<'_>) -> Result<Arrived, Fault> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(route.origin);
        let kept = match kept {
            Some(mut open) => open.sender.is_ready().await.then_some(open),
            None => None,
        };
        let reused = kept.is_some();
        let mut open = match kept {
            Some(open) => open,
            None => route.open().await?,
        };
        let request = request(ask, headers, &route, &open.sender)?;
        let sent = match &mut open.sender {
            Sender::One(sender) => sender.send_request(request).await,
            Sender::Two(sender) => sender.send_request(request).await,
        };
        let response = match sent {
            Ok(response) => response,
            Err(error) => return Err(open.reason(error).await.into()),
        };
        let remote = open.remote;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(route.origin.clone(), open);
        Ok(Arrived { response, remote, reused })
    }
}

impl Open {
    /// Why a request could not be sent. Where the connection ended before, the sender only knows that it did.
    async fn reason(self, error: hyper::Error) -> hyper::Error {
        drop(self.sender);
        match error.is_canceled() || error.is_closed() {
            true => self.task.await.ok().and_then(Result::err).unwrap_or(error),
            false => error,
        }
    }
}

impl Sender {
    async fn is_ready(&mut self) -> bool {
        match self {
            Self::One(sender) => sender.ready().await.is_ok(),
            Self::Two(sender) => sender.ready().await.is_ok(),
        }
    }
}

/// Over a plain HTTP proxy the whole address stands on the request line, elsewhere only its path (RFC 9112 §3.2);
/// HTTP/2 always names the authority.
fn request(
    ask: &Ask,
    mut headers: HeaderMap,
    route: &Route<'_>,
    sender: &Sender,
) -> Result<http::Request<Full<Bytes>>, Fault> {
    let whole: Uri = ask.url.as_str().parse()?;
    let through_proxy = route.proxy.is_some() && route.tls.is_none();
    let uri = match sender {
        Sender::One(_) if !through_proxy => whole.path_and_query().map_or("/", |path| path.as_str()).parse()?,
        _ => whole,
    };
    if matches!(sender, Sender::One(_)) {
        headers.insert(http::header::HOST, HeaderValue::from_str(&route.origin.authority())?);
    }
    if through_proxy && let Some(credentials) = route.proxy.as_ref().and_then(|proxy| proxy.credentials.clone()) {
        headers.insert(http::header::PROXY_AUTHORIZATION, credentials);
    }
    let mut request = http::Request::new(Full::new(ask.wire_body()));
    *request.method_mut() = ask.method.as_str().parse()?;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

impl Route<'_> {
    async fn open(&self) -> Result<Open, Fault> {
        let stream = self.reach("a request without Accept cannot be sent through this kind of proxy").await?;
        let remote = stream.peer_addr().ok();
        stream.set_nodelay(true)?;
        let (sender, task) = match &self.tls {
            None => self.connected(stream, false).await?,
            Some(tls) => {
                let connector = TlsConnector::from(Arc::new(tls.clone()));
                let name = self.server_name()?;
                if self.proxy.is_some() {
                    let stream = connector.connect(name, TokioIo::new(self.tunnel(stream).await?)).await?;
                    let second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    self.connected(stream, second).await?
                } else {
                    let stream = connector.connect(name, stream).await?;
                    let second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    self.connected(stream, second).await?
                }
            }
        };
        Ok(Open { sender, remote, task })
    }

    /// Connects to the origin, or to the proxy that is in between. `otherwise` is said of proxies of another kind.
    async fn reach(&self, otherwise: &'static str) -> Result<TcpStream, Fault> {
        self.notes.lock().connect_began = Some(Instant::now());
        match &self.proxy {
            None => self.dial(self.origin.host(), self.origin.port(), Some(self.notes)).await,
            Some(proxy) => {
                if proxy.address.scheme_str() != Some("http") {
                    return Err(otherwise.into());
                }
                let host = proxy.address.host().unwrap_or_default();
                self.dial(host, proxy.address.port_u16().unwrap_or(80), None).await
            }
        }
    }

    fn server_name(&self) -> Result<ServerName<'static>, Fault> {
        Ok(ServerName::try_from(self.origin.host().trim_start_matches('[').trim_end_matches(']').to_owned())?)
    }

    /// Connects, through the proxy where there is one, makes a TLS handshake, and closes the connection. Nothing is sent
    /// over it. The address that was connected to is noted at once.
    pub(super) async fn handshake(&self, remote: &mut Option<SocketAddr>) -> Result<Handshake, Fault> {
        let tls = self.tls.clone().ok_or("there is no TLS over plain HTTP")?;
        let stream = self.reach("a handshake alone cannot be made through a SOCKS proxy or a proxy over TLS").await?;
        *remote = stream.peer_addr().ok();
        let (connector, name) = (TlsConnector::from(Arc::new(tls)), self.server_name()?);
        match self.proxy {
            Some(_) => {
                let tunnel = TokioIo::new(self.tunnel(stream).await?);
                settled(connector.connect(name, tunnel).await?, self.notes).await
            }
            None => settled(connector.connect(name, stream).await?, self.notes).await,
        }
    }

    pub(super) async fn dial(&self, host: &str, port: u16, notes: Option<&Notes>) -> Result<TcpStream, Fault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse() {
            Ok(address) if notes.is_none() || !self.resolver.is_enclosed() => vec![SocketAddr::new(address, port)],
            _ if notes.is_some() => self.resolver.addresses(host, notes).await?,
            _ => tokio::net::lookup_host((host, port)).await?.collect(),
        };
        first_to_connect(addresses, notes).await
    }

    /// Asks an HTTP proxy for a way to the origin (RFC 9110 §9.3.6).
    async fn tunnel(&self, stream: TcpStream) -> Result<hyper::upgrade::Upgraded, Fault> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection.with_upgrades());
        let authority = format!("{}:{}", self.origin.host(), self.origin.port());
        let mut request = http::Request::connect(&authority).header(http::header::HOST, &authority);
        if let Some(credentials) = self.proxy.as_ref().and_then(|proxy| proxy.credentials.clone()) {
            request = request.header(http::header::PROXY_AUTHORIZATION, credentials);
        }
        let response = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
        if !response.status().is_success() {
            return Err(format!("the proxy answered {} to CONNECT", response.status().as_u16()).into());
        }
        Ok(hyper::upgrade::on(response).await?)
    }

    async fn connected<S>(&self, stream: S, second: bool) -> Result<(Sender, JoinHandle<hyper::Result<()>>), Fault>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.notes.lock().connected = Some(Instant::now());
        let stream = Tapped::new(stream, self.notes);
        if second {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .max_header_list_size(u32::try_from(HEADER_BYTES).unwrap_or(u32::MAX))
                .handshake(TokioIo::new(stream))
                .await?;
            return Ok((Sender::Two(sender), tokio::spawn(connection)));
        }
        let (sender, connection) =
            http1::Builder::new().max_headers(HEADER_LINES).handshake(TokioIo::new(stream)).await?;
        Ok((Sender::One(sender), tokio::spawn(connection)))
    }
}

/// What a handshake agreed on, once the server had time to object: in TLS 1.3 it looks at a client certificate after the
/// client has finished (RFC 8446 §4.4.2.4), and only its alert tells.
async fn settled<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: TlsStream<S>,
    notes: &Notes,
) -> Result<Handshake, Fault> {
    let asked = {
        let mut noted = notes.lock();
        noted.connected = Some(Instant::now());
        noted.certificate_request.is_some()
    };
    let session = stream.get_ref().1;
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS 1.3",
    };
    let cipher = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default();
    let handshake =
        Handshake { version, cipher: iana_name(cipher), protocol: session.alpn_protocol().map(Untrusted::from_bytes) };
    if asked && let Ok(read) = tokio::time::timeout(OBJECTION, stream.read_u8()).await {
        read?;
    }
    // That it is closed in order matters to nobody but the server.
    let _ = tokio::time::timeout(OBJECTION, stream.shutdown()).await;
    Ok(handshake)
}

/// The name of a cipher suite in the registry of IANA; the library marks those of TLS 1.3.
fn iana_name(cipher: &'static str) -> &'static str {
    match cipher {
        "TLS13_AES_128_GCM_SHA256" => "TLS_AES_128_GCM_SHA256",
        "TLS13_AES_256_GCM_SHA384" => "TLS_AES_256_GCM_SHA384",
        "TLS13_CHACHA20_POLY1305_SHA256" => "TLS_CHACHA20_POLY1305_SHA256",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Reach;

    /// A port where something listens, and one where nothing does any more.
    async fn open_and_closed() -> (tokio::net::TcpListener, SocketAddr, SocketAddr) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = (listener.local_addr().unwrap(), gone.local_addr().unwrap());
        (listener, addresses.0, addresses.1)
    }

    #[tokio::test]
    async fn what_was_tried_in_vain_before_it_succeeded_is_noted() {
        let (_listener, open, closed) = open_and_closed().await;
        let notes = Notes::new(open.port(), Reach::Anywhere);
        let stream = first_to_connect(vec![closed, open], Some(&notes)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
        assert_eq!(notes.lock().failed.iter().map(|(address, _)| *address).collect::<Vec<_>>(), [closed]);
    }

    #[tokio::test]
    async fn what_was_not_needed_has_not_failed() {
        let (_listener, open, closed) = open_and_closed().await;
        let notes = Notes::new(open.port(), Reach::Anywhere);
        first_to_connect(vec![open, closed], Some(&notes)).await.unwrap();
        assert_eq!(notes.lock().failed, []);
    }
}
