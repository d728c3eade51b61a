//! Servers that speak HTTP/2, frame by frame, and mean it ill (RFC 9113, section 6).

use std::time::{Duration, Instant};

use crate::hostile::{IMAGE, checked, plain};
use crate::support::content::{docker_image, media_type};
use crate::support::hostile::{Names, Server};
use crate::support::ociscope::{Run, ociscope};

/// What a server would send before a test gives up on its client.
const ENOUGH: usize = 256 << 20;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A run against a server that begins as one should, takes the first request, and then sends this without end, or once
/// where it is to end.
fn against(then: Vec<u8>, endless: bool) -> (Run, Option<u64>, Server) {
    let mut names = Names::new();
    let server = Server::behaving_over_http2(&names.authority, &["registry.test"], move |mut connection| {
        // The preface of a client ends as the head of a request does.
        let _ = connection.request();
        connection.send(&frame(SETTINGS, 0, 0, &[]));
        if endless {
            connection.send_without_end(&then.repeat(64), ENOUGH);
        } else {
            connection.send(&then);
        }
        connection.wait_until_the_client_goes();
    });
    names.lead("registry.test", &server);
    let reference = format!("registry.test/{IMAGE}");
    let arguments = [&["manifest", "--json", "--timeout", "2", &reference][..], &names.options()].concat();
    let (run, memory) = ociscope(&arguments).start().finish_and_weigh();
    (checked(run), memory, server)
}

/// Case C21: whatever is sent without end, and where nothing may be sent at all, it ends in time and takes little memory.
#[test]
fn a_server_that_floods_is_given_up_in_time() {
    let window_of_nothing = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    for (name, bytes, endless) in [
        ("pings", frame(PING, 0, 0, &[0; 8]), true),
        ("settings", frame(SETTINGS, 0, 0, &[]), true),
        ("empty pieces", frame(DATA, 0, 1, &[]), true),
        ("headers that go on", [frame(HEADERS, 0, 1, &[]), frame(CONTINUATION, 0, 1, &[0; 64])].concat(), true),
        ("continuations", frame(CONTINUATION, 0, 1, &[0; 1024]), true),
        ("pushes", frame(PUSH_PROMISE, 4, 1, &[0, 0, 0, 2]), true),
        ("farewells", frame(GOAWAY, 0, 0, &[0; 8]), true),
        ("no window", window_of_nothing, false),
        ("a frame that is too long", frame(DATA, 0, 1, &vec![0; 60_000]), false),
    ] {
        let (run, memory, _server) = against(bytes, endless);
        assert_eq!(run.status, 15, "{name}: {run:?}");
        assert!(memory.is_none_or(|bytes| bytes < 160 << 20), "{name}: {memory:?}");
    }
}

/// Case G03: a request that was refused is not sent again behind anybody's back.
#[test]
fn nothing_is_asked_again_that_was_refused() {
    let refused = frame(RST_STREAM, 0, 1, &7_u32.to_be_bytes());
    let calm = frame(GOAWAY, 0, 0, &[0_u32.to_be_bytes(), 11_u32.to_be_bytes()].concat());
    let farewell = frame(GOAWAY, 0, 0, &[0; 8]);
    let older = frame(RST_STREAM, 0, 1, &13_u32.to_be_bytes());
    for (name, bytes) in [("refused", refused), ("calm", calm), ("farewell", farewell), ("http/1.1", older)] {
        let (run, _, server) = against(bytes, false);
        assert_eq!(run.status, 15, "{name}: {run:?}");
        let shown = run.json()["exchanges"].as_array().map_or(0, Vec::len);
        let sent = requests(&server.received());
        assert!(sent <= shown.max(1), "{name}: {sent} requests were sent, {shown} shown: {}", run.stdout);
    }
}

/// How many requests there are in what a server has received, connection after connection.
fn requests(received: &[u8]) -> usize {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let (mut rest, mut count) = (received, 0);
    while rest.len() >= 9 {
        if rest.starts_with(PREFACE) {
            rest = &rest[PREFACE.len()..];
            continue;
        }
        let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
        count += usize::from(rest[3] == HEADERS);
        rest = rest.get(9 + length..).unwrap_or_default();
    }
    count
}

/// An interim head: `:status` without an entry in the table of headers (RFC 7541, section 6.2.2), and what comes after it.
fn interim(status: &str, more: &[u8]) -> Vec<u8> {
    [&[0x08, 3], status.as_bytes(), more].concat()
}

