//! What a registry, its token service and its storage answer. Nothing here looks at the clock or at a socket.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HOST, LINK, LOCATION, RANGE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;

use super::content::{INDEX, Store, Stored, letters, referrer};

/// The path of the token endpoint.
const TOKEN_PATH: &str = "/token";

/// What a server is there for.
pub enum Role {
    /// Serves the content of a store.
    Registry(Registry),
    /// Gives this token to every client.
    Tokens(String),
    /// Serves blobs at signed addresses.
    Storage(Arc<Store>),
    /// Accepts requests and never answers.
    Hanging,
}

/// A registry, and the servers that it sends clients to.
pub struct Registry {
    pub store: Arc<Store>,
    /// The token that it accepts, and where clients get it; `None` if everything is public.
    pub tokens: Option<(String, TokenService)>,
    /// Where its blobs are; `None` if it serves them itself.
    pub storage: Option<Elsewhere>,
    /// How many addresses it has signed.
    pub signed: AtomicU64,
}

/// The token service that a registry names in its challenge.
pub enum TokenService {
    /// The registry itself, at its own origin, as GitLab, Quay, Harbor and ghcr.io have it.
    Own { scheme: &'static str },
    /// A server on another host, as Docker Hub has it.
    Other(Elsewhere),
}

impl TokenService {
    fn origin(&self, request: &Request<Incoming>) -> String {
        match self {
            Self::Own { scheme } => format!("{scheme}://{}", asked_host(request).unwrap_or_default()),
            Self::Other(elsewhere) => elsewhere.origin(request),
        }
    }
}

/// A server on another host.
pub struct Elsewhere {
    pub scheme: &'static str,
    pub name: &'static str,
    pub port: u16,
}

impl Elsewhere {
    /// Its origin, by its name for clients that ask by names, and by its address for those that ask by addresses.
    fn origin(&self, request: &Request<Incoming>) -> String {
        let by_address = asked_host(request).is_some_and(|host| host.starts_with("127."));
        format!("{}://{}:{}", self.scheme, if by_address { "127.0.0.1" } else { self.name }, self.port)
    }
}

/// The host and port that a request is for: HTTP/2 has them in the address, HTTP/1.1 in a header.
fn asked_host(request: &Request<Incoming>) -> Option<String> {
    let by_header = || request.headers().get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    request.uri().authority().map(ToString::to_string).or_else(by_header)
}

/// The answer to a request.
pub fn answer(role: &Role, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    match role {
        Role::Registry(registry) => registry.answer(request),
        Role::Tokens(token) => grant(token),
        Role::Storage(store) => match store.at(request.uri().path().trim_start_matches('/')) {
            Some(blob) => blob_of(blob, request.method(), request.headers()),
            None => respond(StatusCode::NOT_FOUND, "application/xml", String::new()),
        },
        Role::Hanging => respond(StatusCode::SERVICE_UNAVAILABLE, "text/plain", String::new()),
    }
}

impl Registry {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().trim_start_matches("/v2/");
        let repository = path.split('/').take(2).collect::<Vec<_>>().join("/");
        if let Some((token, TokenService::Own { .. })) = &self.tokens
            && path == TOKEN_PATH
        {
            return grant(token);
        }
        if let Some((token, realm)) = &self.tokens
            && request.headers().get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {token}"))
        {
            let mut response = refuse(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required");
            let origin = realm.origin(request);
            let challenge = format!(
                r#"Bearer realm="{origin}{TOKEN_PATH}",service="registry",scope="repository:{repository}:pull""#
            );
            set(&mut response, WWW_AUTHENTICATE, &challenge);
            return response;
        }
        if path.is_empty() || path == "/v2" {
            return respond(StatusCode::OK, "application/json", "{}".to_owned());
        }
        if path.ends_with("/tags/list") {
            return self.page_of_tags(&repository, request.uri());
        }
        if path.contains("/referrers/") {
            return self.page_of_referrers(request.uri());
        }
        let Some(stored) = self.store.at(path) else {
            let code = if path.contains("/blobs/") { "BLOB_UNKNOWN" } else { "MANIFEST_UNKNOWN" };
            return refuse(StatusCode::NOT_FOUND, code, "not known to the registry");
        };
        if !path.contains("/blobs/") {
            return manifest_of(stored, request);
        }
        match &self.storage {
            Some(storage) => self.redirect(&storage.origin(request), path),
            None => blob_of(stored, request.method(), request.headers()),
        }
    }

