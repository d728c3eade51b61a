//! An exchange in progress: all findings are entered immediately, so that they are available however the request ends.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::body::Room;
use super::buffer::{Buffer, Long};
use super::limits::{BodyLimit, HEADER_BYTES};
use super::notes::Notes;
use super::{body, classify};
use crate::evidence::{Body, Connection, Exchange, Failure, FailureKind, Request, RequestHeader, Response, Timing};
use crate::text::Untrusted;

/// An exchange in progress.
pub(super) struct Recorded {
    request: Request,
    response: Option<Response>,
    /// What is known about the connection so far.
    pub connection: Connection,
    started: Duration,
    first_byte: Option<Instant>,
    buffer: Buffer,
}

impl Recorded {
    pub(super) fn new(request: Request, started: Duration) -> Self {
        let connection = Connection::default();
        Self { request, response: None, connection, started, first_byte: None, buffer: Buffer::default() }
    }

    /// Records a request header that is only known once there is a connection.
    pub(super) fn note_header(&mut self, name: &str, value: &str) {
        self.request.headers.push(RequestHeader::sent(name, value));
    }

    /// Records an answer and reads its body.
    pub(super) async fn arrival<B>(
        &mut self,
        response: http::Response<B>,
        limit: &BodyLimit,
        idle: Duration,
        kept: (&Room, &Long),
    ) -> Option<Failure>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        self.first_byte = Some(Instant::now());
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        if let Some(failure) = self.head(status, head.version, &head.headers, &head.extensions) {
            return Some(failure);
        }
        let recorded = &mut self.response.as_mut()?.body;
        body::read(body, status, limit, idle, kept, recorded, &mut self.buffer).await
    }

    /// Records the status line and headers; returns a failure if they exceed the limit.
    fn head(
        &mut self,
        status: u16,
        version: http::Version,
        headers: &HeaderMap,
        extensions: &http::Extensions,
    ) -> Option<Failure> {
        let mut room = HEADER_BYTES;
        let mut kept = Vec::new();
        for (name, value) in headers {
            let size = name.as_str().len() + value.len();
            if size > room {
                break;
            }
            room -= size;
            kept.push((name.as_str().to_owned(), Untrusted::from_bytes(value.as_bytes())));
        }
        let complete = kept.len() == headers.len();
        let reason = extensions.get::<hyper::ext::ReasonPhrase>().map(|r| Untrusted::from_bytes(r.as_bytes()));
        let http_version = match version {
            http::Version::HTTP_09 => "HTTP/0.9",
            http::Version::HTTP_10 => "HTTP/1.0",
            http::Version::HTTP_2 => "HTTP/2",
            http::Version::HTTP_3 => "HTTP/3",
            _ => "HTTP/1.1",
        };
        let http_version = http_version.into();
        self.response = Some(Response { status, reason, http_version, headers: kept, body: Body::default() });
        (!complete).then(classify::too_many_headers)
    }

    pub(super) fn finish(mut self, failure: Option<Failure>, notes: &Notes, began: Instant) -> Exchange {
        let noted = notes.lock().clone();
        let since = |from: Instant, to: Instant| to.saturating_duration_since(from);
        let dns = noted.dns.map(|(from, to)| since(from, to));
        let connecting_from = noted.dns.map(|(_, to)| to).or(noted.connect_began);
        let up = noted.hello.or(noted.connected);
        self.connection.addresses = noted.addresses;
        self.connection.failed = noted.failed;
        self.connection.tls_fault_ignored = noted.ignored_fault;
        self.connection.presented = noted.presented;
        self.connection.certificate_request = noted.certificate_request;
        self.connection.leaf_trusted_by = noted.leaf_trusted_by;
        let not_http = failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::NotHttp);
        if not_http && !noted.first_bytes.is_empty() {
            self.connection.begins_with = Some(noted.first_bytes);
        }
        if let Some(response) = &mut self.response {
            response.body.bytes = self.buffer.into_bytes();
            // The run was ended while the body was being read.
            let ended = |failure: &Failure| matches!(failure.kind, FailureKind::Deadline | FailureKind::Interrupted);
            response.body.truncated |= failure.as_ref().is_some_and(ended);
        }
        let ready = noted.connected.unwrap_or(began);
        Exchange {
            timing: Timing {
                dns,
                connect: connecting_from.zip(up).map(|(from, to)| since(from, to)),
                tls: noted.hello.zip(noted.connected).map(|(from, to)| since(from, to)),
                first_byte: self.first_byte.map(|at| since(ready.max(began), at)),
            },
            request: self.request,
            response: self.response,
            failure,
            connection: self.connection,
            started: self.started,
            duration: began.elapsed(),
        }
    }
}
