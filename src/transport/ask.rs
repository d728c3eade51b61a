//! A request before it is sent: its target, its content, and how far it may go.

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::limits::BodyLimit;
use super::reach::Reach;
use crate::evidence::{
    Failure, FailureKind, Method, Purpose, Request, RequestForm, RequestHeader, RequestValue, Withheld,
};
use crate::text::Secret;

/// The value of a request header.
#[derive(Debug, Clone)]
pub enum HeaderText {
    /// A value that can be shown.
    Plain(String),
    /// A value that must not be shown.
    Secret {
        /// The recorded form.
        recorded: Withheld,
        /// The value on the wire.
        value: Secret,
    },
}

/// A form in the body of a request (`application/x-www-form-urlencoded`) whose last value is a secret.
#[derive(Debug, Clone)]
pub struct Form {
    /// The recorded form.
    pub recorded: RequestForm,
    /// The secret, encoded.
    pub value: Secret,
}

/// One request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The reason for the request.
    pub purpose: Purpose,
    /// The method; POST if and only if there is a form.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// The headers, in order. `User-Agent` and `Accept-Encoding: identity` are added after them.
    pub headers: Vec<(HeaderName, HeaderText)>,
    /// The form to post.
    pub form: Option<Form>,
    /// How much of the body to read.
    pub body: BodyLimit,
    /// Which addresses the request may connect to.
    pub reach: Reach,
}

/// The `User-Agent`, which identifies ociscope to operators.
pub(super) const USER_AGENT: &str = concat!("ociscope/", env!("CARGO_PKG_VERSION"));

impl Ask {
    /// The headers on the wire.
    pub(super) fn wire_headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        for (name, text) in &self.headers {
            let (value, secret) = match text {
                HeaderText::Plain(value) => (value.as_str(), false),
                HeaderText::Secret { value, .. } => (value.reveal(), true),
            };
            let mut value = HeaderValue::from_str(value).map_err(|_| {
                Failure::new(FailureKind::Other, format!("the value for {name} is not a valid header value"))
            })?;
            value.set_sensitive(secret);
            headers.append(name.clone(), value);
        }
        headers.entry(reqwest::header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        headers.entry(reqwest::header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        Ok(headers)
    }

    /// The body on the wire.
    pub(super) fn wire_body(&self) -> Bytes {
        self.form.as_ref().map_or_else(Bytes::new, |Form { recorded: RequestForm { fields, name, .. }, value }| {
            format!("{fields}&{name}={}", value.reveal()).into()
        })
    }

    /// The request as it is recorded, without secrets.
    pub(super) fn recorded(&self) -> Request {
        let recorded = |(name, text): &(HeaderName, HeaderText)| RequestHeader {
            name: name.to_string(),
            value: match text {
                HeaderText::Plain(value) => RequestValue::Sent(value.clone()),
                HeaderText::Secret { recorded, .. } => RequestValue::Withheld(recorded.clone()),
            },
        };
        let mut headers: Vec<_> = self.headers.iter().map(recorded).collect();
        for (name, value) in [("accept-encoding", "identity"), ("user-agent", USER_AGENT)] {
            if !headers.iter().any(|header| header.name == name) {
                headers.push(RequestHeader::sent(name, value));
            }
        }
        let form = self.form.as_ref().map(|form| form.recorded.clone());
        Request { purpose: self.purpose, method: self.method, url: self.url.clone(), headers, form }
    }
}
