//! Header blocks that do not end, that are too large, or that hold what no header may hold.

use super::{assert_all_failed, assert_status, failures, probe_server};
use crate::support::hostile::{Server, manifest};

/// What a server would send of a header block without end before a test gives up on its client.
const ENOUGH: usize = 64 << 20;

#[test]
fn headers_without_end_are_given_up() {
    for (start, piece) in [("HTTP/1.1 200 OK\r\n", "X-Filler: filler\r\n"), ("HTTP/1.1 200 OK\r\nX-Filler: ", "filler")]
    {
        let server = Server::behaving(move |mut connection| {
            if connection.request().is_some() {
                connection.send(start.as_bytes());
                connection.send_without_end(piece.repeat(1000).as_bytes(), ENOUGH);
            }
        });
        let run = probe_server(&server, &[]);
        assert_all_failed(&run.report(), "headers-too-large");
        assert_status(&run, 15);
    }
}

#[test]
fn as_many_headers_as_anybody_needs_are_read() {
    let filler: Vec<_> = (0..200).map(|number| (format!("X-Filler-{number}"), "filler".to_owned())).collect();
    let server = Server::answering(move |_| with_headers(&filler));
    let run = probe_server(&server, &[]);
    let report = run.report();
    let headers = &report.exchange(&report.probe("all")["exchange"])["response"]["headers"];
    assert!(headers.as_array().expect("headers").len() > 200, "{headers}");
    assert_status(&run, 0);
}

#[test]
fn more_headers_than_that_are_refused_with_the_limit_named() {
    let many: Vec<_> = (0..300).map(|number| (format!("X-Filler-{number}"), "filler".to_owned())).collect();
    let long = vec![("X-Filler".to_owned(), "x".repeat(70_000))];
    for headers in [many, long] {
        let server = Server::answering(move |_| with_headers(&headers));
        let run = probe_server(&server, &[]);
        let report = run.report();
        assert_all_failed(&report, "headers-too-large");
        let message = report.list("exchanges")[0]["failure"]["message"].as_str().expect("a message").to_owned();
        assert!(message.contains("256") && message.contains("64 KiB"), "{message}");
        assert_status(&run, 15);
    }
}

#[test]
fn control_bytes_in_a_header_are_not_http() {
    for line in [
        &b"X-Evil: \x1b[2J"[..],
        b"X-Evil: a\x00b",
        b"X-Evil: a\x7fb",
        b"X-Ev\x1bil: a",
        b"X-Evil : a",
        b" folded from nothing",
    ] {
        let bytes = [b"HTTP/1.1 200 OK\r\n", line, b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"].concat();
        let run = probe_server(&Server::saying(bytes), &[]);
        assert_all_failed(&run.report(), "not-http");
        assert_status(&run, 15);
    }
}

#[test]
fn a_status_line_with_control_bytes_is_not_http() {
    for line in [&b"HTTP/1.1 200 \x1b[2JOK"[..], b"HTTP/1.1 2\x1b0 OK", b"HTTP/1.1 99999 OK", b"HTTP/9.9 200 OK"] {
        let bytes = [line, b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"].concat();
        let run = probe_server(&Server::saying(bytes), &[]);
        assert_all_failed(&run.report(), "not-http");
        assert_status(&run, 15);
    }
}

/// Two lengths are how one server smuggles an answer past another (RFC 9112 §6.3).
#[test]
fn contradicting_lengths_do_not_pass() {
    let server =
        Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{} ");
    let run = probe_server(&server, &[]);
    assert_ne!(failures(&run.report()), [""; 0], "{run:?}");
}

fn with_headers(more: &[(String, String)]) -> Vec<u8> {
    let good = manifest();
    let end = good.windows(4).position(|window| window == b"\r\n\r\n").expect("the end of the head") + 2;
    let lines: String = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    [&good[..end], lines.as_bytes(), &good[end..]].concat()
}

#[test]
fn an_answer_without_any_header_is_shown_as_one() {
    let run = probe_server(&Server::saying("HTTP/1.0 200 OK\r\n\r\n{}"), &[]);
    let report = run.report();
    assert_eq!(report.probe("all")["status"], 200);
    assert_eq!(report.probe("all")["served_type"], serde_json::Value::Null);
}
