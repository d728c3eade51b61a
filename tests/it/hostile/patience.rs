//! Servers that take their time, or that go before they have said anything.

use std::time::{Duration, Instant};

use super::{IMAGE, assert_all_failed, assert_cannot_be_pulled, assert_status, plain, probe, probe_server};
use crate::support::content::media_type;
use crate::support::hostile::{Connection, Server, head};
use crate::support::ociscope::Run;

/// Between two pieces of what drips: well below every deadline, so that silence is not what ends it.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// Probes with a deadline for the whole run, and checks that it is kept: nothing else would end it for half a minute.
#[track_caller]
pub(super) fn probe_within(reference: &str, seconds: &str) -> Run {
    let began = Instant::now();
    let run = probe(reference, &["--timeout", seconds]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}: {run:?}", began.elapsed());
    run
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    let server = Server::behaving(|mut connection| connection.wait_until_the_client_goes());
    let run = probe_within(&plain(&server), "2");
    let report = run.report();
    assert_all_failed(&report, "deadline");
    assert_eq!(report.probe("all")["status"], serde_json::Value::Null);
    assert_status(&run, 15);
}

#[test]
fn a_server_that_never_ends_the_handshake_is_given_up_in_time() {
    let server = Server::behaving(|mut connection| connection.wait_until_the_client_goes());
    let run = probe_within(&format!("{}/{IMAGE}", server.origin("https")), "1");
    assert_all_failed(&run.report(), "deadline");
    assert_status(&run, 15);
}

fn drip(behave: impl Fn(Connection) + Send + Sync + 'static) -> Run {
    let server = Server::behaving(behave);
    let run = probe_within(&plain(&server), "1");
    assert_all_failed(&run.report(), "deadline");
    run
}

#[test]
fn headers_that_drip_are_given_up_in_time() {
    let run = drip(|mut connection| {
        if connection.request().is_some() {
            connection.send(b"HTTP/1.1 200 OK\r\n");
            connection.drip(b"X-Filler: filler\r\n", PAUSE);
        }
    });
    assert_status(&run, 15);
}

#[test]
fn a_body_that_drips_is_given_up_in_time_and_shown_as_far_as_it_came() {
    let run = drip(|mut connection| {
        if connection.request().is_some() {
            let headers = [("Content-Type", media_type::OCI_MANIFEST), ("Content-Length", "100000")];
            connection.send(&head("200 OK", &headers, b"{"));
            connection.drip(b" ", PAUSE);
        }
    });
    let report = run.report();
    let response = &report.exchange(&report.probe("all")["exchange"])["response"];
    assert_eq!(response["status"], 200);
    assert!(response["body"]["size"].as_u64().expect("a size") > 1, "{response}");
    assert_eq!(response["body"]["truncated"], true, "{response}");
    assert_cannot_be_pulled(&run);
}

/// Each early hint is an answer that says that another will follow (RFC 8297). They are given up before the time is.
#[test]
fn hints_without_end_are_given_up_in_time() {
    let server = Server::behaving(|mut connection| {
        if connection.request().is_some() {
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n".repeat(100);
            connection.send_without_end(hints.as_bytes(), 2 << 20);
            connection.drip(hints.as_bytes(), PAUSE);
        }
    });
    let run = probe_within(&plain(&server), "10");
    assert_all_failed(&run.report(), "headers-too-large");
    assert_status(&run, 15);
}

#[test]
fn a_connection_that_is_closed_at_once_is_a_network_fault() {
    let run = probe_server(&Server::behaving(Connection::close), &[]);
    assert_all_failed(&run.report(), "closed");
    assert_status(&run, 15);
}

#[test]
fn a_connection_that_is_closed_after_the_request_is_a_network_fault() {
    for start in ["", "HTT", "HTTP/1.1 200 OK\r\nContent-Type: applica"] {
        let run = probe_server(&Server::saying(start), &[]);
        assert_all_failed(&run.report(), "closed");
        assert_status(&run, 15);
    }
}

#[test]
fn a_connection_that_is_reset_is_a_network_fault() {
    let run = probe_server(&Server::behaving(Connection::reset), &[]);
    assert_all_failed(&run.report(), "closed");
    assert_status(&run, 15);
}
