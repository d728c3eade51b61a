//! A connection of our own, and the requests sent over it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::Full;

use super::arriving::Arriving;
use super::ask::Ask;
use super::bare::ConnectionPlan;
use super::notes::Facts;
use super::open::{SendFault, Sender};
use super::pool::{Lease, Turn};

/// An answer, and how it arrived.
pub(crate) struct Arrived {
    pub response: http::Response<Arriving>,
    pub remote: Option<SocketAddr>,
    pub reused: bool,
    /// The results of its handshake and its connection.
    pub facts: Arc<Facts>,
    /// Held until the body has been read; then other requests may use the connection.
    pub lease: Lease,
}

/// Sends one request with exactly these headers and a `Host`, when its turn comes, over an existing connection or a new
/// one.
pub(crate) async fn send(
    turn: Turn,
    ask: &Ask,
    headers: HeaderMap,
    route: ConnectionPlan<'_>,
) -> Result<Arrived, SendFault> {
    let (mut open, lease, reused) = turn.connection(&route).await?;
    let mut request = request(ask, headers, &route, &open.sender)?;
    let sent = match &mut open.sender {
        Sender::One(sender) => {
            open.flooded.arrived(false);
            open.flooded.watch_request(&mut request);
            sender.send_request(request).await
        }
        Sender::Two(sender) => sender.send_request(request).await,
    };
    let response = match (sent, open.flooded.get()) {
        // The final answer may have arrived in the same piece.
        (Ok(_), Some(flood)) => return Err(flood.into()),
        (Ok(response), None) => response,
        (Err(error), _) => return Err(open.reason(error).await),
    };
    open.flooded.arrived(true);
    let response = response.map(|body| Arriving::new(body, &open.flooded));
    let (remote, facts) = (open.remote, Arc::clone(&open.facts));
    Ok(Arrived { response, remote, reused, facts, lease: lease.of(open) })
}

/// A plain HTTP proxy gets the whole URL in the request line, a server only the path (RFC 9112 §3.2); HTTP/2 always
/// names the authority.
fn request(
    ask: &Ask,
    mut headers: HeaderMap,
    route: &ConnectionPlan<'_>,
    sender: &Sender,
) -> Result<http::Request<Full<Bytes>>, SendFault> {
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
