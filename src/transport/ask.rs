//! A request before it is sent: what is asked, of whom, and how far it may go.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::limits::BodyLimit;
use super::place::place_of;
use crate::evidence::{Exchange, Failure, FailureKind, Method, Purpose, Request};
use crate::oci::{AddressClass, Place};
use crate::text::Secret;

/// Which addresses a request may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Any: the user named the host.
    Anywhere,
    /// Any, as long as all of the host's are of one class: a server named another port of the host that the user named. A
    /// name with addresses of several classes would lead to one of them there and to another here.
    SameHost,
    /// Those that a server at this place may name.
    NamedFrom(Place),
}

impl Reach {
    /// How far a server may send us, by where its own answer came from.
    pub fn after(exchange: &Exchange) -> Self {
        Self::NamedFrom(exchange.connection.place.unwrap_or(Place::ELSEWHERE))
    }

    /// How far the next server in a chain of redirects may send us: no further than the ones before it.
    #[must_use]
    pub fn and_after(self, exchange: &Exchange) -> Self {
        match (self, Self::after(exchange)) {
            (Self::NamedFrom(before), Self::NamedFrom(place)) => Self::NamedFrom(before.and(place)),
            (_, after) => after,
        }
    }

    /// The first of a host's addresses that may not be connected to, and why; `None` where all may.
    pub(crate) fn refuses(self, addresses: &[IpAddr]) -> Option<(IpAddr, AddressClass)> {
        match self {
            Self::Anywhere => None,
            Self::SameHost => {
                let classes = addresses.iter().map(|&address| (address, place_of(address).class));
                let (first, mut rest) = (classes.clone().next()?, classes.clone());
                let is_mixed = rest.any(|(_, class)| class != first.1);
                classes.filter(|_| is_mixed).find(|(_, class)| *class != AddressClass::Public)
            }
            Self::NamedFrom(place) => {
                let refused = |&address: &IpAddr| Some((address, place.refuses(place_of(address))?));
                addresses.iter().find_map(refused)
            }
        }
    }
}

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
