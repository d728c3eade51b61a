//! The sockets of a registry, its token service and its storage. They do as little as they can, so that they are not
//! measured.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::answers::{Role, answer};
use super::certificates::Authority;

/// How a server is spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Plain,
    /// TLS, with these protocols in it.
    Tls(&'static [&'static str]),
}

/// A running server. It runs until the process ends.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<AtomicU64>,
}

impl Server {
    /// Starts a server in a thread of its own. The authority signs its certificate for this name and for loopback.
    pub fn start(role: Role, speaks: Speaks, authority: &Authority, name: &str) -> Self {
        let tls = match speaks {
            Speaks::Plain => None,
            Speaks::Tls(protocols) => Some(TlsAcceptor::from(Arc::new(tls(authority, name, protocols)))),
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a port that does not block");
        let address = listener.local_addr().expect("its address");
        let requests = Arc::new(AtomicU64::new(0));
        std::thread::spawn({
            let requests = Arc::clone(&requests);
            let role = Arc::new(role);
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let listener = TcpListener::from_std(listener).expect("a port");
                    loop {
                        let (stream, _) = listener.accept().await.expect("a connection");
                        tokio::spawn(serve(stream, tls.clone(), Arc::clone(&role), Arc::clone(&requests)));
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> u64 {
        self.requests.swap(0, Ordering::SeqCst)
    }
}

fn tls(authority: &Authority, name: &str, protocols: &[&str]) -> ServerConfig {
    // Programs without an option like --resolve ask by the address.
    let (certificate, key) = authority.sign(&[name, "localhost", "127.0.0.1"]);
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let mut configuration = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    configuration.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    configuration
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, role: Arc<Role>, requests: Arc<AtomicU64>) {
    stream.set_nodelay(true).expect("to send at once");
    let service = service_fn(|request| {
        requests.fetch_add(1, Ordering::SeqCst);
        let role = Arc::clone(&role);
        async move {
            if let Role::Hanging = *role {
                // Longer than any run waits.
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
            Ok::<_, Infallible>(answer(&role, &request))
        }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http2().max_concurrent_streams(128);
    // A connection that ends early is the program's to report.
    let _ = match tls {
        None => server.serve_connection(TokioIo::new(stream), service).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => server.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => return,
        },
    };
}
