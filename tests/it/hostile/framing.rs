//! What is around the content of an answer, and never ends: chunk sizes, chunk extensions and trailers (RFC 9112, section 7.1).

use std::time::{Duration, Instant};

use super::{assert_all_failed, assert_status, checked, plain, probe_server};
use crate::support::content::{docker_image, media_type};
use crate::support::hostile::{Names, Server, head};
use crate::support::ociscope::{Run, ociscope};

/// What a server would send before a test gives up on its client.
const ENOUGH: usize = 512 << 20;
/// Much less than the deadlines of the runs below, and than the 8 s that one piece of work took without a bound.
const SOON: Duration = Duration::from_secs(6);

/// A server whose answer is chunked, begins like this and goes on with that.
fn endless(start: &str, then: &str) -> impl Fn(crate::support::hostile::Connection) + Send + Sync + 'static {
    let kind = ("Content-Type", media_type::DOCKER_V2);
    let start = head("200 OK", &[kind, ("Transfer-Encoding", "chunked")], start.as_bytes());
    let then = then.repeat((64 << 10) / then.len()).into_bytes();
    move |mut connection| {
        if connection.request().is_some() {
            connection.send(&start);
            connection.send_without_end(&then, ENOUGH);
            connection.wait_until_the_client_goes();
        }
    }
}

#[track_caller]
fn assert_given_up(name: &str, words: &str, run: &Run, began: Instant) {
    let text = run.stdout.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(words), "{name}: {run:?}");
    assert!(began.elapsed() < SOON, "{name}: {:?}", began.elapsed());
    assert_status(run, 15);
}

/// Case C36: a body that never comes to its content is given up, and the bound is named.
#[test]
fn framing_without_content_is_given_up_and_the_bound_is_named() {
    let silent = "more than 1 MiB of chunk sizes, extensions or trailers without content";
    for (name, start, then, words) in [
        ("zeros", "", "0", silent),
        ("zeros before a size", "2\r\n{}\r\n000", "0", silent),
        ("blanks after a size", "2", " ", silent),
        ("tabs after a size", "1a", "\t", silent),
        ("both after zeros", "0000", " \t", silent),
        ("an extension", "2;", "x", "chunk extensions are longer than 16 KiB"),
        ("extensions", "2", ";a=b", "chunk extensions are longer than 16 KiB"),
        ("a quoted extension", "2;a=\"", "\\\"", "chunk extensions are longer than 16 KiB"),
        ("one trailer", "2\r\n{}\r\n0\r\nx-a: ", "b", "trailers are longer than 16 KiB"),
        ("trailers", "2\r\n{}\r\n0\r\n", "x-a: b\r\n", "more than 256 trailers"),
    ] {
        let server = Server::behaving(endless(start, then));
        let began = Instant::now();
        let (run, memory) = ociscope(&["manifest", "--timeout", "30", &plain(&server)]).start().finish_and_weigh();
        assert_given_up(name, words, &checked(run), began);
        assert!(memory.is_none_or(|bytes| bytes < 96 << 20), "{name}: {memory:?}");
    }
}

/// Case C36: over TLS as well.
#[test]
fn framing_without_content_is_given_up_over_tls() {
    let mut names = Names::new();
    let server = Server::behaving_over_tls(&names.authority, &["registry.test"], endless("", "0"));
    names.lead("registry.test:443", &server);
    let arguments = [&["manifest", "--timeout", "30", "registry.test/team/app:1.0"][..], &names.options()].concat();
    let began = Instant::now();
    let run = checked(ociscope(&arguments).run());
    assert_given_up("zeros over TLS", "without content", &run, began);
}

