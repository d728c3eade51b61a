//! A registry with one image, and a token service. They do as little as they can, so that they are not measured.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificates::Authority;

/// The image, behind the name of the registry.
pub const REFERENCE: &str = "demo/app:stable";
/// Where its manifest is.
pub const MANIFEST_PATH: &str = "/v2/demo/app/manifests/stable";
/// What it is served as, to whoever asks for that.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

const TOKEN: &str = "a-token-that-nobody-looks-into";

/// What a server is there for.
#[derive(Clone)]
pub enum Role {
    /// Serves the manifest; with a realm, to those who bring a token.
    Registry { realm: Option<String> },
    /// Gives a token to anybody.
    Tokens,
}

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
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server in a thread of its own. The authority signs its certificate for this name.
    pub fn start(role: Role, speaks: Speaks, authority: &Authority, name: &str) -> Self {
        let tls = match speaks {
            Speaks::Plain => None,
            Speaks::Tls(protocols) => Some(TlsAcceptor::from(Arc::new(tls(authority, name, protocols)))),
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a port that does not block");
        let address = listener.local_addr().expect("its address");
        let requests = Arc::new(AtomicUsize::new(0));
        std::thread::spawn({
            let requests = Arc::clone(&requests);
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let listener = TcpListener::from_std(listener).expect("a port");
                    loop {
                        let (stream, _) = listener.accept().await.expect("a connection");
                        tokio::spawn(serve(stream, tls.clone(), role.clone(), Arc::clone(&requests)));
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// The requests since this was last asked.
    pub fn take_requests(&self) -> usize {
        self.requests.swap(0, Ordering::SeqCst)
    }
}

fn tls(authority: &Authority, name: &str, protocols: &[&str]) -> ServerConfig {
    let (certificate, key) = authority.sign(&[name]);
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

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, role: Role, requests: Arc<AtomicUsize>) {
    stream.set_nodelay(true).expect("to send at once");
    let service = service_fn(|request| {
        requests.fetch_add(1, Ordering::SeqCst);
        let answer = answer(&role, &request);
        async { Ok::<_, Infallible>(answer) }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    // A connection that ends early is the program's to report.
    let _ = match tls {
        None => server.serve_connection(TokioIo::new(stream), service).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => server.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => return,
        },
    };
}

fn answer(role: &Role, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let headers = request.headers();
    let Role::Registry { realm } = role else {
        return respond(StatusCode::OK, "application/json", format!(r#"{{"token":"{TOKEN}","expires_in":300}}"#));
    };
    if let Some(realm) = realm
        && headers.get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {TOKEN}"))
    {
        let mut response = refuse(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required");
        let challenge = format!(r#"Bearer realm="{realm}",service="registry",scope="repository:demo/app:pull""#);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge.parse().expect("a header"));
        return response;
    }
    let accepted =
        headers.get_all(ACCEPT).iter().any(|line| line.to_str().is_ok_and(|line| line.contains(OCI_MANIFEST)));
    if request.uri().path() != MANIFEST_PATH || !accepted {
        return refuse(
            StatusCode::NOT_FOUND,
            "MANIFEST_UNKNOWN",
            "OCI manifest found, but accept header does not support it",
        );
    }
    let manifest = manifest();
    let digest: String = Sha256::digest(&manifest).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut response = respond(StatusCode::OK, OCI_MANIFEST, manifest);
    let digest = format!("sha256:{digest}").parse().expect("a header");
    response.headers_mut().insert("docker-content-digest", digest);
    response
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response<Full<Bytes>> {
    respond(status, "application/json", format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#))
}

fn respond(status: StatusCode, media_type: &str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type.parse().expect("a header"));
    response
}

/// An image of seven layers, as images are. Nobody fetches them.
fn manifest() -> String {
    let descriptor = |kind: &str, number: usize| {
        format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"sha256:{number:064x}","size":{number}}}"#)
    };
    let layers: Vec<_> = (1..=7).map(|number| descriptor("layer.v1.tar+gzip", number)).collect();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}","config":{},"layers":[{}]}}"#,
        descriptor("config.v1+json", 1000),
        layers.join(",")
    )
}
