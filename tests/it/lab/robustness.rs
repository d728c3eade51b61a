//! A running lab, and everything that is no request: it answers afterwards as before, in little memory.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::http::Endpoint;
use crate::support::ociscope::{Running, ociscope};

/// How much memory the process of a lab may ever hold.
const MEMORY: u64 = 64 << 20;
/// How long somebody with an honest request may have to wait, whatever others do.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long these clients try to write or wait for an answer.
const ATTEMPT: Duration = Duration::from_secs(2);

/// A lab that is attacked.
struct Attacked {
    running: Running,
    address: SocketAddr,
    endpoint: Endpoint,
    image: &'static str,
}

impl Attacked {
    /// A lab whose registry speaks TLS.
    fn over_tls() -> Self {
        Self::start("storage-s3-healthy", "/v2/blobs-in-s3/app/manifests/1.0", true)
    }

    /// A lab whose registry speaks plain HTTP.
    fn plain() -> Self {
        Self::start("https-to-http", "/v2/no-tls/app/manifests/1.0", false)
    }

    fn start(scenario: &str, image: &'static str, tls: bool) -> Self {
        let mut running = ociscope(&["lab", "serve", scenario, "--json"]).start();
        let told: Value = serde_json::from_str(&running.line_that(|_| true)).expect("one line of JSON");
        let address = told["hosts"][0]["address"].as_str().and_then(|address| address.split("//").nth(1));
        let address: SocketAddr = address.expect("an address").parse().expect("an IP address and a port");
        let authority = told["authority"].as_str().expect("a certificate");
        let endpoint = if tls { Endpoint::tls(address, authority) } else { Endpoint::plain(address) };
        Self { running, address, endpoint, image }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_write_timeout(Some(ATTEMPT)).expect("a deadline");
        stream.set_read_timeout(Some(ATTEMPT)).expect("a deadline");
        stream
    }

    /// Sends these bytes, says that they are all, and reads what comes back.
    fn tell(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server that closes before it has read everything is right to do so.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// Checks that an honest request is answered, and soon.
    #[track_caller]
    fn assert_answers(&self) {
        let asked = Instant::now();
        let answer = self.endpoint.get(self.image, &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(asked.elapsed() < PATIENCE, "it took {:?}", asked.elapsed());
    }

    /// Checks that it answers, held little memory all the time, and has nothing to say about what happened.
    #[track_caller]
    fn assert_unharmed(self) {
        self.assert_answers();
        if let Some(memory) = self.running.most_memory() {
            assert!(memory <= MEMORY, "it held {memory} bytes");
        }
        self.running.interrupt();
        let run = self.running.finish();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    }
}

/// Bytes without a meaning, the same in every run (xorshift).
struct Noise(u64);

impl Noise {
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 32) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// One frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The beginning of a TLS connection, of which the rest is missing: a record of 512 bytes with a client's greeting.
fn half_a_greeting() -> Vec<u8> {
    [&[0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3][..], &[7; 90]].concat()
}

#[test]
fn bytes_without_a_meaning() {
    for lab in [Attacked::over_tls(), Attacked::plain()] {
        let mut noise = Noise(20_240_506);
        for round in 0..150 {
            let mut bytes = noise.bytes(1 + round * 7);
            match round % 5 {
                0 => bytes[0] = 0x16,
                1 => bytes = [&[0x16, 3, 1, 0, 200][..], &bytes].concat(),
                2 => bytes = [b"GET / HTTP/1.1\r\n", &bytes[..]].concat(),
                3 => bytes = [PREFACE, &bytes[..]].concat(),
                _ => {}
            }
            lab.tell(&bytes);
        }
        lab.assert_unharmed();
    }
}

#[test]
fn handshakes_that_are_never_finished() {
    let lab = Attacked::over_tls();
    let open: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = lab.connect();
            let _ = stream.write_all(&half_a_greeting());
            stream
        })
        .collect();
    lab.assert_answers();
    drop(open);
    lab.assert_unharmed();
}

#[test]
fn headers_without_end() {
    let lab = Attacked::plain();
    let line = [b"X-Padding: ", &[b'a'; 4000][..], b"\r\n"].concat();
    for line in [&line[..], b"X: y\r\n", &[b'a'; 4000]] {
        let mut stream = lab.connect();
        stream.write_all(b"GET /v2/ HTTP/1.1\r\nHost: lab\r\n").expect("to begin a request");
        let sent = (0..200_000).take_while(|_| stream.write_all(line).is_ok()).count() * line.len();
        assert!(sent < 64 << 20, "it took {sent} bytes of headers");
    }
    lab.tell(format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(10 << 20)).as_bytes());
    lab.assert_unharmed();
}

