//! Bodies that do not end, that end too early, and that are not what they are said to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{assert_all_failed, assert_status, failures, probe, probe_server};
use crate::support::content::{docker_image, media_type};
use crate::support::digest_of;
use crate::support::hostile::{Names, Server, answer, head};
use crate::support::layer::Layer;

/// What a server would send of a body without end before a test gives up on its client.
const ENOUGH: usize = 64 << 20;
/// The most that is read of a manifest, and some room for what was under way.
const MANIFEST_LIMIT: u64 = (4 << 20) + (1 << 20);

/// A server whose answers begin like this and then go on for ever, and the count of those that were given up in time.
fn endless(start: Vec<u8>, piece: Vec<u8>) -> (Server, Arc<AtomicUsize>) {
    let given_up = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given_up);
    let server = Server::behaving(move |mut connection| {
        let Some(request) = connection.request() else { return };
        connection.send(&start);
        if request.method == "GET" && connection.send_without_end(&piece, ENOUGH) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (server, given_up)
}

#[test]
fn a_manifest_without_end_is_given_up() {
    let kind = ("Content-Type", media_type::DOCKER_V2);
    let until_the_end = head("200 OK", &[kind], b"");
    let chunked = head("200 OK", &[kind, ("Transfer-Encoding", "chunked")], b"");
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    for (start, piece) in [(until_the_end, vec![b' '; 0x10000]), (chunked, chunk)] {
        let (server, given_up) = endless(start, piece);
        let run = probe_server(&server, &[]);
        assert!(given_up.load(Ordering::SeqCst) > 0, "the connection is closed, and nothing more is read");

        let report = run.report();
        assert_all_failed(&report, "body-too-large");
        let body = &report.exchange(&report.probe("all")["exchange"])["response"]["body"];
        assert!(body["size"].as_u64().expect("a size") < MANIFEST_LIMIT, "{body}");
        assert_eq!(body["truncated"], true);
        assert!(run.stdout.len() < 8 << 20, "what is shown is bounded too: {} bytes", run.stdout.len());
        assert_status(&run, 17);
    }
}

#[test]
fn a_body_that_is_announced_as_huge_takes_no_memory_for_it() {
    let headers = [("Content-Type", media_type::DOCKER_V2), ("Content-Length", "9223372036854775000")];
    let server = Server::saying(head("200 OK", &headers, b"{"));
    let run = probe_server(&server, &[]);
    assert!(failures(&run.report()).contains(&"body-cut-short"), "{run:?}");
    assert_status(&run, 17);
}

#[test]
fn a_body_that_is_cut_short_is_an_integrity_fault() {
    let kind = ("Content-Type", media_type::DOCKER_V2);
    for bytes in [
        head("200 OK", &[kind, ("Content-Length", "1000")], b"{\"schemaVersion\":2"),
        head("200 OK", &[kind, ("Transfer-Encoding", "chunked")], b"3e8\r\n{\"schemaVersion\":2"),
        head("200 OK", &[kind, ("Transfer-Encoding", "chunked")], b"12\r\n{\"schemaVersion\":2\r\n"),
    ] {
        let run = probe_server(&Server::saying(bytes), &[]);
        let report = run.report();
        let exchange = report.exchange(&report.probe("all")["exchange"]);
        assert_eq!(exchange["failure"]["kind"], "body-cut-short", "{run:?}");
        let body = &exchange["response"]["body"];
        assert!(body["text"].as_str().expect("what came").starts_with("{\"schema"), "what came is shown: {body}");
        assert_eq!(body["sha256"], serde_json::Value::Null, "a digest of a part would mislead: {body}");
        assert_status(&run, 17);
    }
}

/// Many servers end TLS by closing the connection. What was announced has come, so nothing is missing.
#[test]
fn a_complete_body_needs_no_farewell_in_tls() {
    let mut names = Names::new();
    let document = docker_image("amd64");
    let headers = [("Content-Type", document.media_type), ("Docker-Content-Digest", document.digest.as_str())];
    let bytes = answer("200 OK", &headers, &document.bytes);
    let server = Server::behaving_over_tls(&names.authority, &["registry.test"], move |mut connection| {
        if let Some(request) = connection.request() {
            let end = if request.method == "HEAD" { bytes.len() - document.bytes.len() } else { bytes.len() };
            connection.send(&bytes[..end]);
            connection.cut();
        }
    });
    names.lead("registry.test:443", &server);
    let run = probe("registry.test/team/app:1.0", &names.options());
    let report = run.report();
    assert_eq!(report.probe("all")["status"], 200);
    assert_eq!(failures(&report), [""; 0], "{run:?}");
    assert_status(&run, 0);
}

#[test]
fn a_compressed_manifest_is_kept_as_it_came() {
    let compressed = Layer::with_greeting("not a manifest").bytes;
    let headers = [("Content-Type", media_type::DOCKER_V2), ("Content-Encoding", "gzip")];
    let bytes = answer("200 OK", &headers, &compressed);
    let server = Server::answering(move |_| bytes.clone());
    let run = probe_server(&server, &[]);
    let encodings = server.header_values("Accept-Encoding");
    assert!(!encodings.is_empty() && encodings.iter().all(|value| value == "identity"), "{encodings:?}");

    let report = run.report();
    let body = &report.exchange(&report.probe("all")["exchange"])["response"]["body"];
    assert_eq!(body["size"].as_u64(), Some(compressed.len() as u64));
    assert_eq!(format!("sha256:{}", body["sha256"].as_str().expect("a digest")), digest_of(&compressed));
}

#[test]
fn a_long_error_is_counted_and_cut() {
    let message = "long words ".repeat(1 << 20);
    let body = serde_json::json!({ "errors": [{ "code": "UNKNOWN", "message": message }] }).to_string();
    let bytes = answer("500 Internal Server Error", &[("Content-Type", "application/json")], body);
    let server = Server::answering(move |_| bytes.clone());
    for format in ["json", "terminal", "markdown", "html"] {
        let run = super::checked(
            crate::support::ociscope::ociscope(&["probe", "--format", format, &super::plain(&server)]).run(),
        );
        assert!(run.stdout.len() < 2 << 20, "{format}: {} bytes", run.stdout.len());
        assert_status(&run, 19);
    }
}

/// Of an error so much is read that its length can be told, and no more.
#[test]
fn an_error_without_end_is_given_up() {
    let (server, given_up) =
        endless(head("404 Not Found", &[("Content-Type", "text/plain")], b""), vec![b'a'; 0x10000]);
    let run = probe_server(&server, &[]);
    assert!(given_up.load(Ordering::SeqCst) > 0, "the connection is closed, and nothing more is read");
    let report = run.report();
    let body = &report.exchange(&report.probe("all")["exchange"])["response"]["body"];
    assert!(body["size"].as_u64().expect("a size") < 2 << 20, "{body}");
    assert_eq!(body["truncated"], true);
    // It is in no words of a registry.
    assert_status(&run, 15);
}

/// A reader of JSON that calls itself for every bracket would have no stack left.
#[test]
fn json_that_is_nested_without_end_is_only_text() {
    for open in ["[", "{\"a\":"] {
        let body = open.repeat(200_000);
        let manifest = answer("200 OK", &[("Content-Type", media_type::OCI_INDEX)], &body);
        let run = probe_server(&Server::answering(move |_| manifest.clone()), &[]);
        assert_eq!(run.report().probe("all")["status"], 200);

        let error = answer("404 Not Found", &[("Content-Type", "application/json")], &body[..60_000]);
        let run = probe_server(&Server::answering(move |_| error.clone()), &[]);
        assert_eq!(run.report().probe("all")["status"], 404);
    }
}