    /// A redirect to an address that is signed anew for each request, as object storage has them.
    fn redirect(&self, origin: &str, path: &str) -> Response<Full<Bytes>> {
        let number = self.signed.fetch_add(1, Ordering::SeqCst);
        let part = |of: &str, length| letters(&format!("{of} {number}"), length);
        let address = format!(
            "{origin}/{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA{}%2F20260102%2Feu-west-1%2Fs3%2F\
             aws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=1200&X-Amz-SignedHeaders=host&X-Amz-Security-Token={}\
             &X-Amz-Signature={}",
            part("key", 16).to_uppercase(),
            part("session", 200),
            part("signature", 64)
        );
        let mut response = respond(StatusCode::TEMPORARY_REDIRECT, "text/plain", String::new());
        set(&mut response, LOCATION, &address);
        response
    }

    /// A page of tags `t000000`, `t000001`, …
    fn page_of_tags(&self, repository: &str, uri: &Uri) -> Response<Full<Bytes>> {
        let (entries, next) = page(uri, self.store.content.tags);
        let tags: Vec<_> = entries.map(|number| format!(r#""t{number:06}""#)).collect();
        let body = format!(r#"{{"name":"{repository}","tags":[{}]}}"#, tags.join(","));
        listed(body, "application/json", next)
    }

    /// A page of an index of referrers, whichever manifest they belong to.
    fn page_of_referrers(&self, uri: &Uri) -> Response<Full<Bytes>> {
        let (entries, next) = page(uri, self.store.content.referrers);
        let referrers: Vec<_> = entries.map(referrer).collect();
        let body = format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#, referrers.join(","));
        listed(body, INDEX, next)
    }
}

/// The entries of the page of a list that an address names, and the address of the next page. `list` has the number of
/// entries and the most in one page.
fn page(uri: &Uri, list: (usize, usize)) -> (Range<usize>, Option<String>) {
    let (all, most) = list;
    let of_query = |name: &str| {
        let pairs = uri.query().unwrap_or_default().split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let last = of_query("last").and_then(|last| last.trim_start_matches('t').parse::<usize>().ok());
    let first = last.map_or(0, |last| last + 1);
    let size = of_query("n").and_then(|size| size.parse().ok()).unwrap_or(most).min(most);
    let end = (first + size).min(all);
    let next = (end < all).then(|| format!("{}?last=t{:06}&n={size}", uri.path(), end - 1));
    (first..end, next)
}

/// A page of a list, with a link to the next one.
fn listed(body: String, media_type: &str, next: Option<String>) -> Response<Full<Bytes>> {
    let mut response = respond(StatusCode::OK, media_type, body);
    if let Some(next) = next {
        set(&mut response, LINK, &format!(r#"<{next}>; rel="next""#));
    }
    response
}

/// A manifest, for clients that accept its type; or 404, as registries answer that choose by the Accept header.
fn manifest_of(stored: &Stored, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut lines = request.headers().get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    if !lines.any(|line| line.contains(stored.media_type)) {
        let message = "OCI manifest found, but accept header does not support it";
        return refuse(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", message);
    }
    let mut response = Response::new(Full::new(stored.body.clone()));
    set(&mut response, CONTENT_TYPE, stored.media_type);
    response.headers_mut().insert("docker-content-digest", stored.digest.parse().expect("a header"));
    without_body_for_head(response, request.method(), stored.size)
}

/// A blob, or the range at its beginning that the request names.
fn blob_of(stored: &Stored, method: &Method, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let range = headers.get(RANGE).and_then(|range| range.to_str().ok());
    let last = range.and_then(|range| range.strip_prefix("bytes=0-")?.parse::<usize>().ok());
    let Some(last) = last else {
        let mut response = Response::new(Full::new(stored.body.clone()));
        set(&mut response, CONTENT_TYPE, stored.media_type);
        return without_body_for_head(response, method, stored.size);
    };
    let end = (last + 1).min(stored.body.len());
    let mut response = Response::new(Full::new(stored.body.slice(..end)));
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    set(&mut response, CONTENT_TYPE, stored.media_type);
    set(&mut response, CONTENT_RANGE, &format!("bytes 0-{}/{}", end - 1, stored.size));
    response
}

fn without_body_for_head(mut response: Response<Full<Bytes>>, method: &Method, size: usize) -> Response<Full<Bytes>> {
    if method == Method::HEAD {
        *response.body_mut() = Full::default();
        set(&mut response, CONTENT_LENGTH, &size.to_string());
    }
    response
}

/// The answer of a token service.
fn grant(token: &str) -> Response<Full<Bytes>> {
    respond(StatusCode::OK, "application/json", format!(r#"{{"token":"{token}","expires_in":300}}"#))
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response<Full<Bytes>> {
    respond(status, "application/json", format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#))
}

fn respond(status: StatusCode, media_type: &str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, media_type);
    response
}

fn set(response: &mut Response<Full<Bytes>>, name: http::HeaderName, value: &str) {
    response.headers_mut().insert(name, value.parse().expect("a header"));
}
