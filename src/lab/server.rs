//! One host on a socket: connections in, replies out.
//!
//! Whatever arrives, a host goes on: a connection that does not make sense is closed, and how many there may be at a
//! time and how much each may hold is bounded.

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
use super::fault::Fate;
use super::host::{Host, World};
use super::scenario::Speech;
use super::wire::{Answer, IncomingRequest};

/// The most bytes that the head of a request may have.
const HEAD_BYTES: u32 = 64 << 10;
/// The most requests on one connection at a time, and of each the most bytes of a body that are waiting to be thrown
/// away: nothing that is sent to a lab is kept.
const REQUESTS: u32 = 64;
const BODY_BYTES: u32 = 64 << 10;
/// How long a client may take to say what it wants, once it has begun to.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much somebody who spoke the wrong language may go on saying before the connection is closed.
const FAREWELL: u64 = 1 << 20;
/// The first byte of everything that begins a TLS connection (RFC 8446 §5.1, "handshake").
const TLS_HANDSHAKE: u8 = 0x16;
/// What ends a handshake, but for the number of the reason: a fatal alert (RFC 8446 §6, and RFC 5246 §7.2, which has the
/// same bytes).
const FATAL_ALERT: [u8; 6] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02];
/// How an SSH server greets who connects, before a word was said (RFC 4253 §4.2).
const SSH_GREETING: &[u8] = b"SSH-2.0-OpenSSH_9.6\r\n";

/// Where the hosts of a world can be reached, as other clients than ociscope must ask them: `https://gcr.io` is at
/// `https://127.0.0.1:5000`.
pub(super) type Addresses = Vec<(String, String)>;

/// A host of a world, and what it needs to be reached.
pub(super) struct Served {
    pub world: Arc<World>,
    /// Which of the hosts.
    pub number: usize,
    /// How it speaks TLS, where it does.
    pub tls: Option<Arc<ServerConfig>>,
    pub addresses: Arc<Addresses>,
}

impl Served {
    fn host(&self) -> &Host {
        &self.world.hosts[self.number]
    }

    /// Takes connections for as long as the task lives.
    pub async fn accept(self, listener: TcpListener) {
        let this = Arc::new(self);
        let mut connections = Connections::default();
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                // It was gone before it was taken, which is no reason to stop.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                // There are too many in the whole process.
                Err(_) => {
                    connections.close_one().await;
                    tokio::task::yield_now().await;
                    continue;
                }
            };
            let this = Arc::clone(&this);
            // Otherwise the end of an answer waits for the client to confirm its beginning, which takes it 40 ms.
            let prompt = stream.set_nodelay(true);
            let conversation = |stream| async move {
                // What goes wrong on a connection ends that connection.
                if prompt.is_ok() {
                    let _ = this.converse(stream).await;
                }
            };
            connections.take(stream, conversation).await;
        }
    }

    async fn converse(self: Arc<Self>, stream: Attended) -> io::Result<()> {
        match self.host().speaks() {
            Speech::Ssh => return say_and_close(stream, SSH_GREETING).await,
            Speech::TlsAlert => {
                stream.first_byte().await?;
                let alert = [&FATAL_ALERT[..], &[self.host().alert()]].concat();
                return say_and_close(stream, &alert).await;
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
                    // The alert has been sent. A connection that is closed with bytes unread is reset, and the client
                    // would lose it.
                    Err((_, stream)) => return say_and_close(stream, &[]).await,
                };
                if self.host().speaks() == Speech::HangUp {
                    stream.read_u8().await?;
                    return stream.shutdown().await;
                }
                self.speak_http(stream).await
            }
            (Some(_), false) if self.host().speaks() == Speech::HttpsAlone => Ok(()),
            (Some(_), false) => say_and_close(stream, dialect.answer_to_plain_http()).await,
            (None, true) => say_and_close(stream, dialect.answer_to_tls()).await,
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
            .header_read_timeout(PATIENCE)
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
        let asked_by_its_name = name_of(request).is_some_and(|name| name == self.host().name());
        let request = IncomingRequest {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers: request.headers().clone(),
        };
        let Fate::Answer(mut answer) = self.world.reply(self.host(), &request) else { return Err(Closed) };
        if !asked_by_its_name {
            readdress(&mut answer, &self.addresses);
        }
        Ok(response(answer, request.is_head()))
    }
}

/// Says something to a client that was not understood, and closes the connection. What the client still says is read
/// and thrown away: with words left unread, the system would break the connection and the answer with it.
async fn say_and_close(mut stream: Attended, words: &[u8]) -> io::Result<()> {
    stream.write_all(words).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(FAREWELL), &mut tokio::io::sink()).await?;
    Ok(())
}

/// The name by which a host is asked.
fn name_of(request: &http::Request<Incoming>) -> Option<&str> {
    let in_address = request.uri().authority().map(http::uri::Authority::as_str);
    in_address.or_else(|| request.headers().get(http::header::HOST)?.to_str().ok())
}

/// Puts loopback addresses in the place of names. Who asks by an address knows nothing of the names.
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
        // A scenario whose header cannot be sent would be found by the test that asks every one.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    let may_have_body = !matches!(answer.status, 204 | 304);
    if answer.tells_length && may_have_body && !response.headers().contains_key(CONTENT_LENGTH) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    }
    if may_have_body && !to_head {
        let whole = answer.body.len();
        let sent = answer.cut.map_or(whole, |cut| cut.min(whole));
        *response.body_mut() = Payload {
            left: Some(answer.body.slice(..sent)),
            breaks: sent < whole,
            on_its_way: None,
            had_its_turn: false,
            tells_length: answer.tells_length,
        };
    }
    response
}

/// The connection is closed in the place of an answer.
#[derive(Debug, thiserror::Error)]
#[error("the scenario closes this connection")]
struct Closed;

/// A body that may break off.
#[derive(Default)]
struct Payload {
    left: Option<Bytes>,
    breaks: bool,
    /// Ends when nobody holds the bytes any more that come before the break.
    on_its_way: Option<oneshot::Receiver<()>>,
    /// Whether there was time to send what comes before the break.
    had_its_turn: bool,
    tells_length: bool,
}

/// Bytes that tell when they are let go.
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
            let (held, on_its_way) = oneshot::channel();
            self.on_its_way = Some(on_its_way);
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(Held { bytes, _held: held })))));
        }
        // What is said must arrive before the connection breaks, and a stream that fails forgets what it has not sent:
        // so its bytes have to be written first, and then it is given a turn to send them, and the head of the answer.
        if let Some(on_its_way) = &mut self.on_its_way {
            let _ = ready!(Pin::new(on_its_way).poll(context));
            self.on_its_way = None;
        }
        if self.breaks && !std::mem::replace(&mut self.had_its_turn, true) {
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
            Some(bytes) if self.tells_length && !self.breaks => SizeHint::with_exact(bytes.len() as u64),
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}
