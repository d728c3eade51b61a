//! Servers that break TLS itself, or use more of it than anybody needs (case C20). Renegotiation is nothing that the TLS
//! library knows.

use std::time::{Duration, Instant};

use super::patience::{PAUSE, probe_within};
use super::{IMAGE, assert_all_failed, assert_status, checked};
use crate::support::hostile::{Asking, Names, Server, refusal};
use crate::support::ociscope::{Run, ociscope};

/// Asks a registry whose TLS is like this.
fn asked(tickets: usize, certificates: usize) -> (Run, Server) {
    let mut names = Names::new();
    let answer = |_: &_| refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "no");
    let server = Server::answering_over_odd_tls(&names.authority, &["registry.test"], tickets, certificates, answer);
    names.lead("registry.test", &server);
    let reference = format!("registry.test/{IMAGE}");
    let options = [&["probe", "--json", "--timeout", "30"], &names.options()[..], &[&reference]].concat();
    let began = Instant::now();
    let run = checked(ociscope(&options).run());
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    (run, server)
}

#[test]
fn certificates_that_nobody_needs_are_not_looked_at() {
    let (run, _server) = asked(0, 100);
    assert_status(&run, 10);
}

#[test]
fn a_chain_of_certificates_without_end_is_refused() {
    let (run, _server) = asked(0, 4000);
    assert_all_failed(&run.report(), "tls");
    assert_status(&run, 16);
}

#[test]
fn tickets_are_passed_over_and_are_not_kept_without_end() {
    let (run, _server) = asked(100, 0);
    assert_status(&run, 10);
    let (run, _server) = asked(5000, 0);
    assert_all_failed(&run.report(), "tls");
    assert_status(&run, 16);
}

#[test]
fn a_handshake_that_drips_is_given_up_in_time() {
    let server = Server::behaving(|mut connection| {
        // A record of a handshake with 16 KiB in it (RFC 8446, section 5.1).
        connection.send(&[22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc, 3, 3]);
        connection.drip(b"\0", PAUSE);
    });
    let run = probe_within(&format!("{}/{IMAGE}", server.origin("https")), "1");
    assert_all_failed(&run.report(), "deadline");
    assert_status(&run, 15);
}

#[test]
fn a_handshake_alone_is_bounded_as_requests_are() {
    let drips = Server::behaving(|mut connection| {
        connection.send(&[22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc, 3, 3]);
        connection.drip(b"\0", PAUSE);
    });
    let silent = Server::behaving(|mut connection| connection.wait_until_the_client_goes());
    for server in [drips, silent] {
        let began = Instant::now();
        let run = checked(ociscope(&["tls", &server.address.to_string(), "--timeout", "1"]).run());
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert_status(&run, 15);
    }
    let mut names = Names::new();
    let asking = Asking::optionally();
    let endless = Server::behaving_while_asking(&names.authority, &["registry.test"], asking, |mut connection| {
        connection.send_without_end(&[b'x'; 8192], 64 << 20);
    });
    names.lead("registry.test", &endless);
    let began = Instant::now();
    let run = checked(ociscope(&[&["tls", "registry.test"], &names.options()[..]].concat()).run());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_status(&run, 0);
}

#[test]
fn a_chain_without_end_is_refused_by_a_handshake_alone() {
    let mut names = Names::new();
    let server = Server::answering_over_odd_tls(&names.authority, &["registry.test"], 0, 4000, |_| Vec::new());
    names.lead("registry.test", &server);
    for more in [&["--raw"][..], &[]] {
        let run = checked(ociscope(&[&["tls", "registry.test"], &names.options()[..], more].concat()).run());
        assert_status(&run, 16);
        assert!(run.stdout.len() < 64 << 10, "{}", run.stdout.len());
    }
}
