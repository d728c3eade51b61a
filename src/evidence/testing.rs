//! Exchanges for tests, put together from what servers answer.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::{Body, Connection, Exchange, Method, Purpose, Request, Response, Timing, Untrusted};

/// A GET of this address that was answered with this status, these headers and this body.
pub(crate) fn answered(url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), Untrusted::from(*value));
    let response = Response {
        status,
        reason: None,
        http_version: "HTTP/1.1",
        headers: headers.iter().map(header).collect(),
        body: Body { bytes: Bytes::copy_from_slice(body.as_bytes()), size: body.len() as u64, ..Body::default() },
    };
    Exchange { response: Some(response), ..unanswered(url) }
}

/// A GET of this address that nothing came of.
pub(crate) fn unanswered(url: &str) -> Exchange {
    Exchange {
        request: Request {
            purpose: Purpose::Manifest("all"),
            method: Method::Get,
            url: Url::parse(url).expect("tests ask at addresses"),
            headers: Vec::new(),
            withheld: Vec::new(),
            form: None,
        },
        response: None,
        failure: None,
        connection: Connection::default(),
        started: Duration::ZERO,
        duration: Duration::ZERO,
        timing: Timing::default(),
    }
}
