//! Servers that refuse, each in its own way.

use super::{assert_status, probe_server};
use crate::support::hostile::{Server, answer, refusal};

#[test]
fn a_server_that_fails_has_failed() {
    for status in ["500 Internal Server Error", "501 Not Implemented", "502 Bad Gateway", "503 Service Unavailable"] {
        let server = Server::answering(move |_| refusal(status, &[], "UNKNOWN", "unknown error"));
        let run = probe_server(&server, &[]);
        assert_eq!(run.report().probe("all")["status"].to_string(), status[..3]);
        assert_status(&run, 19);
    }
}

#[test]
fn a_server_without_words_has_failed_too() {
    let server = Server::answering(|_| answer("500 Internal Server Error", &[], ""));
    assert_status(&probe_server(&server, &[]), 19);
}

#[test]
fn a_refusal_is_one_of_permission() {
    let server = Server::answering(|_| refusal("403 Forbidden", &[], "DENIED", "requested access is denied"));
    assert_status(&probe_server(&server, &[]), 13);
}

/// Some servers write the number of seconds, some a date, some the time at which to come back; some write nonsense.
#[test]
fn a_limit_is_a_limit_whatever_the_server_wants_waited() {
    for later in [
        None,
        Some("0"),
        Some("-1"),
        Some("86400"),
        Some("1e9"),
        Some("9223372036854775807"),
        Some("99999999999999999999999"),
        Some("1789000000"),
        Some("Wed, 21 Oct 2065 07:28:00 GMT"),
        Some("Thu, 01 Jan 1970 00:00:00 GMT"),
        Some("soon"),
    ] {
        let server = Server::answering(move |_| {
            let headers: Vec<_> = later.iter().map(|value| ("Retry-After", *value)).collect();
            refusal("429 Too Many Requests", &headers, "TOOMANYREQUESTS", "pull rate limit reached")
        });
        let run = probe_server(&server, &[]);
        assert_eq!(run.report().probe("all")["status"], 429);
        let asked_twice = server.requests().len() > run.report().list("exchanges").len();
        assert!(!asked_twice, "nothing is tried again without a word: {run:?}");
        assert_status(&run, 14);
    }
}

#[test]
fn statuses_that_nobody_knows_do_no_harm() {
    for status in [
        "199 Odd",
        "204 No Content",
        "206 Partial Content",
        "299 Odd",
        "304 Not Modified",
        "418 I'm a teapot",
        "599 Odd",
    ] {
        let server = Server::answering(move |_| answer(status, &[], ""));
        let run = probe_server(&server, &["--timeout", "1"]);
        run.report();
    }
}
