//! The target of a request: scheme, host and port. Credentials belong to exactly one of these.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// The scheme under which a registry is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// The scheme as URLs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of a URL of this scheme that names none (RFC 9110 §4.2).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An origin in the sense of RFC 6454: URLs share one if scheme, host and port are equal, and only then.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL; `None` if the scheme is neither `http` nor `https`, or there is no host.
    pub fn of(url: &Url) -> Option<Self> {
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let host = url.host_str()?.to_ascii_lowercase();
        let port = url.port().unwrap_or(scheme.default_port());
        Some(Self { scheme, host, port })
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host in lower case; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, which defaults to that of the scheme.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host`, or `host:port` if the port is not the default of the scheme.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let read = Url::parse(text).ok().and_then(|url| Self::of(&url));
        read.filter(|origin| origin.to_string() == text).ok_or(NotAnOrigin)
    }
}

/// The error for a text that is not in the form of an [`Origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is http://HOST or https://HOST, with the port if it is not the default")]
pub struct NotAnOrigin;

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::of(&Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn origin_consists_of_scheme_host_and_port() {
        assert_eq!(origin("https://R.test/v2/"), origin("https://r.test:443/token"));
        assert_ne!(origin("https://r.test/"), origin("http://r.test/"));
        assert_ne!(origin("https://r.test/"), origin("https://r.test:5001/"));
        assert_ne!(origin("https://r.test/"), origin("https://sub.r.test/"));
        assert_ne!(origin("https://r.test/"), origin("https://r.test./"));
        assert_eq!(Origin::of(&Url::parse("file:///etc/passwd").unwrap()), None);
    }

    #[test]
    fn default_port_is_not_shown() {
        assert_eq!(origin("https://r.test:443/x").to_string(), "https://r.test");
        assert_eq!(origin("http://[::1]:5000/x").to_string(), "http://[::1]:5000");
    }
}
