//! Plain requests over HTTP/1.1: exactly the headers that a test gives, one connection each.
//!
//! A full client adds an `Accept` header of its own, and whether there is one is what these tests are about.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::digest_of;

/// No answer on the loopback device takes this long.
const DEADLINE: Duration = Duration::from_secs(30);

/// A server to ask, over TLS if it has an authority.
#[derive(Clone)]
pub struct Endpoint {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
}

impl Endpoint {
    /// A server that speaks plain HTTP.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None }
    }

    /// A server whose certificate this authority has signed.
    pub fn tls(address: SocketAddr, authority_pem: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority_pem.as_bytes()).expect("a certificate")).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { address, tls: Some(Arc::new(config)) }
    }

    /// Sends one request with these headers, `Host` and the length of the body, and nothing else.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let answer = self.send_and_take(method, path, headers, body);
        assert!(answer.whole, "the body ended too early: {answer:?}");
        answer
    }

    /// The same, where an answer may end before its body does.
    pub fn send_and_take(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));

        let connection = TcpStream::connect(self.address).unwrap_or_else(|error| panic!("{}: {error}", self.address));
        connection.set_read_timeout(Some(DEADLINE)).expect("a read deadline");
        let mut stream: Box<dyn ReadWrite> = match &self.tls {
            None => Box::new(connection),
            Some(config) => {
                let name = ServerName::from(self.address.ip());
                let session = ClientConnection::new(Arc::clone(config), name).expect("a TLS session");
                Box::new(StreamOwned::new(session, connection))
            }
        };
        stream.write_all(&[request.as_bytes(), body].concat()).expect("to send the request");
        stream.flush().expect("to send the request");
        Answer::read(&mut BufReader::new(stream), method == "HEAD")
    }

    /// A request without a body.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, b"")
    }
}

/// What a connection is, encrypted or not.
trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers in the order received.
    pub headers: Vec<(String, String)>,
    /// The body; empty for `HEAD`.
    pub body: Vec<u8>,
    /// Whether all of the body came that was announced.
    pub whole: bool,
}

impl Answer {
    fn read(stream: &mut impl BufRead, without_body: bool) -> Self {
        let status_line = line(stream);
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer = Self {
            status: status.unwrap_or_else(|| panic!("not a status line: {status_line:?}")),
            headers: headers(stream),
            body: Vec::new(),
            whole: true,
        };
        assert!(answer.header("Transfer-Encoding").is_none(), "chunked answers are not understood here: {answer:?}");
        match answer.header("Content-Length").map(|length| length.parse::<usize>().expect("a length")) {
            _ if without_body => {}
            Some(length) => {
                // Where the connection is cut instead of closed, what came before counts.
                let _ = stream.take(length as u64).read_to_end(&mut answer.body);
                answer.whole = answer.body.len() == length;
            }
            // Go's note that TLS is spoken here comes over HTTP/1.0 and ends with the connection.
            None => {
                stream.read_to_end(&mut answer.body).expect("the body");
            }
        }
        answer
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The digest of the body as it was received.
    pub fn body_digest(&self) -> String {
        digest_of(&self.body)
    }

    /// Checks the status, and shows the whole answer where it is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}\n{}", self.headers, String::from_utf8_lossy(&self.body));
        self
    }
}

/// Reads one line without its end.
pub fn line(stream: &mut impl BufRead) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).expect("a line");
    line.trim_end_matches(['\r', '\n']).to_owned()
}

/// Reads header lines up to the empty line.
pub fn headers(stream: &mut impl BufRead) -> Vec<(String, String)> {
    let lines = std::iter::repeat_with(|| line(stream)).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
        .collect()
}

/// The first header of this name; names have no case.
pub fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
