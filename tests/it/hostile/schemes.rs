//! Servers that are asked in the wrong scheme: what ociscope sends them to find that out, byte for byte.

use serde_json::Value;

use super::{IMAGE, PASSWORD, USER, asking, assert_status, checked, plain};
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::Run;
use crate::support::relay::heads;

/// How a TLS record begins that holds a handshake message, and the number of a ClientHello (RFC 8446 §4, §5.1).
const HANDSHAKE: u8 = 0x16;
const CLIENT_HELLO: u8 = 1;
/// A fatal alert, handshake_failure (RFC 8446 §6).
const ALERT: &[u8] = &[0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28];

/// Asks with everything that a user may have given: a password, and a header.
fn probe_with_secrets(reference: &str) -> Run {
    let options = ["--username", USER, "--password-stdin", "--header", "X-Corp-Key: CANARYheader"];
    checked(asking(reference, &options).input(PASSWORD).run())
}

fn exchanges_for<'a>(report: &'a Value, purpose: &str) -> Vec<&'a Value> {
    let exchanges = report["exchanges"].as_array().expect("exchanges").iter();
    exchanges.filter(|exchange| exchange["purpose"] == purpose).collect()
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().expect("findings").iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn a_tls_port_that_closes_plain_http_is_sent_one_client_hello_and_nothing_else() {
    let server = Server::behaving(|mut connection| {
        if connection.first_bytes().is_some_and(|bytes| bytes[0] == HANDSHAKE) {
            connection.send(ALERT);
            connection.close();
        }
    });
    let run = probe_with_secrets(&plain(&server));
    assert_status(&run, 16);
    let report = &run.report().0;
    assert_eq!(rules(report), ["https-registry-asked-as-http"], "{run:?}");
    let asked = exchanges_for(report, "speaks-tls");
    assert_eq!(asked.len(), 1, "{run:?}");
    assert_eq!(asked[0]["request"]["method"], "TLS");
    assert_eq!(asked[0]["failure"], Value::Null);

    let hellos: Vec<_> = server.connections_received().into_iter().filter(|bytes| bytes[0] == HANDSHAKE).collect();
    assert_eq!(hellos.len(), 1);
    let record = &hellos[0];
    let length = usize::from(record[3]) << 8 | usize::from(record[4]);
    assert_eq!((record[5], record.len()), (CLIENT_HELLO, 5 + length), "one record, and nothing after it");
}

#[test]
fn a_server_that_closes_everything_is_asked_once() {
    let server = Server::behaving(|mut connection| {
        connection.first_bytes();
    });
    let run = probe_with_secrets(&plain(&server));
    assert_status(&run, 15);
    assert_eq!(rules(&run.report().0), ["no-answer"], "{run:?}");
    assert_eq!(exchanges_for(&run.report().0, "speaks-tls").len(), 1);
}

#[test]
fn a_server_that_takes_a_client_hello_and_is_silent_is_given_up_after_five_seconds() {
    let server = Server::behaving(|mut connection| {
        if connection.first_bytes().is_some_and(|bytes| bytes[0] == HANDSHAKE) {
            connection.wait_until_the_client_goes();
        }
    });
    let began = std::time::Instant::now();
    let run = probe_with_secrets(&plain(&server));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    assert_status(&run, 15);
    assert_eq!(exchanges_for(&run.report().0, "speaks-tls")[0]["failure"]["kind"], "timeout", "{run:?}");
}

#[test]
fn a_plain_port_that_is_asked_for_tls_gets_its_front_page_asked_for_without_anything_of_the_run() {
    let bad = answer("400 Bad Request", &[], "");
    let page = answer("401 Unauthorized", &[("Server", "nginx/1.24.0")], "sign in");
    let server = Server::behaving(move |mut connection| {
        let is_tls = connection.first_bytes().is_some_and(|bytes| bytes[0] == HANDSHAKE);
        connection.send(if is_tls { &bad } else { &page });
        connection.close();
    });
    let run = probe_with_secrets(&format!("{}/{IMAGE}", server.origin("https")));
    assert_status(&run, 16);
    let report = &run.report().0;
    assert_eq!(rules(report), ["http-registry-asked-as-https"], "{run:?}");
    assert!(run.stdout.contains("answers plain HTTP: 401, Server: nginx/1.24.0"), "{run:?}");
    let asked = exchanges_for(report, "speaks-http");
    assert_eq!(asked.len(), 1, "{run:?}");
    assert_eq!(asked[0]["response"]["status"], 401);

    let plain = server.connections_received().into_iter().filter(|bytes| bytes[0] != HANDSHAKE);
    let requests: Vec<_> = plain.flat_map(|bytes| heads(&bytes)).collect();
    let [sent] = &requests[..] else { panic!("{run:?}") };
    assert_eq!((sent.method.as_str(), sent.path.as_str()), ("GET", "/"));
    assert_eq!(sent.all("host"), [server.address.to_string()]);
    assert_eq!(sent.all("authorization"), Vec::<&str>::new());
    server.assert_never_told(PASSWORD);
    server.assert_never_told("CANARYheader");
}

#[test]
fn an_ssh_server_that_is_asked_for_tls_is_called_by_its_greeting() {
    let server = Server::behaving(|mut connection| {
        connection.send(b"SSH-2.0-OpenSSH_9.6\r\n");
        connection.wait_until_the_client_goes();
    });
    let run = probe_with_secrets(&format!("{}/{IMAGE}", server.origin("https")));
    assert_status(&run, 15);
    assert_eq!(rules(&run.report().0), ["answer-is-not-http"], "{run:?}");
    assert!(run.stdout.contains("SSH-2.0-OpenSSH_9.6"), "{run:?}");
}

#[test]
fn a_front_page_without_end_is_read_as_far_as_its_bound() {
    let server = Server::behaving(|mut connection| {
        if connection.first_bytes().is_some_and(|bytes| bytes[0] == HANDSHAKE) {
            connection.send(b"nothing of TLS\r\n\r\n");
            connection.close();
        } else {
            connection.send(b"HTTP/1.1 200 OK\r\nServer: \xe2\x80\xaex\r\n\r\n");
            connection.send_without_end(&[b'x'; 8192], 8 << 20);
        }
    });
    let run = probe_with_secrets(&format!("{}/{IMAGE}", server.origin("https")));
    assert_status(&run, 16);
    let page = exchanges_for(&run.report().0, "speaks-http")[0]["response"]["body"].clone();
    assert!(page["size"].as_u64().expect("a size") < 1 << 20, "{page}");
    assert_eq!(page["truncated"], true);
}

#[test]
fn broken_http_is_not_called_another_protocol() {
    let server = Server::behaving(|mut connection| {
        connection.first_bytes();
        connection.send(b"HTTP/1.1 400 Bad Request\r\nServer: \x1b[2J\r\n\r\n");
        connection.close();
    });
    let run = probe_with_secrets(&format!("{}/{IMAGE}", server.origin("https")));
    assert_status(&run, 16);
    assert_eq!(rules(&run.report().0), ["http-registry-asked-as-https"], "{run:?}");
}

#[test]
fn nothing_more_is_asked_through_a_proxy() {
    let server = Server::behaving(|mut connection| {
        connection.first_bytes();
    });
    let proxy = server.origin("http");
    let reference = format!("http://registry.test:5000/{IMAGE}");
    let run = checked(asking(&reference, &[]).env("http_proxy", &proxy).run());
    assert_eq!(exchanges_for(&run.report().0, "speaks-tls").len(), 0, "{run:?}");
    assert_status(&run, 15);
}
