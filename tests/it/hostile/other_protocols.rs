//! Ports at which something else answers than a registry over the scheme that was asked for.

use serde_json::{Value, json};

use super::{IMAGE, assert_all_failed, assert_status, failures, plain, probe, probe_server};
use crate::support::certificates::Authority;
use crate::support::hostile::{Names, Server, answer, manifest};

/// What a server written in Go says to a client that forgot TLS.
const GO: &str = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
/// What nginx says to it.
const NGINX: &str = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n\
    <body>\r\n<center><h1>400 Bad Request</h1></center>\r\n\
    <center>The plain HTTP request was sent to HTTPS port</center>\r\n\
    <hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";
/// A page that is no registry's.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the Wi-Fi</body></html>";

#[test]
fn https_to_a_port_that_speaks_plain_http_is_a_tls_fault() {
    let server = Server::behaving(|mut connection| {
        // The first bytes of TLS are no request, and that is what such a server says to them.
        connection.first_bytes();
        connection.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        connection.close();
    });
    let run = probe(&format!("{}/{IMAGE}", server.origin("https")), &[]);
    assert_all_failed(&run.report(), "not-tls");
    assert_status(&run, 16);
}

#[test]
fn plain_http_to_a_port_that_speaks_tls_is_a_tls_fault_go() {
    let run = probe_server(&Server::saying(GO), &[]);
    assert_eq!(run.report().probe("all")["status"], 400);
    assert_status(&run, 16);
}

#[test]
fn plain_http_to_a_port_that_speaks_tls_is_a_tls_fault_nginx() {
    let page = answer("400 Bad Request", &[("Server", "nginx/1.24.0"), ("Content-Type", "text/html")], NGINX);
    let run = probe_server(&Server::answering(move |_| page.clone()), &[]);
    assert_eq!(run.report().probe("all")["status"], 400);
    assert_status(&run, 16);
}

#[test]
fn plain_http_to_a_port_that_speaks_tls_is_a_tls_fault_alert() {
    let authority = Authority::new();
    let server = Server::behaving_over_tls(&authority, &["registry.test"], |_| {});
    let run = probe_server(&server, &[]);
    let kinds = run.report();
    assert_eq!(failures(&kinds).len(), kinds.list("exchanges").len(), "{run:?}");

    // The same byte for byte: a fatal alert of TLS, "unexpected message".
    let run = probe_server(&Server::saying([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0a]), &[]);
    assert_all_failed(&run.report(), "not-http");
    assert_status(&run, 16);
}

#[test]
fn an_alert_in_the_handshake_is_a_tls_fault() {
    let server = Server::behaving(|mut connection| {
        // A fatal alert of TLS, "handshake failure".
        connection.send(&[0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);
        connection.close();
    });
    let run = probe(&format!("{}/{IMAGE}", server.origin("https")), &[]);
    assert_all_failed(&run.report(), "tls");
    assert_status(&run, 16);
}

#[test]
fn a_certificate_for_another_name_is_a_tls_fault_and_says_whose_it_is() {
    let mut names = Names::new();
    let server = Server::answering_over_tls(&names.authority, &["elsewhere.test"], |_| manifest());
    names.lead("registry.test:443", &server);
    let run = probe("registry.test/team/app:1.0", &names.options());
    assert_all_failed(&run.report(), "certificate");
    assert_eq!(server.received(), b"", "nothing is asked over a connection that is not trusted");
    assert_status(&run, 16);
    assert!(run.stdout.contains("elsewhere.test"), "{run:?}");
}

#[test]
fn what_speaks_another_protocol_is_no_registry() {
    for banner in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"220 mail.test ESMTP ready\r\n",
        b"\x4a\x00\x00\x00\x0a8.0.36\x00",
        b"* OK IMAP4rev1 ready\r\n",
        &[0; 4096],
    ] {
        let server = Server::behaving(move |mut connection| {
            connection.send(banner);
            connection.wait_until_the_client_goes();
        });
        let run = probe(&plain(&server), &[]);
        let report = run.report();
        let kinds = failures(&report);
        assert!(kinds.contains(&"not-http"), "{kinds:?}: {run:?}");
        // A greeting that comes before the request has been handed over only shows as a connection that has ended; then
        // the server is asked for TLS as well, and does not speak that either.
        assert!(kinds.iter().all(|kind| ["not-http", "closed", "not-tls"].contains(kind)), "{kinds:?}: {run:?}");
        assert_status(&run, 15);
    }
}

#[test]
fn a_web_page_is_no_registry() {
    for status in ["200 OK", "404 Not Found", "503 Service Unavailable"] {
        let page = answer(status, &[("Content-Type", "text/html; charset=utf-8")], PAGE);
        let run = probe_server(&Server::answering(move |_| page.clone()), &[]);
        let report = run.report();
        assert_eq!(report.probe("all")["status"].to_string(), status[..3]);
        // A refusal serves nothing, whatever its body is.
        let served = if status.starts_with("200") { json!("text/html") } else { Value::Null };
        assert_eq!(report.probe("all")["served_type"], served);
        assert_status(&run, 15);
    }
}
