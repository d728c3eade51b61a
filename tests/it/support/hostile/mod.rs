//! Servers that misbehave on purpose, and write down every byte that they receive.
//!
//! A web framework would refuse to send what these have to send, so they are sockets and threads. [`Server`] is one of
//! them, [`answer`] makes the bytes of one answer, and [`Names`] lets several names of a test lead to the servers on
//! the loopback device, by options that every user of the program has.

mod client_certificates;
mod connection;
pub mod encodings;
mod names;
pub mod pty;
mod server;

pub use client_certificates::Asking;
pub use connection::Connection;
pub use names::Names;
pub use server::Server;

/// A `WWW-Authenticate` value that sends clients to this realm.
pub fn bearer(realm: &str) -> String {
    format!("Bearer realm=\"{realm}\",service=\"registry.test\",scope=\"repository:team/app:pull\"")
}

/// The bytes of one answer. The connection ends with it, so that no later request can be mistaken for part of this one.
pub fn answer(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len().to_string();
    head(status, &[headers, &[("Content-Length", length.as_str())]].concat(), body)
}

/// Like [`answer`], but whatever the headers say about the length is not made true.
pub fn head(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for (name, value) in headers.iter().chain(&[("Connection", "close")]) {
        bytes.extend(format!("{name}: {value}\r\n").bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

/// A small image, as an honest registry serves it.
pub fn manifest() -> Vec<u8> {
    let document = super::content::docker_image("amd64");
    let headers = [("Content-Type", document.media_type), ("Docker-Content-Digest", document.digest.as_str())];
    answer("200 OK", &headers, &document.bytes)
}

/// An error in the envelope of the distribution specification.
pub fn refusal(status: &str, headers: &[(&str, &str)], code: &str, message: &str) -> Vec<u8> {
    let body = serde_json::json!({ "errors": [{ "code": code, "message": message }] }).to_string();
    answer(status, &[&[("Content-Type", "application/json")], headers].concat(), body)
}

/// What a registry says to somebody whom it does not know, with this challenge.
pub fn unauthorized(challenge: &str) -> Vec<u8> {
    let headers = [("WWW-Authenticate", challenge)];
    refusal("401 Unauthorized", &headers, "UNAUTHORIZED", "authentication required")
}

/// A redirect.
pub fn redirect(status: &str, location: &str) -> Vec<u8> {
    answer(status, &[("Location", location)], "")
}

/// The answer of a token server.
pub fn token(value: &str) -> Vec<u8> {
    let body = serde_json::json!({ "token": value, "expires_in": 300 }).to_string();
    answer("200 OK", &[("Content-Type", "application/json")], body)
}

/// A registry over TLS, `registry.test`, that sends its clients to a token service on this host, which gives everybody this
/// token: the names, the service, and the registry.
pub fn sending_for_a_token(host: &'static str, value: &'static str) -> (Names, Server, Server) {
    let mut names = Names::new();
    let service = Server::answering_over_tls(&names.authority, &[host], move |_| token(value));
    names.lead(host, &service);
    let registry = Server::answering_over_tls(&names.authority, &["registry.test"], move |sent| {
        match sent.all("Authorization")[..] {
            [] => unauthorized(&bearer(&format!("https://{host}/token"))),
            _ => manifest(),
        }
    });
    names.lead("registry.test", &registry);
    (names, service, registry)
}
