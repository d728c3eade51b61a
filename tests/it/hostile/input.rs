//! What is wrong before anything is sent: references, names that do not resolve, ports that are closed.

use std::net::{Ipv4Addr, TcpListener};

use super::{assert_all_failed, assert_status, checked, probe};
use crate::support::hostile::{Names, Server, manifest};
use crate::support::ociscope::ociscope;

#[test]
fn a_reference_that_cannot_be_read_is_pointed_at() {
    for reference in [
        "registry.test/Team/app",
        "registry.test:99999/team/app",
        "registry.test//app",
        "registry.test/team/app:",
        "registry.test/team/app@sha256:short",
        "registry.test/team/app:1.0 ",
        "registry.test/../../etc/passwd",
        "registry.test/team/app?x=y",
        "registry.test/%2e%2e/app",
        "registry.test/team/\u{1b}[2Japp",
        "registry.test/team/\u{202e}app",
        "",
    ] {
        let run = checked(ociscope(&["probe", reference]).run());
        assert_status(&run, 2);
        assert_eq!(run.stdout, "", "{reference:?}");
        assert!(run.stderr.lines().count() > 1, "the place is shown: {run:?}");
        assert!(run.stderr.contains('^'), "the place is pointed at: {run:?}");
    }
}

#[test]
fn a_very_long_reference_is_refused_in_few_words() {
    let run = checked(ociscope(&["probe", &format!("registry.test/{}", "a".repeat(100_000))]).run());
    assert_status(&run, 2);
    assert!(run.stderr.len() < 4096, "{} bytes", run.stderr.len());
}

#[test]
fn a_password_in_a_reference_is_not_repeated() {
    for reference in ["https://alice:CANARYpw@registry.test/team/app", "alice:CANARYpw@registry.test/team/app"] {
        let run = checked(ociscope(&["probe", reference]).run());
        assert_status(&run, 2);
        run.assert_hides(&["CANARYpw"]);
    }
}

#[test]
fn wrong_options_are_wrong_usage_and_show_no_secret() {
    for options in [
        &["--header", "X-Api-Key CANARYhdr", "registry.test/team/app"][..],
        &["--header", "Accept: CANARYhdr", "registry.test/team/app"],
        &["--header", "X-Api-Key: CANARYhdr\r\nX-Evil: 1", "registry.test/team/app"],
        &["--timeout", "-1", "registry.test/team/app"],
        &["--timeout", "NaN", "registry.test/team/app"],
        &["--resolve", "registry.test", "registry.test/team/app"],
        &["--trust-realm", "*", "registry.test/team/app"],
        &["--platform", "CANARY/x/y/z", "registry.test/team/app"],
        &["--password", "CANARYhdr", "registry.test/team/app"],
        &["--username", "alice", "registry.test/team/app"],
        &["--cacert", "/nowhere/at/all.pem", "https://registry.test/team/app"],
        &["--accept", "a\r\nX-Evil: 1", "registry.test/team/app"],
    ] {
        let run = checked(ociscope(&[&["probe"], options].concat()).run());
        assert_status(&run, 2);
        assert_eq!(run.stdout, "", "{options:?}");
        run.assert_hides(&["CANARYhdr"]);
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let not_text = OsStr::from_bytes(b"registry.test/team/\xff\xfe");
    let run = checked(ociscope(&["probe"]).argument(not_text).run());
    assert_status(&run, 2);
    assert_eq!(run.stdout, "");

    // The name of a file need not be text, and one that does not exist is wrong usage too.
    let run = checked(ociscope(&["probe", "--cacert"]).argument(not_text).argument("registry.test/a").run());
    assert_status(&run, 2);
}

#[test]
fn a_host_that_does_not_resolve_is_a_network_fault() {
    let run = probe("nonexistent.invalid/team/app:1.0", &[]);
    assert_all_failed(&run.report(), "dns");
    assert_status(&run, 15);
}

#[test]
fn a_closed_port_is_a_network_fault() {
    // A port that was free a moment ago is closed now.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).expect("a free port");
    for reference in [format!("http://{address}/team/app"), format!("https://{address}/team/app")] {
        let run = probe(&reference, &[]);
        assert_all_failed(&run.report(), "refused");
        assert_status(&run, 15);
    }
}

/// A name may have several addresses, and the first of them need not be the one that works.
#[test]
fn an_address_that_does_not_answer_is_followed_by_the_next_one() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).expect("a free port");
    let server = Server::answering(|_| manifest());
    for name in ["registry.test:80", "registry.test:5000"] {
        let mut names = Names::new();
        names.lead_to_address(name, &closed.to_string());
        names.lead(name, &server);
        let run = probe(&format!("http://{name}/team/app:1.0"), &names.options());
        assert_eq!(run.report().probe("all")["status"], 200, "{run:?}");
        assert_status(&run, 0);
    }
}
