//! A connection of our own to an origin, or through a proxy that forwards what it cannot read.
//!
//! reqwest adds `Accept: */*` to requests without one, and gives no access to the bytes of its connections. Wherever
//! possible, requests therefore use hyper, on which reqwest itself is built, over connections opened here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::select_ok;
use http_body_util::Empty;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::apart::{Apart, spawn};
use super::classify::ProxyUnknown;
use super::dns::Resolver;
use super::interim::Flooded;
use super::limits::{HEADER_BYTES, HEADER_LINES, OBJECTION, READ_AHEAD};
use super::notes::Notes;
use super::open::{Open, SendFault, Sender};
use super::proxy::ProxyRoute;
use super::system_words::plain_io_words;
use super::tap::Tapped;
use crate::evidence::TlsHandshake;
use crate::oci::Origin;
use crate::text::Untrusted;

/// Connects to the first address that answers. Each address gets a small head start on the next (RFC 8305 §5), so that
/// an unresponsive one does not delay the others. Earlier failures are noted.
async fn first_to_connect(addresses: Vec<SocketAddr>, notes: Option<&Notes>) -> Result<TcpStream, SendFault> {
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

/// The state of the run that a connection needs.
pub(crate) struct ConnectionPlan<'a> {
    pub origin: &'a Origin,
    pub resolver: &'a Resolver,
    pub tls: Option<ClientConfig>,
    pub proxy: Option<ProxyRoute>,
    pub notes: &'a Arc<Notes>,
}

impl ConnectionPlan<'_> {
    /// Opens a connection over which requests can be sent.
    pub(super) async fn open(&self) -> Result<Open, SendFault> {
        let stream = self.reach("a request without Accept cannot be sent through this kind of proxy").await?;
        let remote = stream.peer_addr().ok();
        stream.set_nodelay(true)?;
        let flooded = Flooded::default();
        let (sender, task) = match &self.tls {
            None => self.connected(stream, false, &flooded).await?,
            Some(tls) => {
                let connector = TlsConnector::from(Arc::new(tls.clone()));
                let name = self.server_name()?;
                if self.proxy.is_some() {
                    let stream = connector.connect(name, TokioIo::new(self.tunnel(stream).await?)).await?;
                    let second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    self.connected(stream, second, &flooded).await?
                } else {
                    let stream = connector.connect(name, stream).await?;
                    let second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    self.connected(stream, second, &flooded).await?
                }
            }
        };
        Ok(Open::new(sender, remote, task, flooded, &self.notes.lock()))
    }

    /// Connects to the origin, or to the proxy in between. `otherwise` is the error for proxies of another kind.
    async fn reach(&self, otherwise: &'static str) -> Result<TcpStream, SendFault> {
        self.notes.lock().connect_began = Some(Instant::now());
        match &self.proxy {
            None => self.dial(self.origin.host(), self.origin.port(), Some(self.notes)).await,
            Some(proxy) => {
                if !proxy.is_plain_http() {
                    return Err(otherwise.into());
                }
                let host = proxy.address.host().unwrap_or_default();
                self.dial(host, proxy.address.port_u16().unwrap_or(80), None).await
            }
        }
    }

    fn server_name(&self) -> Result<ServerName<'static>, SendFault> {
        Ok(ServerName::try_from(self.origin.host().trim_start_matches('[').trim_end_matches(']').to_owned())?)
    }

    /// Connects, through the proxy if there is one, performs a TLS handshake, and closes the connection. Nothing is
    /// sent over it. The address that was connected to is noted immediately.
    pub(super) async fn handshake(&self, remote: &mut Option<SocketAddr>) -> Result<TlsHandshake, SendFault> {
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

    pub(super) async fn dial(&self, host: &str, port: u16, notes: Option<&Notes>) -> Result<TcpStream, SendFault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse() {
            Ok(address) if notes.is_none() || !self.resolver.is_enclosed() => vec![SocketAddr::new(address, port)],
            _ if notes.is_some() => self.resolver.addresses(host, notes).await?,
            _ => {
                let found = tokio::net::lookup_host((host, port)).await;
                found.map_err(|error| ProxyUnknown(error.to_string()))?.collect()
            }
        };
        first_to_connect(addresses, notes).await
    }

    /// Requests a tunnel to the origin from an HTTP proxy (RFC 9110 §9.3.6).
    async fn tunnel(&self, stream: TcpStream) -> Result<hyper::upgrade::Upgraded, SendFault> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        spawn(connection.with_upgrades());
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

    async fn connected<S>(
        &self,
        stream: S,
        second: bool,
        flooded: &Flooded,
    ) -> Result<(Sender, JoinHandle<hyper::Result<()>>), SendFault>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.notes.lock().connected = Some(Instant::now());
        let stream = Tapped::new(stream, self.notes, flooded, second);
        if second {
            let (sender, connection) = http2::Builder::new(Apart)
                .max_header_list_size(u32::try_from(HEADER_BYTES).unwrap_or(u32::MAX))
                .handshake(TokioIo::new(stream))
                .await?;
            return Ok((Sender::Two(sender), spawn(connection)));
        }
        let (sender, connection) = http1::Builder::new()
            .max_headers(HEADER_LINES)
            .max_buf_size(READ_AHEAD)
            .handshake(TokioIo::new(stream))
            .await?;
        Ok((Sender::One(sender), spawn(connection)))
    }
}

/// The result of a handshake, once the server has had time to object: in TLS 1.3 the server checks a client certificate
/// after the client has finished (RFC 8446 §4.4.2.4), and only its alert reports a rejection.
async fn settled<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: TlsStream<S>,
    notes: &Notes,
) -> Result<TlsHandshake, SendFault> {
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
    let handshake = TlsHandshake {
        version: version.into(),
        cipher: iana_name(cipher).into(),
        protocol: session.alpn_protocol().map(Untrusted::from_bytes),
    };
    if asked && let Ok(read) = tokio::time::timeout(OBJECTION, stream.read_u8()).await {
        read?;
    }
    // Only the server is interested in an orderly close.
    let _ = tokio::time::timeout(OBJECTION, stream.shutdown()).await;
    Ok(handshake)
}

/// The name of a cipher suite in the IANA registry; the library marks those of TLS 1.3.
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

    /// A port that is listening, and one that no longer is.
    async fn open_and_closed() -> (tokio::net::TcpListener, SocketAddr, SocketAddr) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = (listener.local_addr().unwrap(), gone.local_addr().unwrap());
        (listener, addresses.0, addresses.1)
    }

    #[tokio::test]
    async fn failed_attempts_before_a_success_are_noted() {
        let (_listener, open, closed) = open_and_closed().await;
        let notes = Notes::new(open.port(), Reach::Anywhere);
        let stream = first_to_connect(vec![closed, open], Some(&notes)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
        assert_eq!(notes.lock().failed.iter().map(|(address, _)| *address).collect::<Vec<_>>(), [closed]);
    }

    #[tokio::test]
    async fn unneeded_attempts_are_not_failures() {
        let (_listener, open, closed) = open_and_closed().await;
        let notes = Notes::new(open.port(), Reach::Anywhere);
        first_to_connect(vec![open, closed], Some(&notes)).await.unwrap();
        assert_eq!(notes.lock().failed, []);
    }
}
