//! Tests whether a server that failed in one scheme speaks the other: with one ClientHello, or with one `GET /`.
//!
//! Neither carries anything of the run: no path, no name in an HTTP header, no credential, no header of the user's.
//! Each is one connection with bounds of its own, and is recorded as an exchange. Neither is sent through a proxy,
//! because the proxy would answer.

use std::sync::Arc;

use bytes::{BufMut, Bytes};
use http::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use url::Url;

use super::ask::USER_AGENT as OURS;
use super::bare::ConnectionPlan;
use super::body::Room;
use super::buffer::Long;
use super::interim::Flooded;
use super::limits::{BodyLimit, HEADER_LINES, OTHER_SCHEME};
use super::notes::Notes;
use super::open::SendFault;
use super::reach::Reach;
use super::recorded::Recorded;
use super::send::Transport;
use super::tap::Tapped;
use super::{classify, tls};
use crate::evidence::{Exchange, Failure, FailureKind, Method, Purpose, Request};
use crate::oci::{Origin, Scheme};

/// How many bytes of the answer to a ClientHello are read: a record header, a message header, and a few more to quote.
const FIRST: usize = 48;

impl Transport {
    /// Sends a ClientHello to a server that left plain HTTP unanswered, and reads the beginning of its answer, which
    /// [`answers_in_tls`](crate::evidence::Connection::answers_in_tls) interprets. `None` if nothing is sent, because
    /// the address may not be connected to or there is a proxy.
    pub async fn ask_for_tls(&self, origin: &Origin, reach: Reach) -> Option<Exchange> {
        let url = self.address_of_other_scheme(origin, Scheme::Https, reach)?;
        let notes = Notes::new(origin.port(), reach);
        let request = request(Purpose::SpeaksTls, Method::Tls, url);
        let work = async |recorded: &mut Recorded| {
            let asking = self.say_hello(origin, &notes, recorded);
            in_time(asking, &notes, Scheme::Https).await
        };
        Some(self.record(request, &notes, work).await)
    }

    /// Sends `GET /` over plain HTTP to a server that answered a TLS handshake with something else. `None` as for
    /// [`Self::ask_for_tls`].
    pub async fn ask_for_http(&self, origin: &Origin, reach: Reach) -> Option<Exchange> {
        let url = self.address_of_other_scheme(origin, Scheme::Http, reach)?;
        let notes = Notes::new(origin.port(), reach);
        let request = request(Purpose::SpeaksHttp, Method::Get, url);
        let work = async |recorded: &mut Recorded| {
            let asking = self.get_front_page(origin, &notes, recorded);
            in_time(asking, &notes, Scheme::Http).await
        };
        Some(self.record(request, &notes, work).await)
    }

    /// The address to test, if the request may reach it.
    fn address_of_other_scheme(&self, origin: &Origin, scheme: Scheme, reach: Reach) -> Option<Url> {
        let at = |scheme: Scheme| {
            let address = format!("{}://{}:{}/", scheme.as_str(), origin.host(), origin.port());
            Url::parse(&address).ok()
        };
        let url = at(scheme)?;
        let proxies = &self.network.proxies;
        let direct = |url: &Url| matches!(proxies.choose(url), Ok(None));
        let may =
            direct(&url) && direct(&at(origin.scheme())?) && self.network.refuse_literal_address(&url, reach).is_none();
        may.then_some(url)
    }