/// Case C36: framing that is not HTTP is named as such.
#[test]
fn body_that_is_framed_wrongly_is_not_called_cut_short() {
    for body in
        ["xyz\r\n{}\r\n0\r\n\r\n", "2\r\n{}x\r\n0\r\n\r\n", "2 2\r\n{}\r\n", "-2\r\n{}\r\n", "fffffffffffffffff\r\n{}"]
    {
        let bytes = head("200 OK", &[("Transfer-Encoding", "chunked")], body.as_bytes());
        let server = Server::behaving(move |mut connection| {
            if connection.request().is_some() {
                connection.send(&bytes);
                connection.wait_until_the_client_goes();
            }
        });
        let run = probe_server(&server, &["--timeout", "10"]);
        assert_all_failed(&run.report(), "framing");
        assert!(!run.stdout.contains("the connection ended"), "{body:?}: {run:?}");
        assert_status(&run, 15);
    }
}

/// Look-alikes: long but finite sizes, extensions and trailers change nothing, nor does content in the smallest pieces.
#[test]
fn framing_within_the_bounds_changes_nothing() {
    let document = docker_image("amd64");
    let text = String::from_utf8(document.bytes.to_vec()).expect("JSON");
    let size = format!("{:x}", text.len());
    let bytewise: String = text.chars().map(|character| format!("1\r\n{character}\r\n")).collect();
    let padded: String = text.chars().map(|character| format!("{}1\r\n{character}\r\n", "0".repeat(4000))).collect();
    for (name, body) in [
        ("plain", format!("{size}\r\n{text}\r\n0\r\n\r\n")),
        ("zeros", format!("{}{size}\r\n{text}\r\n0000\r\n\r\n", "0".repeat(500_000))),
        ("blanks", format!("{size}{}\r\n{text}\r\n0\r\n\r\n", " \t".repeat(250_000))),
        ("capitals", format!("{}\r\n{text}\r\n0\r\n\r\n", size.to_uppercase())),
        ("an extension", format!("{size};{}\r\n{text}\r\n0;a=b\r\n\r\n", "x".repeat(10_000))),
        ("trailers", format!("{size}\r\n{text}\r\n0\r\n{}\r\n", "x-a: b\r\n".repeat(60))),
        ("byte by byte", format!("{bytewise}0\r\n\r\n")),
        ("byte by byte with zeros", format!("{padded}0\r\n\r\n")),
    ] {
        let kind = ("Content-Type", media_type::DOCKER_V2);
        let bytes = head("200 OK", &[kind, ("Transfer-Encoding", "chunked")], body.as_bytes());
        let server = Server::answering(move |_| bytes.clone());
        let run = checked(ociscope(&["manifest", "--json", &plain(&server)]).run());
        assert_eq!(run.status, 0, "{name}: {run:?}");
        assert_eq!(run.json()["digest"], document.digest, "{name}");
    }
}

/// Case C37: a server that keeps the connections busy holds up neither the deadline nor Ctrl-C.
#[test]
fn busy_connections_hold_up_neither_the_deadline_nor_ctrl_c() {
    // Each zero is content to no reader, and each hundred thousandth byte is: no bound on framing ends this.
    let then = format!("{}1\r\nx\r\n", "0".repeat(100_000));
    for arguments in [&["manifest", "--timeout", "2"][..], &["probe", "--timeout", "2"], &["head", "--timeout", "2"]] {
        let kind = ("Content-Type", media_type::DOCKER_V2);
        let start = head("200 OK", &[kind, ("Transfer-Encoding", "chunked")], b"");
        let piece = then.clone().into_bytes();
        let server = Server::behaving(move |mut connection| {
            if connection.request().is_some() {
                connection.send(&start);
                connection.send_without_end(&piece, usize::MAX);
            }
        });
        let what = if arguments[0] == "head" { format!("{}/v2/", server.origin("http")) } else { plain(&server) };
        let began = Instant::now();
        let run = checked(ociscope(&[arguments, &[&what]].concat()).run());
        assert!(began.elapsed() < SOON, "{arguments:?}: {:?}: {run:?}", began.elapsed());
        let running = ociscope(&[&arguments[..1], &["--timeout", "50", &what]].concat()).start();
        std::thread::sleep(Duration::from_millis(700));
        let pressed = Instant::now();
        running.interrupt();
        let run = running.finish();
        assert!(pressed.elapsed() < Duration::from_secs(2), "{arguments:?}: {:?}: {run:?}", pressed.elapsed());
    }
}