/// A header that is not kept in the table.
fn field(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text");
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

/// A small image over HTTP/2, after these frames.
fn serving_after(first: Vec<u8>) -> (Names, Server) {
    let document = docker_image("amd64");
    let names = Names::new();
    let head = [vec![0x88], field("content-type", media_type::DOCKER_V2)].concat();
    let answer = [first, frame(HEADERS, 4, 1, &head), frame(DATA, 1, 1, &document.bytes)].concat();
    let server = Server::behaving_over_http2(&names.authority, &["registry.test"], move |mut connection| {
        let _ = connection.request();
        connection.send(&frame(SETTINGS, 0, 0, &[]));
        // The first stream is open once the path of the request is there; it is not compressed so far that it cannot be seen.
        connection.wait_for(&[0, 0, 0, 1]);
        connection.send(&answer);
        connection.wait_until_the_client_goes();
    });
    let mut names = names;
    names.lead("registry.test", &server);
    (names, server)
}

/// Case C31: interim answers without end are given up long before the run is, and the bound is named.
#[test]
fn interim_answers_without_end_are_given_up_and_the_bound_is_named() {
    let head = |status, more: &[u8]| frame(HEADERS, 4, 1, &interim(status, more));
    let link = field("link", "</style.css>; rel=preload; as=style");
    let long: Vec<u8> = (0..100).flat_map(|at| field(&format!("x-{at}"), &"v".repeat(100))).collect();
    let padded = [&[16][..], &interim("103", &[]), &[0; 16]].concat();
    let in_pieces = [
        frame(HEADERS, 0, 1, &interim("103", &link)),
        frame(CONTINUATION, 0, 1, &field("x-a", "b")),
        frame(CONTINUATION, 4, 1, &field("x-c", "d")),
    ];
    for (name, bytes) in [
        ("early hints", head("103", &[])),
        ("early hints with links", head("103", &link)),
        ("continue", head("100", &[])),
        ("processing", head("102", &[])),
        ("a status that nobody knows", head("199", &link)),
        ("long ones", head("103", &long)),
        ("padded ones", frame(HEADERS, 4 | 8, 1, &padded)),
        ("in pieces", in_pieces.concat()),
        ("between pings", [head("103", &[]), frame(PING, 0, 0, &[0; 8])].concat()),
    ] {
        let mut names = Names::new();
        let server = Server::behaving_over_http2(&names.authority, &["registry.test"], move |mut connection| {
            let _ = connection.request();
            connection.send(&frame(SETTINGS, 0, 0, &[]));
            connection.wait_for(&[0, 0, 0, 1]);
            connection.send_without_end(&bytes.repeat(64), ENOUGH);
            connection.wait_until_the_client_goes();
        });
        names.lead("registry.test", &server);
        let run = given_up_in_time(&names, name);
        assert!(run.stdout.contains("more than 64 interim answers"), "{name}: {run:?}");
    }
}

/// A run that ends as a fault of the network, soon and without much memory.
#[track_caller]
fn given_up_in_time(names: &Names, name: &str) -> Run {
    let reference = format!("registry.test/{IMAGE}");
    let arguments = [&["manifest", "--timeout", "30", &reference][..], &names.options()].concat();
    let began = Instant::now();
    let (run, memory) = ociscope(&arguments).start().finish_and_weigh();
    let run = checked(run);
    assert_eq!(run.status, 15, "{name}: {run:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "{name}: {:?}", began.elapsed());
    assert!(memory.is_none_or(|bytes| bytes < 96 << 20), "{name}: {memory:?}");
    run
}

/// Case C38: trailers that do not end are called what they are.
#[test]
fn trailers_without_end_are_not_called_interim_answers() {
    let field = field("x-checksum", "0123456789abcdef");
    let open = frame(HEADERS, 1, 1, &field);
    let repeated = frame(HEADERS, 4, 1, &field);
    for (name, first, then) in [
        ("again and again", Vec::new(), repeated.clone()),
        ("empty ones", Vec::new(), frame(HEADERS, 4, 1, &[])),
        ("in small pieces", open.clone(), frame(CONTINUATION, 0, 1, &field)),
        ("in large pieces", open.clone(), frame(CONTINUATION, 0, 1, &field.repeat(300))),
        ("in empty pieces", open, frame(CONTINUATION, 0, 1, &[])),
        ("between pieces of content", Vec::new(), [repeated, frame(DATA, 0, 1, b" ")].concat()),
    ] {
        let mut names = Names::new();
        let head = [vec![0x88], self::field("content-type", media_type::DOCKER_V2)].concat();
        let start = [frame(HEADERS, 4, 1, &head), frame(DATA, 0, 1, b"{"), first].concat();
        let server = Server::behaving_over_http2(&names.authority, &["registry.test"], move |mut connection| {
            let _ = connection.request();
            connection.send(&frame(SETTINGS, 0, 0, &[]));
            connection.wait_for(&[0, 0, 0, 1]);
            connection.send(&start);
            connection.send_without_end(&then.repeat(64), ENOUGH);
            connection.wait_until_the_client_goes();
        });
        names.lead("registry.test", &server);
        let run = given_up_in_time(&names, name);
        assert!(run.stdout.contains("trailers") && !run.stdout.contains("interim"), "{name}: {run:?}");
    }
}

/// Look-alikes: trailers that end the answer.
#[test]
fn trailers_over_http_2_change_nothing() {
    let document = docker_image("amd64");
    let head = [vec![0x88], field("content-type", media_type::DOCKER_V2)].concat();
    let trailer = field("x-checksum", "0123456789abcdef");
    for trailers in [
        frame(HEADERS, 5, 1, &trailer),
        frame(HEADERS, 5, 1, &[]),
        frame(HEADERS, 5, 1, &trailer.repeat(200)),
        [frame(HEADERS, 1, 1, &trailer), frame(CONTINUATION, 4, 1, &trailer)].concat(),
        [frame(HEADERS, 1, 1, &[]), frame(CONTINUATION, 0, 1, &trailer), frame(CONTINUATION, 4, 1, &trailer)].concat(),
    ] {
        let answer = [frame(HEADERS, 4, 1, &head), frame(DATA, 0, 1, &document.bytes), trailers].concat();
        let mut names = Names::new();
        let server = Server::behaving_over_http2(&names.authority, &["registry.test"], move |mut connection| {
            let _ = connection.request();
            connection.send(&frame(SETTINGS, 0, 0, &[]));
            connection.wait_for(&[0, 0, 0, 1]);
            connection.send(&answer);
            connection.wait_until_the_client_goes();
        });
        names.lead("registry.test", &server);
        let reference = format!("registry.test/{IMAGE}");
        let arguments = [&["manifest", "--json", &reference][..], &names.options()].concat();
        let run = checked(ociscope(&arguments).run());
        assert_eq!((run.status, &run.json()["digest"]), (0, &document.digest.as_str().into()), "{run:?}");
    }
}

/// Case C31: over HTTP/1 they cost no memory, and are bounded alike.
#[test]
fn interim_answers_over_http_1_are_bounded_alike() {
    for status in ["100 Continue", "102 Processing", "103 Early Hints", "104 Upload Resumption", "199 Whatever"] {
        let hint = format!("HTTP/1.1 {status}\r\nLink: </style.css>; rel=preload\r\n\r\n");
        for (count, passes) in [(64, true), (65, false)] {
            let hints = hint.repeat(count).into_bytes();
            let server = Server::answering(move |_| [hints.clone(), crate::support::hostile::manifest()].concat());
            let run = checked(ociscope(&["manifest", &plain(&server)]).run());
            assert_eq!(run.status, if passes { 0 } else { 15 }, "{count} {status}: {run:?}");
            assert_eq!(run.stdout.contains("more than 64 interim answers"), !passes, "{count} {status}: {run:?}");
        }
    }
}

/// Look-alikes: what servers send before an answer that comes.
#[test]
fn interim_answers_within_the_bound_change_nothing() {
    let hint = frame(HEADERS, 4, 1, &interim("103", &field("link", "</style.css>; rel=preload")));
    for first in [Vec::new(), hint.clone(), frame(HEADERS, 4, 1, &interim("100", &[])), hint.repeat(64)] {
        let (names, _server) = serving_after(first.clone());
        let reference = format!("registry.test/{IMAGE}");
        let arguments = [&["manifest", "--json", &reference][..], &names.options()].concat();
        let run = checked(ociscope(&arguments).run());
        assert_eq!(run.status, 0, "{} bytes before: {run:?}", first.len());
        assert_eq!(run.json()["media_type"], media_type::DOCKER_V2);
    }
    let (names, _server) = serving_after(hint.repeat(65));
    let reference = format!("registry.test/{IMAGE}");
    let arguments = [&["manifest", &reference][..], &names.options()].concat();
    assert_eq!(checked(ociscope(&arguments).run()).status, 15, "one more than that");
}
