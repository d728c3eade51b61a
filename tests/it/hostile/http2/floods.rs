//! Servers that speak HTTP/2, frame by frame, and mean it ill (RFC 9113, section 6).

use crate::hostile::{IMAGE, checked};
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
