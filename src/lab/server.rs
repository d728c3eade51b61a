//! One host on a socket: connections in, replies out.
//!
//! A host survives any input: it closes an invalid connection, and limits the number of connections and the memory of
//! each.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::connections::{Attended, Connections};
use super::fault::Outcome;
use super::host::{Host, World};
use super::scenario::Speech;
use super::wire::{Answer, IncomingRequest};

/// The limit of the head of a request, in bytes.
const HEAD_BYTES: u32 = 64 << 10;
/// The limits of simultaneous requests on one connection, and of the buffered body of each, in bytes. The lab discards
/// request bodies.
const REQUESTS: u32 = 64;
const BODY_BYTES: u32 = 64 << 10;
/// The time limit for the head of a request, once its first byte has arrived.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How many bytes are still read from a client with the wrong protocol before the connection is closed.
const DISCARDED_BYTES: u64 = 1 << 20;
/// The first byte of a TLS connection (RFC 8446 §5.1, "handshake").
const TLS_HANDSHAKE: u8 = 0x16;
/// A fatal alert without its number, which is the last byte (RFC 8446 §6, and RFC 5246 §7.2, which has the same bytes).
const FATAL_ALERT: [u8; 6] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02];
/// The banner of an SSH server, which it sends first (RFC 4253 §4.2).
const SSH_BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.6\r\n";

/// The addresses of hosts for clients other than ociscope: `https://gcr.io` is at `https://127.0.0.1:5000`.
pub(super) type Addresses = Vec<(String, String)>;

/// A host of a world, with its TLS configuration and addresses.
pub(super) struct Served {
    pub world: Arc<World>,
    /// The index of the host in the world.
    pub number: usize,
    /// The TLS configuration, if it speaks TLS.
    pub tls: Option<Arc<ServerConfig>>,
    pub addresses: Arc<Addresses>,
}

impl Served {
    fn host(&self) -> &Host {
        &self.world.hosts[self.number]
    }

    /// Accepts connections as long as the task lives.
    pub async fn accept(self, listener: TcpListener) {
        let this = Arc::new(self);
        let mut connections = Connections::default();
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                // The client closed the connection before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                // The process has too many open files.
                Err(_) => {
                    connections.close_one().await;
                    tokio::task::yield_now().await;
                    continue;
                }
            };
            let this = Arc::clone(&this);
            // Otherwise the end of an answer waits 40 ms for the client to acknowledge its beginning.
            let prompt = stream.set_nodelay(true);
            let conversation = |stream| async move {
                // An error on a connection ends only that connection.
                if prompt.is_ok() {
                    let _ = this.converse(stream).await;
                }
            };
            connections.take(stream, conversation).await;
        }
    }

    async fn converse(self: Arc<Self>, stream: Attended) -> io::Result<()> {
        match self.host().speaks() {
            Speech::Ssh => return send_and_close(stream, SSH_BANNER).await,
            Speech::TlsAlert => {
                stream.first_byte().await?;
                let alert = [&FATAL_ALERT[..], &[self.host().alert()]].concat();
                return send_and_close(stream, &alert).await;
            }
            Speech::Nothing => return stream.first_byte().await.map(|_| ()),
            Speech::Http | Speech::Https | Speech::HttpsAlone | Speech::HangUp => {}
        }
        let Some(first) = stream.first_byte().await? else { return Ok(()) };
        let dialect = self.host().dialect();
        match (self.tls.clone(), first == TLS_HANDSHAKE) {
            (Some(tls), true) => {
                let mut stream = match TlsAcceptor::from(tls).accept(stream).into_fallible().await {
                    Ok(stream) => stream,
                    // The alert has been sent. Closing a connection with unread bytes resets it, and the client would
                    // lose the alert.
                    Err((_, stream)) => return send_and_close(stream, &[]).await,
                };
                if self.host().speaks() == Speech::HangUp {
                    stream.read_u8().await?;
                    return stream.shutdown().await;
                }
                self.speak_http(stream).await
            }
            (Some(_), false) if self.host().speaks() == Speech::HttpsAlone => Ok(()),
            (Some(_), false) => send_and_close(stream, dialect.answer_to_plain_http()).await,
            (None, true) => send_and_close(stream, dialect.answer_to_tls()).await,
            (None, false) => self.speak_http(stream).await,
        }
    }

    async fn speak_http(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> io::Result<()> {
        let service = service_fn(move |request| {
            let response = self.respond(&request);
            async move { response }
        });
        let mut server = auto::Builder::new(TokioExecutor::new());
        server
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_BYTES as usize)
            .title_case_headers(true)
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEAD_BYTES)
            .max_concurrent_streams(REQUESTS)
            .initial_stream_window_size(BODY_BYTES)
            .initial_connection_window_size(BODY_BYTES);
        server.serve_connection(TokioIo::new(stream), service).await.map_err(io::Error::other)
    }

    fn respond(&self, request: &http::Request<Incoming>) -> Result<http::Response<Payload>, Closed> {
        let requested_by_name = name_of(request).is_some_and(|name| name == self.host().name());
        let request = IncomingRequest {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers: request.headers().clone(),
        };
        let Outcome::Answer(mut answer) = self.world.reply(self.host(), &request) else { return Err(Closed) };
        if !requested_by_name {
            readdress(&mut answer, &self.addresses);
        }
        Ok(response(answer, request.is_head()))
    }
}

