//! How a run ends before its time: Ctrl-C, a reader that has gone, a full disk.

use std::io::Read;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{IMAGE, PASSWORD, USER, asking, assert_status, checked, plain};
use crate::support::content::media_type;
use crate::support::hostile::{Connection, Server, answer, head, manifest};
use crate::support::ociscope::{Run, ociscope};

/// A server, and the word that it has come to the point where it says nothing more.
fn hanging(behave: impl Fn(&mut Connection) + Send + Sync + 'static) -> (Server, mpsc::Receiver<()>) {
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let server = Server::behaving(move |mut connection| {
        behave(&mut connection);
        let _ = sender.lock().expect("no panic in a server").send(());
        connection.wait_until_the_client_goes();
    });
    (server, receiver)
}

/// At once is well below every deadline that would end the run otherwise, and generous to a busy machine.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Starts a probe, presses Ctrl-C once the server hangs, and checks that the end comes at once.
fn interrupted(reference: &str, hangs: &mpsc::Receiver<()>) -> Run {
    let running = asking(reference, &[]).start();
    hangs.recv_timeout(Duration::from_secs(20)).expect("the server to be asked");
    let pressed = Instant::now();
    running.interrupt();
    let run = checked(running.finish());
    assert!(pressed.elapsed() < AT_ONCE, "{:?}", pressed.elapsed());
    assert_status(&run, 130);
    assert_eq!(run.stderr, "");
    assert_eq!(run.json()["exit_code"], 130);
    run
}

#[test]
fn ctrl_c_ends_a_run_that_waits_for_an_answer() {
    let (server, hangs) = hanging(|connection| {
        connection.request();
    });
    let report = interrupted(&plain(&server), &hangs).json();
    assert_eq!(report["verdict"], "unknown");
    assert_eq!(report["exchanges"][0]["failure"]["kind"], "interrupted", "{report}");
}

#[test]
fn ctrl_c_ends_a_run_in_the_middle_of_tls() {
    let (server, hangs) = hanging(|_| {});
    let report = interrupted(&format!("{}/{IMAGE}", server.origin("https")), &hangs).json();
    assert_eq!(report["exchanges"][0]["failure"]["kind"], "interrupted", "{report}");
}

#[test]
fn ctrl_c_ends_a_run_in_the_middle_of_a_body_and_shows_what_came() {
    let (server, hangs) = hanging(|connection| {
        connection.request();
        let headers = [("Content-Type", media_type::OCI_MANIFEST), ("Content-Length", "1000")];
        connection.send(&head("200 OK", &headers, b"{\"schemaVersion\":2,"));
    });
    let report = interrupted(&plain(&server), &hangs).json();
    for exchange in report["exchanges"].as_array().expect("exchanges") {
        // A HEAD has no body, so its answer is complete.
        if exchange["request"]["method"] == "GET" && !exchange["response"].is_null() {
            assert_eq!(exchange["failure"]["kind"], "interrupted", "{exchange}");
            assert_eq!(exchange["response"]["body"]["truncated"], true, "{exchange}");
            assert_eq!(exchange["response"]["body"]["text"], "{\"schemaVersion\":2,", "{exchange}");
        }
    }
}

/// Two variants are answered and the others are not: what is known of those two is worth having.
#[test]
fn ctrl_c_leaves_what_was_found_by_then() {
    let (sender, hangs) = mpsc::channel();
    let sender = Mutex::new(sender);
    let server = Server::behaving(move |mut connection| {
        let Some(request) = connection.request() else { return };
        if request.all("Accept") == [media_type::DOCKER_V2] {
            connection.send(&manifest());
            return connection.close();
        }
        // Asked for last, so the others are under way.
        if request.method == "HEAD" {
            let _ = sender.lock().expect("no panic in a server").send(());
        }
        connection.wait_until_the_client_goes();
    });
    let running = asking(&plain(&server), &[]).start();
    hangs.recv_timeout(Duration::from_secs(20)).expect("the server to be asked");
    // The answer to one variant is on its way when HEAD comes; it is there once its connection has been closed.
    while server.requests().iter().filter(|sent| sent.all("Accept") == [media_type::DOCKER_V2]).count() == 0 {
        std::thread::yield_now();
    }
    running.interrupt();
    let run = checked(running.finish());
    assert_status(&run, 130);
    assert_eq!(run.json()["probes"].as_array().map(Vec::len), Some(12), "{run:?}");
}

/// The report waits for a reader who does not read; pressing Ctrl-C again ends the program all the same.
#[test]
fn ctrl_c_twice_ends_a_run_that_waits_for_its_reader() {
    let (server, hangs) = hanging(|connection| {
        let get = connection.request().is_some_and(|request| request.method == "GET");
        if get {
            connection.send(&answer("500 Internal Server Error", &[("Content-Type", "text/plain")], "x".repeat(8_000)));
        }
    });
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let running = asking(&plain(&server), &["--timeout", "20"]).start_with_stdout(writer);
    for _ in 0..13 {
        hangs.recv_timeout(Duration::from_secs(20)).expect("the server to be asked");
    }
    running.interrupt();
    // More than a pipe holds is on its way once the first byte is here.
    reader.read_exact(&mut [0]).expect("the beginning of the report");
    let pressed = Instant::now();
    running.interrupt();
    let run = checked(running.finish());
    assert!(pressed.elapsed() < AT_ONCE, "{:?}", pressed.elapsed());
    assert_status(&run, 130);
}

#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let server = Server::answering(|_| manifest());
    for format in ["terminal", "markdown", "html", "json"] {
        let run = ociscope(&["probe", "--format", format, &plain(&server)]).run_without_reader();
        assert_status(&run, 0);
        assert_eq!(run.stderr, "", "{format}");
    }
    for arguments in [&["--help"][..], &["--version"], &["probe", "--help"]] {
        let run = ociscope(arguments).run_without_reader();
        assert_status(&run, 0);
        assert_eq!(run.stderr, "", "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_fault_and_has_a_sentence() {
    let server = Server::answering(|_| manifest());
    for format in ["terminal", "markdown", "html", "json"] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
        let run = checked(ociscope(&["probe", "--format", format, &plain(&server)]).run_with_stdout(full));
        assert_status(&run, 1);
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(run.stderr.contains("could not be written"), "{run:?}");
    }
}

#[test]
fn a_password_that_does_not_come_is_wrong_usage() {
    let server = Server::answering(|_| manifest());
    for input in ["", "\n", &"x".repeat(100_000)] {
        let options = ["--username", USER, "--password-stdin"];
        let run = checked(asking(&plain(&server), &options).input(input).run());
        assert_status(&run, 2);
        assert_eq!(run.stdout, "");
        run.assert_hides(&[PASSWORD]);
    }
    server.assert_untouched();
}
