//! Answers of servers, built for tests.

use super::digest_of;
use crate::evidence::testing::answered;
use crate::evidence::{Body, Connection, Failure, FailureKind, Method, RequestHeader, Response};
use crate::text::Untrusted;

/// An answer, or the reason why there is none.
#[derive(Debug, Clone)]
pub(crate) struct Canned {
    pub response: Option<Response>,
    pub failure: Option<Failure>,
    pub connection: Connection,
    pub(super) url: Option<String>,
    pub(super) method: Method,
    pub(super) redirected_from: Vec<String>,
    pub(super) request_headers: Vec<RequestHeader>,
}

/// An answer with a status, a content type and a body, without a sign of a registry.
pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Canned {
    let headers = if content_type.is_empty() { Vec::new() } else { vec![("content-type", content_type)] };
    let response = answered("http://registry.invalid/", status, &headers, body).response;
    Canned { response, ..failed(FailureKind::Other).without_failure() }
}

/// A registry's 200 for a document, with its digest.
pub(crate) fn served(content_type: &str, body: &str) -> Canned {
    let digest = digest_of(body).to_string();
    answer(200, content_type, body)
        .header("docker-content-digest", &digest)
        .header("docker-distribution-api-version", "registry/2.0")
}

/// A registry's refusal.
pub(crate) fn refused(status: u16, body: &str) -> Canned {
    answer(status, "application/json", body).header("docker-distribution-api-version", "registry/2.0")
}

/// No answer.
pub(crate) fn failed(kind: FailureKind) -> Canned {
    Canned {
        response: None,
        failure: Some(Failure::new(kind, "what the system said")),
        connection: Connection::default(),
        url: None,
        method: Method::Get,
        redirected_from: Vec::new(),
        request_headers: Vec::new(),
    }
}

impl Canned {
    fn without_failure(self) -> Self {
        Self { failure: None, ..self }
    }

    /// Replaces the body, and its length in the headers.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        if let Some(response) = &mut self.response {
            let bytes = bytes::Bytes::copy_from_slice(bytes);
            response.body = Body::whole(bytes);
        }
        self.header("content-length", &bytes.len().to_string())
    }

    /// Adds a header, or replaces one.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(response) = &mut self.response {
            response.headers.retain(|(other, _)| other != name);
            response.headers.push((name.to_owned(), Untrusted::from(value)));
        }
        self
    }

    /// Makes the body end early.
    pub(crate) fn broken(mut self, kind: FailureKind) -> Self {
        self.failure = Some(Failure::new(kind, "the body ended early"));
        if let Some(response) = &mut self.response {
            response.body.truncated = true;
        }
        self
    }

    /// Makes the answer come from another address.
    pub(crate) fn from(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    /// Adds a header of the user's own to the request.
    pub(crate) fn asked_with(mut self, name: &str, value: &str) -> Self {
        self.request_headers.push(RequestHeader::sent(name, value));
        self
    }

    /// Prepends a redirect by each of these addresses.
    pub(crate) fn after(mut self, addresses: &[&str]) -> Self {
        self.redirected_from = addresses.iter().map(|&address| address.to_owned()).collect();
        self
    }

    /// Makes it an answer to HEAD: without a body, but with its length (RFC 9110 §8.6).
    pub(crate) fn by_head(mut self) -> Self {
        self.method = Method::Head;
        if let Some(response) = &mut self.response {
            if response.header("content-length").is_none() {
                let length = Untrusted::new(response.body.size.to_string());
                response.headers.push(("content-length".to_owned(), length));
            }
            response.body = Body::default();
        }
        self
    }
}
