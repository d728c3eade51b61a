//! Where a request goes: scheme, host and port. Credentials belong to one of these and to nothing else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// How a registry is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// The scheme as it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL of this scheme means when it names none (RFC 9110 §4.2).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An origin in the sense of RFC 6454: two URLs with equal scheme, host and port, and no others, share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL; `None` where it is neither `http` nor `https`, or has no host.
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

    /// How it is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host in lower case; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own where the URL named none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host`, or `host:port` where the port is not the scheme's own.
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

/// A text is not an origin as [`Origin`] is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is written http://HOST or https://HOST, with a port where it is not the scheme's own")]
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
    fn scheme_host_and_port_make_an_origin() {
        assert_eq!(origin("https://R.test/v2/"), origin("https://r.test:443/token"));
        assert_ne!(origin("https://r.test/"), origin("http://r.test/"));
        assert_ne!(origin("https://r.test/"), origin("https://r.test:5001/"));
        assert_ne!(origin("https://r.test/"), origin("https://sub.r.test/"));
        assert_ne!(origin("https://r.test/"), origin("https://r.test./"));
        assert_eq!(Origin::of(&Url::parse("file:///etc/passwd").unwrap()), None);
    }

    #[test]
    fn the_scheme_s_own_port_is_not_shown() {
        assert_eq!(origin("https://r.test:443/x").to_string(), "https://r.test");
        assert_eq!(origin("http://[::1]:5000/x").to_string(), "http://[::1]:5000");
    }
}