    async fn say_hello(
        &self,
        origin: &Origin,
        notes: &Arc<Notes>,
        recorded: &mut Recorded,
    ) -> Result<Option<Failure>, SendFault> {
        let hello = client_hello(origin)?;
        let mut stream = self.dial(origin, notes, recorded).await?;
        notes.lock().hello = Some(Instant::now());
        stream.write_all(&hello).await?;
        let mut first = Vec::with_capacity(FIRST);
        // The sixth byte is the kind of a handshake message; bytes that arrive together are read together.
        while first.len() < 6 && stream.read_buf(&mut (&mut first).limit(FIRST)).await? > 0 {}
        notes.lock().connected = Some(Instant::now());
        if first.is_empty() {
            return Ok(Some(Failure::new(FailureKind::Closed, "the connection was closed without an answer")));
        }
        recorded.connection.begins_with = Some(first);
        let in_tls = recorded.connection.answers_in_tls();
        Ok((!in_tls).then(|| Failure::new(FailureKind::NotTls, "the server did not answer in TLS")))
    }

    async fn get_front_page(
        &self,
        origin: &Origin,
        notes: &Arc<Notes>,
        recorded: &mut Recorded,
    ) -> Result<Option<Failure>, SendFault> {
        let stream = self.dial(origin, notes, recorded).await?;
        notes.lock().connected = Some(Instant::now());
        // A peer that does not speak TLS need not learn the requested name; it knows its own address anyway.
        let host = stream.peer_addr()?.to_string();
        let headers = [(HOST, host.as_str()), (ACCEPT, "*/*"), (USER_AGENT, OURS), (CONNECTION, "close")];
        let mut request = http::Request::get("/");
        for (name, value) in &headers {
            recorded.note_header(name.as_str(), value);
            request = request.header(name, *value);
        }
        let stream = TokioIo::new(Tapped::new(stream, notes, &Flooded::default(), false));
        let (mut sender, connection) = http1::Builder::new().max_headers(HEADER_LINES).handshake(stream).await?;
        // Dropped, with the connection, when the answer has been read.
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        let response = match sender.send_request(request.body(Empty::<Bytes>::new())?).await {
            Ok(response) => response,
            Err(error) => return Err(reason(error, connections).await.into()),
        };
        Ok(recorded.arrival(response, &BodyLimit::FRONT_PAGE, OTHER_SCHEME, (&Room::default(), &Long::default())).await)
    }

    async fn dial(&self, origin: &Origin, notes: &Arc<Notes>, recorded: &mut Recorded) -> Result<TcpStream, SendFault> {
        notes.lock().connect_began = Some(Instant::now());
        let route = ConnectionPlan { origin, resolver: &self.network.resolver, tls: None, proxy: None, notes };
        let stream = route.dial(origin.host(), origin.port(), Some(notes)).await?;
        recorded.connection.remote = stream.peer_addr().ok();
        Ok(stream)
    }
}

fn request(purpose: Purpose, method: Method, url: Url) -> Request {
    Request { purpose, method, url, headers: Vec::new(), form: None }
}

/// The first message of a TLS handshake, as bytes.
fn client_hello(origin: &Origin) -> Result<Vec<u8>, SendFault> {
    let name = origin.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let configuration = Arc::new(tls::trusting_nobody()?);
    let mut session = rustls::ClientConnection::new(configuration, ServerName::try_from(name)?)?;
    let mut hello = Vec::new();
    session.write_tls(&mut hello)?;
    Ok(hello)
}

/// Why a request failed: if the connection ended first, the sender only knows that it did.
async fn reason(error: hyper::Error, mut connections: JoinSet<hyper::Result<()>>) -> hyper::Error {
    if !error.is_canceled() && !error.is_closed() {
        return error;
    }
    let ended = connections.join_next().await;
    ended.and_then(Result::ok).and_then(Result::err).unwrap_or(error)
}

async fn in_time(
    asking: impl Future<Output = Result<Option<Failure>, SendFault>>,
    notes: &Notes,
    scheme: Scheme,
) -> Option<Failure> {
    match tokio::time::timeout(OTHER_SCHEME, asking).await {
        Ok(Ok(failure)) => failure,
        Ok(Err(error)) => Some(classify::failure(&*error, &notes.lock(), scheme, OTHER_SCHEME)),
        Err(_) => Some(classify::timeout(&notes.lock(), scheme, OTHER_SCHEME)),
    }
}