#[test]
fn nonsense_in_http2() {
    let lab = Attacked::plain();
    let settings = frame(4, 0, 0, &[]);
    // `:method: GET`, `:scheme: http`, `:path: /` and an authority, as the static table has them (RFC 7541, appendix A).
    let request = [&[0x82, 0x86, 0x84, 0x41, 3][..], b"lab"].concat();
    let many = |make: &dyn Fn(u32) -> Vec<u8>| (0..2000).flat_map(make).collect::<Vec<_>>();
    for attack in [
        // Settings without end, pings without end, and a window that overflows.
        many(&|_| settings.clone()),
        many(&|_| frame(6, 0, 0, &[0; 8])),
        many(&|_| frame(8, 0, 0, &0x7fff_ffff_u32.to_be_bytes())),
        // A head that never ends.
        [frame(1, 0, 1, &request), many(&|_| frame(9, 0, 1, &[0x40; 4000]))].concat(),
        // Requests that are taken back at once.
        many(&|n| [frame(1, 5, 2 * n + 1, &request), frame(3, 0, 2 * n + 1, &[0, 0, 0, 8])].concat()),
        // Requests whose bodies never end, on more streams than there may be.
        many(&|n| [frame(1, 4, 2 * n + 1, &request), frame(0, 0, 2 * n + 1, &[0; 1000])].concat()),
        // Answers that nobody takes: the client's window is closed.
        [frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]), many(&|n| frame(1, 5, 2 * n + 1, &request))].concat(),
        // A length that does not fit, a kind that there is not, a stream that cannot be.
        [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1].to_vec(),
        frame(200, 255, 1, &[1; 100]),
        frame(1, 5, 0, &request),
    ] {
        lab.tell(&[PREFACE, &settings, &attack].concat());
        lab.assert_answers();
    }
    lab.assert_unharmed();
}

#[test]
fn bodies_that_nobody_asked_for() {
    let lab = Attacked::plain();
    let megabyte = vec![0; 1 << 20];
    for head in ["Content-Length: 10000000000", "Transfer-Encoding: chunked"] {
        let mut stream = lab.connect();
        let begun = format!("POST /v2/no-tls/app/blobs/uploads/ HTTP/1.1\r\nHost: lab\r\n{head}\r\n\r\n");
        stream.write_all(begun.as_bytes()).expect("to begin a request");
        let chunked = head.contains("chunked");
        for _ in 0..256 {
            let begun = !chunked || stream.write_all(b"100000\r\n").is_ok();
            if !begun || stream.write_all(&megabyte).is_err() || chunked && stream.write_all(b"\r\n").is_err() {
                break;
            }
        }
        lab.assert_answers();
    }
    lab.assert_unharmed();
}

#[test]
fn clients_that_take_their_time() {
    let lab = Attacked::plain();
    std::thread::scope(|scope| {
        for _ in 0..100 {
            let mut stream = lab.connect();
            scope.spawn(move || {
                for byte in b"GET /v2/ HTTP/1.1\r\nHost: lab\r\nX-Slow: " {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(40));
                }
            });
        }
        for _ in 0..10 {
            lab.assert_answers();
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    lab.assert_unharmed();
}

#[test]
fn answers_that_nobody_takes() {
    let lab = Attacked::plain();
    let requests = format!("GET {} HTTP/1.1\r\nHost: lab\r\n\r\n", lab.image).repeat(5000);
    let waiting: Vec<_> = (0..60)
        .map(|_| {
            let mut stream = lab.connect();
            stream.set_nonblocking(true).expect("not to wait");
            // As much as the server takes without being read from.
            let _ = stream.write_all(requests.as_bytes());
            stream
        })
        .collect();
    lab.assert_answers();
    drop(waiting);
    lab.assert_unharmed();
}

#[test]
fn hundreds_of_connections_that_say_nothing() {
    for lab in [Attacked::over_tls(), Attacked::plain()] {
        let silent: Vec<_> = (0..500).map(|_| lab.connect()).collect();
        for _ in 0..3 {
            lab.assert_answers();
        }
        // All but those that there is room for were closed, the oldest first.
        let closed = |mut stream: &TcpStream| {
            stream.set_nonblocking(true).expect("not to wait");
            !matches!(stream.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
        };
        let open = silent.iter().filter(|stream| !closed(stream)).count();
        assert!(open <= 64 && closed(&silent[0]) && !closed(&silent[499]), "{open} are open");
        lab.assert_unharmed();
    }
}

#[test]
fn a_connection_in_use_outlives_silent_ones() {
    let lab = Attacked::plain();
    let mut used = lab.connect();
    let mut ask = || {
        used.write_all(b"GET /v2/ HTTP/1.1\r\nHost: lab\r\n\r\n").expect("to ask");
        let mut answer = [0; 1024];
        let length = used.read(&mut answer).expect("an answer");
        assert!(answer[..length].starts_with(b"HTTP/1.1 200 OK"));
    };
    ask();
    let silent: Vec<_> = (0..200).map(|_| lab.connect()).collect();
    lab.assert_answers();
    ask();
    drop(silent);
    lab.assert_unharmed();
}