/// Sends bytes to a client with the wrong protocol, and closes the connection. Further input is read and discarded:
/// with unread input, the system would reset the connection and lose the answer.
async fn send_and_close(mut stream: Attended, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(DISCARDED_BYTES), &mut tokio::io::sink()).await?;
    Ok(())
}

/// The host name in a request.
fn name_of(request: &http::Request<Incoming>) -> Option<&str> {
    let in_address = request.uri().authority().map(http::uri::Authority::as_str);
    in_address.or_else(|| request.headers().get(http::header::HOST)?.to_str().ok())
}

/// Replaces names with loopback addresses, for a client that cannot resolve the names.
fn readdress(answer: &mut Answer, addresses: &Addresses) {
    for (name, value) in &mut answer.headers {
        if !["www-authenticate", "location", "link"].iter().any(|other| name.eq_ignore_ascii_case(other)) {
            continue;
        }
        for (origin, address) in addresses {
            if value == origin {
                value.clone_from(address);
            }
            for end in ["/", "\"", "?"] {
                *value = value.replace(&format!("{origin}{end}"), &format!("{address}{end}"));
            }
        }
    }
}

fn response(answer: Answer, to_head: bool) -> http::Response<Payload> {
    let mut response = http::Response::new(Payload::default());
    *response.status_mut() =
        http::StatusCode::from_u16(answer.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        // A test sends requests to every scenario, and would find an invalid header.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    let may_have_body = !matches!(answer.status, 204 | 304);
    if answer.has_length && may_have_body && !response.headers().contains_key(CONTENT_LENGTH) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    }
    if may_have_body && !to_head {
        let whole = answer.body.len();
        let sent = answer.cut.map_or(whole, |cut| cut.min(whole));
        *response.body_mut() = Payload {
            left: Some(answer.body.slice(..sent)),
            breaks: sent < whole,
            unsent: None,
            was_flushed: false,
            has_length: answer.has_length,
        };
    }
    response
}

/// The connection is closed instead of an answer.
#[derive(Debug, thiserror::Error)]
#[error("the scenario closes this connection")]
struct Closed;

/// A body that can end early.
#[derive(Default)]
struct Payload {
    left: Option<Bytes>,
    breaks: bool,
    /// Completes when the bytes before the break have been written.
    unsent: Option<oneshot::Receiver<()>>,
    /// Set once the connection had time to send the bytes before the break.
    was_flushed: bool,
    has_length: bool,
}

/// Bytes that signal when they are dropped.
struct Held {
    bytes: Bytes,
    _held: oneshot::Sender<()>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        let bytes = self.left.take().filter(|bytes| !bytes.is_empty());
        if let Some(bytes) = bytes {
            if !self.breaks {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            let (held, unsent) = oneshot::channel();
            self.unsent = Some(unsent);
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(Held { bytes, _held: held })))));
        }
        // The bytes must arrive before the connection breaks, and a failing stream drops what it has not sent: so they
        // have to be written first, and then the stream gets another poll to send them, and the head of the answer.
        if let Some(unsent) = &mut self.unsent {
            let _ = ready!(Pin::new(unsent).poll(context));
            self.unsent = None;
        }
        if self.breaks && !std::mem::replace(&mut self.was_flushed, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if std::mem::take(&mut self.breaks) {
            return Poll::Ready(Some(Err(Closed)));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left.as_ref().is_none_or(Bytes::is_empty) && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        match &self.left {
            Some(bytes) if self.has_length && !self.breaks => SizeHint::with_exact(bytes.len() as u64),
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}
