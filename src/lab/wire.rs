//! Requests and answers as dialects see them: values, without sockets.

use std::borrow::Cow;

use base64::Engine as _;
use bytes::Bytes;
use http::HeaderMap;
use url::form_urlencoded;

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct IncomingRequest {
    /// `GET`, `HEAD`, or anything else that was sent.
    pub method: http::Method,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without its question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
}

/// The content of an `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Authorization {
    /// There is no such header.
    Missing,
    /// A user and a password.
    Basic {
        /// The name of the account.
        user: String,
        /// Its password.
        password: String,
    },
    /// A token.
    Bearer(String),
    /// Anything else.
    Other,
}

/// The endpoint of the distribution API in a path (distribution-spec, "Endpoints").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint<'a> {
    /// `/v2/`
    Base,
    /// `/v2/<name>/manifests/<reference>`
    Manifest {
        /// The name of the repository, as sent.
        repository: &'a str,
        /// The tag or digest, as sent.
        reference: &'a str,
    },
    /// `/v2/<name>/blobs/<digest>`
    Blob {
        /// The name of the repository, as sent.
        repository: &'a str,
        /// The digest, as sent.
        digest: &'a str,
    },
    /// `/v2/<name>/tags/list`
    Tags {
        /// The name of the repository, as sent.
        repository: &'a str,
    },
    /// `/v2/<name>/referrers/<digest>`
    Referrers {
        /// The name of the repository, as sent.
        repository: &'a str,
        /// The digest of the subject, as sent.
        digest: &'a str,
    },
    /// `/v2/_catalog`
    Catalog,
    /// Any other path.
    Other,
}

impl IncomingRequest {
    /// The first header with this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All `Accept` headers, in order; empty if there are none.
    pub fn accept(&self) -> Vec<&str> {
        self.headers.get_all(http::header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect()
    }

    /// Returns whether this is a `HEAD` request, which is answered like a `GET` but without the body.
    pub fn is_head(&self) -> bool {
        self.method == http::Method::HEAD
    }

    /// Returns whether this is a `GET` or `HEAD` request.
    pub fn reads(&self) -> bool {
        self.method == http::Method::GET || self.is_head()
    }

    /// The first query parameter with this name, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters(name).into_iter().next()
    }

    /// All query parameters with this name, decoded.
    pub fn parameters(&self, name: &str) -> Vec<String> {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// The content of the `Authorization` header.
    pub fn authorization(&self) -> Authorization {
        let Some(value) = self.header("authorization") else {
            return if self.headers.contains_key("authorization") {
                Authorization::Other
            } else {
                Authorization::Missing
            };
        };
        let Some((scheme, rest)) = value.split_once(' ') else { return Authorization::Other };
        if scheme.eq_ignore_ascii_case("bearer") {
            return Authorization::Bearer(rest.trim().to_owned());
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok();
        let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        match text.as_deref().and_then(|text| text.split_once(':')) {
            Some((user, password)) if scheme.eq_ignore_ascii_case("basic") => {
                Authorization::Basic { user: user.to_owned(), password: password.to_owned() }
            }
            _ => Authorization::Other,
        }
    }

    /// The endpoint in the path. Names, tags and digests are not validated: their grammar differs by registry.
    pub fn endpoint(&self) -> Endpoint<'_> {
        let Some(rest) = self.path.strip_prefix("/v2/") else { return Endpoint::Other };
        match rest {
            "" => return Endpoint::Base,
            "_catalog" => return Endpoint::Catalog,
            _ => {}
        }
        if let Some(repository) = rest.strip_suffix("/tags/list") {
            return Endpoint::Tags { repository };
        }
        let Some((before, last)) = rest.rsplit_once('/') else { return Endpoint::Other };
        if last.is_empty() {
            return Endpoint::Other;
        }
        match before.rsplit_once('/') {
            Some((repository, "manifests")) => Endpoint::Manifest { repository, reference: last },
            Some((repository, "blobs")) => Endpoint::Blob { repository, digest: last },
            Some((repository, "referrers")) => Endpoint::Referrers { repository, digest: last },
            _ => Endpoint::Other,
        }
    }
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers. `Content-Length` and `Date` are added when the answer is sent.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body. For `HEAD` only its length is used.
    pub body: Bytes,
    /// Set if the answer has a `Content-Length`. Otherwise the body is sent in chunks.
    pub has_length: bool,
    /// The number of bytes of the body after which the connection breaks, if it does.
    pub cut: Option<usize>,
}

impl Answer {
    /// Creates an answer without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), has_length: true, cut: None }
    }

    /// Creates an answer with a body of this type.
    pub fn with_body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::new(status) }.header("Content-Type", content_type)
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// Replaces all headers with this name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((Cow::Owned(name.to_owned()), value.into()));
    }

    /// Removes all headers with this name.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// Sends the body in chunks, without a `Content-Length`.
    pub fn chunked(mut self) -> Self {
        self.has_length = false;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> IncomingRequest {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        IncomingRequest {
            method: http::Method::GET,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
        }
    }

    #[test]
    fn paths_are_parsed_as_specified() {
        assert_eq!(get("/v2/").endpoint(), Endpoint::Base);
        assert_eq!(get("/v2").endpoint(), Endpoint::Other);
        let manifest = Endpoint::Manifest { repository: "a/manifests/b", reference: "latest" };
        assert_eq!(get("/v2/a/manifests/b/manifests/latest").endpoint(), manifest);
        assert_eq!(get("/v2/a/tags/list?n=2").endpoint(), Endpoint::Tags { repository: "a" });
        assert_eq!(get("/v2/a/blobs/").endpoint(), Endpoint::Other);
        assert_eq!(get("/v2/_catalog").endpoint(), Endpoint::Catalog);
    }

    #[test]
    fn authorization_header_is_parsed() {
        let with = |value: &str| {
            let mut request = get("/v2/");
            request.headers.insert("authorization", value.parse().unwrap());
            request.authorization()
        };
        assert_eq!(get("/v2/").authorization(), Authorization::Missing);
        assert_eq!(with("bearer t"), Authorization::Bearer("t".to_owned()));
        let basic = Authorization::Basic { user: "u".to_owned(), password: "p:q".to_owned() };
        assert_eq!(with("Basic dTpwOnE="), basic);
        assert_eq!(with("Basic !!"), Authorization::Other);
    }

    #[test]
    fn query_parameters_are_decoded() {
        let request = get("/token?scope=repository%3Aa%2Fb%3Apull&scope=x");
        assert_eq!(request.parameters("scope"), ["repository:a/b:pull", "x"]);
        assert_eq!(request.parameter("service"), None);
    }
}
