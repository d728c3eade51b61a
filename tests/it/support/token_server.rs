//! A small token server, as `auth.docker.io` is one: it gives out tokens that a real registry believes.
//!
//! It writes down every request, so that a test can see what a client has told it.

use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, DnType, KeyPair, SigningKey as _};
use serde_json::{Value, json};
use url::Url;

use super::registry::TokenAccess;
use super::{basic_authorization, http};

const SERVICE: &str = "registry.example.test";
const ISSUER: &str = "token server of the tests";

/// Who gets a token, and how it is handed over.
pub struct TokenOptions {
    /// The repositories that anybody may pull from; `None` means that nobody gets a token without a password.
    pub anonymous: Option<&'static [&'static str]>,
    /// The user and password that may pull from everywhere.
    pub account: (&'static str, &'static str),
    /// The field of the answer that holds the token: `token` or `access_token`.
    pub field: &'static str,
}

/// A request that the server has received.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        http::find(&self.headers, name)
    }

    /// All values of this name in the query.
    pub fn query(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// A running token server. It ends when this value is dropped.
pub struct TokenServer {
    /// Where it listens, as `--trust-realm` takes it.
    pub address: SocketAddr,
    signer: Arc<Signer>,
    requests: Arc<Mutex<Vec<Request>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl TokenServer {
    /// Starts the server with a new key on a port of its own.
    pub fn start(options: TokenOptions) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let signer = Arc::new(Signer::new());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (signer, requests, ends) = (Arc::clone(&signer), Arc::clone(&requests), Arc::clone(&ends));
            move || {
                for connection in listener.incoming() {
                    if ends.load(Ordering::SeqCst) {
                        return;
                    }
                    let Some((connection, request)) = connection.ok().and_then(read) else { continue };
                    // Written down before it is answered: a client that has its token is in the list.
                    requests.lock().expect("no panic in this thread").push(request.clone());
                    answer(connection, &options, &signer, &request);
                }
            }
        });
        Self { address, signer, requests, ends, thread: Some(thread) }
    }

    /// What a registry has to know to send clients here and to believe the tokens.
    pub fn access(&self) -> TokenAccess {
        TokenAccess {
            realm: format!("http://{}/token", self.address),
            service: SERVICE.to_owned(),
            issuer: ISSUER.to_owned(),
            certificate: self.signer.certificate_pem.clone(),
        }
    }

    /// A token as an `Authorization` value, made without a request: for what the tests themselves do.
    pub fn authorization(&self, repository: &str, actions: &[&str]) -> String {
        format!("Bearer {}", self.signer.token("the tests", Some((repository, actions))))
    }

    /// The same, but it was good until some minutes ago.
    pub fn expired_authorization(&self, repository: &str, actions: &[&str]) -> String {
        let ended = SystemTime::now() - Duration::from_secs(1000);
        format!("Bearer {}", self.signer.token_of("the tests", Some((repository, actions)), ended))
    }

    /// All tokens so far, given out or made for the tests: what no output may show.
    pub fn tokens(&self) -> Vec<String> {
        self.signer.issued.lock().expect("no panic in the server").clone()
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic in the server").clone()
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // A last connection wakes the server up to see that it ends.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads a request; `None` for a connection that brings none, such as one that tries TLS.
fn read(connection: TcpStream) -> Option<(TcpStream, Request)> {
    connection.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut reader = BufReader::new(connection);
    let mut first = Vec::new();
    std::io::BufRead::read_until(&mut reader, b'\n', &mut first).ok()?;
    let first = String::from_utf8(first).ok()?;
    let [method, target, _version] = first.split_whitespace().collect::<Vec<_>>()[..] else { return None };
    let url = Url::parse("http://token.server/").expect("a URL").join(target).ok()?;
    let request = Request {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers: http::headers(&mut reader),
    };
    Some((reader.into_inner(), request))
}

fn answer(mut connection: TcpStream, options: &TokenOptions, signer: &Signer, request: &Request) {
    let scopes = request.query("scope");
    let asked = scopes.first().and_then(|scope| scope.strip_prefix("repository:")?.rsplit_once(':'));
    let (user, password) = options.account;
    let granted = match (request.header("Authorization"), options.anonymous) {
        (Some(value), _) if value == basic_authorization(user, password) => Some(asked),
        (None, Some(open)) => Some(asked.filter(|(repository, _)| open.contains(repository))),
        // A wrong password is refused, even where nobody has to give one.
        _ => None,
    };
    let (status, challenge, body) = match granted {
        Some(access) => {
            // Whoever asks for more than pulling gets only that.
            let access = access.map(|(repository, _)| (repository, ["pull"].as_slice()));
            let token = signer.token(user, access);
            ("200 OK", "", json!({ options.field: token, "expires_in": 300 }))
        }
        None => (
            "401 Unauthorized",
            "WWW-Authenticate: Basic realm=\"token server\"\r\n",
            json!({ "errors": [{ "code": "UNAUTHORIZED", "message": "authentication required" }] }),
        ),
    };
    let body = body.to_string();
    // The client may have gone; then there is nobody to tell.
    let _ = write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{challenge}\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

/// The key that signs tokens, and its certificate.
struct Signer {
    key: KeyPair,
    certificate_der: Vec<u8>,
    certificate_pem: String,
    issued: Mutex<Vec<String>>,
}

impl Signer {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key on P-256");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, ISSUER);
        let certificate = params.self_signed(&key).expect("a certificate");
        let (certificate_der, certificate_pem) = (certificate.der().to_vec(), certificate.pem());
        Self { key, certificate_der, certificate_pem, issued: Mutex::new(Vec::new()) }
    }

    /// A token (RFC 7519) as the distribution project describes it, with the access that it grants.
    fn token(&self, subject: &str, access: Option<(&str, &[&str])>) -> String {
        self.token_of(subject, access, SystemTime::now())
    }

    /// A token that was issued at this time.
    fn token_of(&self, subject: &str, access: Option<(&str, &[&str])>, time: SystemTime) -> String {
        let mut issued = self.issued.lock().expect("no panic while signing");
        let now = time.duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
        let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(&self.certificate_der)] });
        let access: Vec<Value> = access
            .iter()
            .map(|(name, actions)| json!({ "type": "repository", "name": name, "actions": actions }))
            .collect();
        let claims = json!({
            "iss": ISSUER,
            "sub": subject,
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 300,
            "jti": issued.len().to_string(),
            "access": access,
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = fixed_width(&self.key.sign(signed.as_bytes()).expect("a signature"));
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        issued.push(token.clone());
        token
    }
}

/// A signature in DER, `SEQUENCE { INTEGER r, INTEGER s }`, as the 64 bytes that RFC 7518, 3.4 wants.
fn fixed_width(der: &[u8]) -> [u8; 64] {
    // Both integers have at most 33 bytes, so every length is one byte.
    let [0x30, _, numbers @ ..] = der else { panic!("not a sequence: {der:02x?}") };
    let mut fixed = [0; 64];
    let mut rest = numbers;
    for half in fixed.chunks_mut(32) {
        let [0x02, length, tail @ ..] = rest else { panic!("not an integer: {rest:02x?}") };
        let (number, tail) = tail.split_at(usize::from(*length));
        // A leading zero is there for the sign only; leading zeros of the number itself are left out.
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        half[32 - number.len()..].copy_from_slice(number);
        rest = tail;
    }
    fixed
}
