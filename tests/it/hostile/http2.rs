//! HTTP/2, by a server that is nothing but that.

mod floods;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::{IMAGE, assert_status, probe};
use crate::support::certificates::Authority;
use crate::support::content::{docker_image, media_type};
use crate::support::hostile::Names;

/// A registry over HTTP/2. It ends with the test, whose process is the last to hold it.
struct Registry {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

fn registry(authority: &Authority) -> Registry {
    let (chain, key) = authority.sign_for(&["registry.test"]);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("protocol versions").with_no_client_auth().with_single_cert(chain, key);
    let mut config = config.expect("a certificate and its key");
    config.alpn_protocols = vec![b"h2".to_vec()];

    let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn({
        let (connections, requests) = (Arc::clone(&connections), Arc::clone(&requests));
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
                sender.send(listener.local_addr().expect("its address")).expect("the test waits for it");
                serve(listener, TlsAcceptor::from(Arc::new(config)), connections, requests).await;
            });
        }
    });
    Registry { address: receiver.recv().expect("an address"), connections, requests }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, connections: Arc<AtomicUsize>, requests: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let (tls, requests) = (tls.clone(), Arc::clone(&requests));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
                requests.fetch_add(1, Ordering::SeqCst);
                assert_eq!(request.uri().authority().map(|authority| authority.as_str()), Some("registry.test"));
                async { Ok::<_, Infallible>(image()) }
            });
            let _ =
                Builder::new(TokioExecutor::new()).http2_only().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn image() -> http::Response<Full<Bytes>> {
    let document = docker_image("amd64");
    let response = http::Response::builder()
        .header("content-type", media_type::DOCKER_V2)
        .header("docker-content-digest", &document.digest);
    response.body(Full::new(Bytes::from(document.bytes))).expect("a response")
}

#[test]
fn a_probe_takes_two_connections_for_the_two_requests_that_go_ahead() {
    let names = Names::new();
    let registry = registry(&names.authority);
    let rule = format!("registry.test:443:{}", registry.address);
    let options = [&names.options()[..], &["--resolve", &rule]].concat();
    let run = probe(&format!("registry.test/{IMAGE}"), &options);
    let report = run.report();
    for exchange in report.list("exchanges") {
        assert_eq!(exchange["response"]["http_version"], "HTTP/2", "{exchange}");
        assert_eq!(exchange["response"]["status"], 200, "{exchange}");
    }
    assert_eq!(registry.requests.load(Ordering::SeqCst), report.list("exchanges").len());
    assert_eq!(registry.connections.load(Ordering::SeqCst), 2);
    assert_status(&run, 0);
}
