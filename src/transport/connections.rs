//! The connections of a run, kept for the next request to the same origin, and the requests that are sent over them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::Full;
use tokio::time::timeout;

use super::arriving::Arriving;
use super::ask::Ask;
use super::bare::ConnectionPlan;
use super::open::{Open, SendFault, Sender};
use crate::oci::Origin;

/// How long a connection may take to become ready for the next request: the last body has just been read, or it is still
/// being read, and then another connection is opened.
const READY: Duration = Duration::from_millis(100);
/// Connections that are open. Over HTTP/2 all requests to an origin share one.
#[derive(Default)]
pub(crate) struct Connections(Mutex<HashMap<Origin, Vec<Open>>>);

/// An answer, and how it came.
pub(crate) struct Arrived {
    pub response: http::Response<Arriving>,
    pub remote: Option<SocketAddr>,
    pub reused: bool,
}

impl Connections {
    /// Sends one request with exactly these headers and a `Host`.
    pub(crate) async fn send(
        &self,
        ask: &Ask,
        headers: HeaderMap,
        route: ConnectionPlan<'_>,
    ) -> Result<Arrived, SendFault> {
        let kept = self.kept(route.origin).await;
        let reused = kept.is_some();
        let mut open = match kept {
            Some(open) => open,
            None => {
                let open = route.open().await?;
                // Whoever asks meanwhile need not open another.
                open.shared().into_iter().for_each(|shared| self.keep(route.origin, shared));
                open
            }
        };
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
            // The final answer may have come in the same piece.
            (Ok(_), Some(flood)) => return Err(flood.into()),
            (Ok(response), None) => response,
            (Err(error), _) => return Err(open.reason(error).await),
        };
        open.flooded.arrived(true);
        let response = response.map(|body| Arriving::new(body, &open.flooded));
        let remote = open.remote;
        if matches!(open.sender, Sender::One(_)) {
            self.keep(route.origin, open);
        }
        Ok(Arrived { response, remote, reused })
    }

    /// A connection from before that can be used now.
    async fn kept(&self, origin: &Origin) -> Option<Open> {
        while let Some(mut open) = self.take(origin) {
            match &mut open.sender {
                Sender::Two(_) => return Some(open),
                Sender::One(sender) => match timeout(READY, sender.ready()).await {
                    Ok(Ok(())) => return Some(open),
                    Ok(Err(_)) => {}
                    Err(_) => {
                        self.keep(origin, open);
                        return None;
                    }
                },
            }
        }
        None
    }

    fn take(&self, origin: &Origin) -> Option<Open> {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = connections.get_mut(origin)?;
        kept.retain(|open| !open.is_closed());
        kept.iter().find_map(Open::shared).or_else(|| kept.pop())
    }

    fn keep(&self, origin: &Origin, open: Open) {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connections.entry(origin.clone()).or_default().push(open);
    }
}

/// Over a plain HTTP proxy the whole address stands on the request line, elsewhere only its path (RFC 9112 §3.2);
/// HTTP/2 always names the authority.
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
