//! A request before it is sent: what is asked, of whom, and how far it may go.

use std::borrow::Cow;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::limits::BodyLimit;
use super::reach::Reach;
use crate::evidence::{Failure, FailureKind, Method, Purpose, Request};
use crate::text::Secret;

/// The value of a request header.
#[derive(Debug, Clone)]
pub enum HeaderText {
    /// One that can be shown.
    Plain(String),
    /// One that cannot, and the words that stand in for it.
    Secret {
        /// What it is, for the count of what was left out.
        what: &'static str,
        /// What is recorded.
        shown: String,
        /// What is sent.
        value: Secret,
    },
}

/// A form in the body of a request (`application/x-www-form-urlencoded`), whose last value is a secret.
#[derive(Debug, Clone)]
pub struct Form {
    /// What the secret is.
    pub what: &'static str,
    /// The fields before it, and its name with the equals sign.
    pub shown: String,
    /// All of it, as it is sent.
    pub sent: Secret,
}

/// One request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Why.
    pub purpose: Purpose,
    /// How; POST where there is a form, and only there.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// The headers, in order. `User-Agent` and `Accept-Encoding: identity` are added behind them.
    pub headers: Vec<(HeaderName, HeaderText)>,
    /// What is posted.
    pub form: Option<Form>,
    /// How much of the body is read.
    pub body: BodyLimit,
    /// Where it may connect to.
    pub reach: Reach,
}

/// What is sent as `User-Agent`, so that an operator can tell who asked.
pub(super) const USER_AGENT: &str = concat!("ociscope/", env!("CARGO_PKG_VERSION"));

impl Ask {
    /// The headers as they go out.
    pub(super) fn wire_headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        for (name, text) in &self.headers {
            let (value, secret) = match text {
                HeaderText::Plain(value) => (value.as_str(), false),
                HeaderText::Secret { value, .. } => (value.reveal(), true),
            };
            let mut value = HeaderValue::from_str(value).map_err(|_| {
                Failure::new(FailureKind::Other, format!("the value for {name} cannot stand in a header"))
            })?;
            value.set_sensitive(secret);
            headers.append(name.clone(), value);
        }
        headers.entry(reqwest::header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        headers.entry(reqwest::header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        Ok(headers)
    }

    /// The body as it goes out.
    pub(super) fn wire_body(&self) -> Bytes {
        self.form.as_ref().map_or_else(Bytes::new, |form| Bytes::copy_from_slice(form.sent.reveal().as_bytes()))
    }

    /// The request as it is recorded: every secret replaced by the words that stand in for it.
    pub(super) fn recorded(&self) -> Request {
        let shown = |text: &HeaderText| match text {
            HeaderText::Plain(value) => value.clone(),
            HeaderText::Secret { shown, .. } => shown.clone(),
        };
        let mut headers: Vec<(String, String)> =
            self.headers.iter().map(|(name, text)| (name.to_string(), shown(text))).collect();
        for (name, value) in [("accept-encoding", "identity"), ("user-agent", USER_AGENT)] {
            if !headers.iter().any(|(other, _)| other == name) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        let secret = |text: &HeaderText| match text {
            HeaderText::Plain(_) => None,
            HeaderText::Secret { what, .. } => Some(*what),
        };
        let withheld = self.headers.iter().filter_map(|(_, text)| secret(text));
        let withheld = withheld.chain(self.form.iter().map(|form| form.what)).map(Cow::Borrowed).collect();
        let form = self.form.as_ref().map(|form| form.shown.clone());
        Request { purpose: self.purpose, method: self.method, url: self.url.clone(), headers, withheld, form }
    }
}
