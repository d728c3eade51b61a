//! Exchanges for tests, built from servers' answers.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::{
    Body, Connection, Exchange, GrantForm, Method, Purpose, Request, RequestHeader, RequestValue, Response, SecretKind,
    Shape, Timing, Withheld,
};
use crate::text::Untrusted;

/// A GET of this address with an answer of this status, these headers and this body.
pub(crate) fn answered(url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), Untrusted::from(*value));
    let response = Response {
        status,
        reason: None,
        http_version: "HTTP/1.1".into(),
        headers: headers.iter().map(header).collect(),
        body: Body::whole(Bytes::copy_from_slice(body.as_bytes())),
    };
    Exchange { response: Some(response), ..unanswered(url) }
}

/// The header of a token.
pub(crate) fn token(value: &str) -> RequestHeader {
    withheld("authorization", SecretKind::Token, Some(GrantForm::Bearer), value)
}

/// A request header with a secret.
pub(crate) fn withheld(name: &str, kind: SecretKind, scheme: Option<GrantForm>, secret: &str) -> RequestHeader {
    let value = RequestValue::Withheld(Withheld { kind, scheme, shape: Some(Shape::of(secret)) });
    RequestHeader { name: name.to_owned(), value }
}

/// A text without the labels of removed secrets, which differ in each run.
pub(crate) fn without_labels(text: &str) -> String {
    let parts = text.split("label ").enumerate();
    parts.map(|(at, part)| if at == 0 { part.to_owned() } else { format!("label …{}", &part[4..]) }).collect()
}

/// A GET of this address without an answer.
pub(crate) fn unanswered(url: &str) -> Exchange {
    Exchange {
        request: Request {
            purpose: Purpose::Manifest("all"),
            method: Method::Get,
            url: Url::parse(url).expect("tests ask at addresses"),
            headers: Vec::new(),
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
