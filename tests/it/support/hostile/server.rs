//! A server that does what a test tells it, and remembers what it was told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::client_certificates::Asking;
use super::connection::{Connection, Log, Shown};
use super::encodings;
use crate::support::certificates::Authority;
use crate::support::relay::{Sent, heads};

/// A running server. It stops listening when this value is dropped; connections end with their clients.
#[must_use = "a server that is not kept stops at once"]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    log: Log,
    shown: Shown,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that answers every request with what this function makes of it, and then ends the connection.
    pub fn answering(make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(None, answers(make))
    }

    /// The same at an address of this machine that is not on the loopback device.
    pub fn answering_at(address: IpAddr, make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start_at(address, None, answers(make))
    }

    /// The same over TLS, with a certificate for these names.
    pub fn answering_over_tls(
        authority: &Authority,
        names: &[&str],
        make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(tls(authority, names)), answers(make))
    }

    /// A server that behaves like this on every connection.
    pub fn behaving(behave: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self::start(None, behave)
    }

    /// The same at an address of this machine that is not on the loopback device.
    pub fn behaving_at(address: IpAddr, behave: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self::start_at(address, None, behave)
    }

    /// The same over TLS, with a certificate for these names.
    pub fn behaving_over_tls(
        authority: &Authority,
        names: &[&str],
        behave: impl Fn(Connection) + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(tls(authority, names)), behave)
    }

    /// The same over TLS, where HTTP/2 is agreed on.
    pub fn behaving_over_http2(
        authority: &Authority,
        names: &[&str],
        behave: impl Fn(Connection) + Send + Sync + 'static,
    ) -> Self {
        let mut tls = tls(authority, names);
        tls.alpn_protocols = vec![b"h2".to_vec()];
        Self::start(Some(tls), behave)
    }

    /// The same over TLS, with so many tickets for later connections, and so many certificates behind its own that have
    /// nothing to do with it.
    pub fn answering_over_odd_tls(
        authority: &Authority,
        names: &[&str],
        tickets: usize,
        certificates: usize,
        make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let (mut chain, key) = authority.sign_for(names);
        let (others, _) = authority.sign_for(&["elsewhere.test"]);
        chain.extend(others.into_iter().cycle().take(certificates));
        let mut tls = tls_of(chain, key);
        tls.send_tls13_tickets = tickets;
        Self::start(Some(tls), answers(make))
    }

    /// The same over TLS, where every client is asked for a certificate of this authority.
    pub fn asking_for_client_certificates(
        authority: &Authority,
        names: &[&str],
        asking: Asking,
        make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let (chain, key) = authority.sign_for(names);
        Self::start(Some(asking.configuration(authority, chain, key)), answers(make))
    }

    /// The same, behaving like this on every connection.
    pub fn behaving_while_asking(
        authority: &Authority,
        names: &[&str],
        asking: Asking,
        behave: impl Fn(Connection) + Send + Sync + 'static,
    ) -> Self {
        let (chain, key) = authority.sign_for(names);
        Self::start(Some(asking.configuration(authority, chain, key)), behave)
    }

    /// How many certificates each client has shown whose handshake was completed.
    pub fn client_certificates(&self) -> Vec<usize> {
        self.shown.lock().expect("no panic in a server").clone()
    }

    /// The same over TLS, with these certificates and this key, whether they belong together or not.
    pub fn presenting(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'static>,
        make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let key = rustls::crypto::ring::sign::any_supported_type(key).expect("a key");
        let certified = Arc::new(rustls::sign::SingleCertAndKey::from(CertifiedKey::new(chain, key)));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.expect("protocol versions").with_no_client_auth();
        Self::start(Some(builder.with_cert_resolver(certified)), answers(make))
    }

    /// A server that waits for the start of a request, sends these bytes, and closes.
    pub fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::behaving(move |mut connection| {
            if connection.request().is_some() {
                connection.send(&bytes);
                connection.close();
            }
        })
    }

    fn start(tls: Option<ServerConfig>, behave: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), tls, behave)
    }

    fn start_at(
        address: IpAddr,
        tls: Option<ServerConfig>,
        behave: impl Fn(Connection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let log: Log = Arc::new(Mutex::new(Vec::new()));
        let shown = Shown::default();
        let ends = Arc::new(AtomicBool::new(false));
        let (tls, behave) = (tls.map(Arc::new), Arc::new(behave));
        let thread = std::thread::spawn({
            let (log, shown, ends) = (Arc::clone(&log), Arc::clone(&shown), Arc::clone(&ends));
            move || {
                for stream in listener.incoming() {
                    if ends.load(Ordering::SeqCst) {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    let number = {
                        let mut log = log.lock().expect("no panic in a server");
                        log.push(Vec::new());
                        log.len() - 1
                    };
                    let (log, tls, behave) = (Arc::clone(&log), tls.clone(), Arc::clone(&behave));
                    let shown = Arc::clone(&shown);
                    std::thread::spawn(move || {
                        if let Some(connection) = Connection::open(stream, tls, number, log, &shown) {
                            behave(connection);
                        }
                    });
                }
            }
        });
        Self { address, log, shown, ends, thread: Some(thread) }
    }

    /// `http://` or `https://` and the address, without a slash behind it.
    pub fn origin(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// How often somebody has connected.
    pub fn connections(&self) -> usize {
        self.log.lock().expect("no panic in a server").len()
    }

    /// All requests so far, in the order of their connections.
    pub fn requests(&self) -> Vec<Sent> {
        let log = self.log.lock().expect("no panic in a server");
        log.iter().flat_map(|bytes| heads(bytes)).collect()
    }

    /// Every byte so far.
    pub fn received(&self) -> Vec<u8> {
        self.log.lock().expect("no panic in a server").concat()
    }

    /// The bytes of each connection so far that sent any.
    pub fn connections_received(&self) -> Vec<Vec<u8>> {
        let log = self.log.lock().expect("no panic in a server");
        log.iter().filter(|bytes| !bytes.is_empty()).cloned().collect()
    }

    /// Checks that nobody has even connected.
    #[track_caller]
    pub fn assert_untouched(&self) {
        let received = self.received();
        assert_eq!(self.connections(), 0, "received: {}", String::from_utf8_lossy(&received));
    }

    /// Checks that a secret has not come here in any encoding.
    #[track_caller]
    pub fn assert_never_told(&self, secret: &str) {
        let received = self.received();
        let received = String::from_utf8_lossy(&received);
        for form in encodings::of(secret) {
            assert!(!received.contains(&form), "{form:?} was sent:\n{received}");
        }
    }

    /// The values of all headers of this name in all requests.
    pub fn header_values(&self, name: &str) -> Vec<String> {
        self.requests()
            .iter()
            .flat_map(|sent| sent.all(name).into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // A last connection wakes the server up to see that it ends.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answers(make: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> impl Fn(Connection) + Send + Sync + 'static {
    move |mut connection| {
        if let Some(sent) = connection.request() {
            let mut bytes = make(&sent);
            if sent.method == "HEAD" {
                // A HEAD is answered with the head of what a GET would get.
                let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
                bytes.truncate(end.map_or(bytes.len(), |end| end + 4));
            }
            connection.send(&bytes);
            connection.close();
        }
    }
}

fn tls(authority: &Authority, names: &[&str]) -> ServerConfig {
    let (chain, key) = authority.sign_for(names);
    tls_of(chain, key)
}

fn tls_of(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("protocol versions").with_no_client_auth();
    builder.with_single_cert(chain, key).expect("a certificate and its key")
}
