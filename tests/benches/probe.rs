//! What a probe costs: round trips, requests, bytes, memory, and the start of the program. `cargo bench` prints it.
//!
//! The real program asks a registry inside this process, through a relay that delays every byte as a distant network
//! would. A time divided by that delay is a count of round trips, whatever machine this runs on. Nothing here fails
//! because a machine is slow: what was measured stands beside what is aimed at, and a reader judges.

#![allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]

// The tests sign for the loopback device; here servers have names.
#[expect(dead_code)]
#[path = "../it/support/certificates.rs"]
mod certificates;
mod diagnosis;
mod figures;
mod program;
mod relay;
mod server;

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use tempfile::NamedTempFile;

use certificates::Authority;
use figures::{Figure, median, print_table};
use program::{Program, curl};
use relay::{Relay, Seen};
use server::{MANIFEST_PATH, OCI_MANIFEST, REFERENCE, Role, Server, Speaks};

/// How long a byte takes to the server and its answer back.
const ROUND_TRIP: Duration = Duration::from_millis(50);
/// Odd, so that the median is one of the runs.
const RUNS: usize = 9;
const STARTS: usize = 31;

const REGISTRY_HOST: &str = "registry.example.test";
const TOKEN_HOST: &str = "auth.example.test";

/// A kind of registry, and what has to happen one after the other before a probe of it can be done.
struct Case {
    name: &'static str,
    speaks: Speaks,
    tokens: bool,
    chain: &'static [&'static str],
}

/// Over TLS one request goes ahead of the others by design (see `src/probe/plan.rs`): most registries that speak TLS
/// challenge, and then not all are sent twice. A connection of HTTP/1.1 carries one request at a time, so there the
/// others need connections of their own, and that it is HTTP/1.1 is known after the first handshake only.
const CASES: [Case; 6] = [
    Case { name: "HTTP", speaks: Speaks::Plain, tokens: false, chain: &["connect", "answers"] },
    Case {
        name: "HTTP, token",
        speaks: Speaks::Plain,
        tokens: true,
        chain: &["connect", "challenges", "connect to the token host", "token", "answers"],
    },
    Case {
        name: "TLS, HTTP/2",
        speaks: Speaks::Tls(&["h2", "http/1.1"]),
        tokens: false,
        chain: &["connect", "TLS", "first answer", "other answers"],
    },
    Case {
        name: "TLS, HTTP/1.1",
        speaks: Speaks::Tls(&["http/1.1"]),
        tokens: false,
        chain: &["connect", "TLS", "first answer", "connect the others", "TLS", "other answers"],
    },
    Case {
        name: "TLS, HTTP/2, token",
        speaks: Speaks::Tls(&["h2", "http/1.1"]),
        tokens: true,
        chain: &["connect", "TLS", "challenge", "connect to the token host", "TLS", "token", "answers"],
    },
    Case {
        name: "TLS, HTTP/1.1, token",
        speaks: Speaks::Tls(&["http/1.1"]),
        tokens: true,
        chain: &[
            "connect",
            "TLS",
            "challenge",
            "connect to the token host",
            "TLS",
            "token",
            "connect the others",
            "TLS",
            "answers",
        ],
    },
];

fn main() {
    // Cargo says so to benchmarks. `cargo test --all-targets` starts this program too, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("run this with `cargo bench`");
        return;
    }
    println!("One round trip takes {} ms; medians of {RUNS} runs.\n", ROUND_TRIP.as_millis());
    let measured: Vec<_> = CASES.iter().map(Measured::of).collect();
    print_table(
        &[
            "registry",
            "round trips",
            "aim",
            "time",
            "beyond",
            "requests",
            "connections",
            "sent",
            "received",
            "peak memory",
        ],
        &measured.iter().zip(&CASES).map(|(measured, case)| measured.row(case)).collect::<Vec<_>>(),
    );
    println!();
    for case in &CASES {
        println!("{}: {}", case.name, case.chain.join(" → "));
    }
    println!();
    let figures = [
        startup(),
        measured[0].beside_curl(),
        Figure::less_than("peak memory of a probe", peak_memory(&measured), 25.0, "MB"),
    ];
    let rows: Vec<_> = figures.iter().map(Figure::row).collect();
    print_table(&["figure", "measured", "aim", ""], &rows);
    println!();
    diagnosis::print_costs();
}

/// What one case came to.
struct Measured {
    time: Duration,
    requests: usize,
    seen: Seen,
    memory: Option<f64>,
    curl: Option<Duration>,
}

impl Measured {
    fn of(case: &Case) -> Self {
        let site = Site::start(case);
        let program = Program::new(site.arguments());
        let time = median((0..RUNS).map(|_| program.time()).collect());
        // A run of its own, because looking at a process takes time from it.
        site.forget();
        let memory = program.peak_memory();
        let (requests, seen) = site.since_forgotten();
        let url = format!("http://{}{MANIFEST_PATH}", site.registry.1.address);
        let curl = if case.speaks == Speaks::Plain && !case.tokens {
            (0..RUNS).map(|_| curl(&url, OCI_MANIFEST)).collect::<Option<Vec<_>>>().map(median)
        } else {
            None
        };
        Self { time, requests, seen, memory, curl }
    }

    fn row(&self, case: &Case) -> Vec<String> {
        let aim = case.chain.len();
        let round_trips = self.time.as_secs_f64() / ROUND_TRIP.as_secs_f64();
        // What is less than a whole round trip is work between them, of the program and of this machine.
        let missed = round_trips >= aim as f64 + 1.0;
        let work = self.time.saturating_sub(ROUND_TRIP * u32::try_from(aim).expect("a short chain"));
        vec![
            case.name.to_owned(),
            format!("{round_trips:.1}"),
            format!("{aim}{}", if missed { " MISSED" } else { "" }),
            format!("{} ms", self.time.as_millis()),
            format!("{} ms", work.as_millis()),
            self.requests.to_string(),
            self.seen.connections.to_string(),
            format!("{} B", self.seen.sent),
            format!("{} B", self.seen.received),
            self.memory.map_or("not known here".to_owned(), |megabytes| format!("{megabytes:.1} MB")),
        ]
    }

    fn beside_curl(&self) -> Figure {
        let ratio = self.curl.map(|curl| self.time.as_secs_f64() / curl.as_secs_f64());
        Figure::less_than("twelve variants over HTTP, in times of one request by curl", ratio, 1.5, "×")
    }
}

fn peak_memory(measured: &[Measured]) -> Option<f64> {
    measured.iter().filter_map(|measured| measured.memory).reduce(f64::max)
}

fn startup() -> Figure {
    let program = Program::new(vec!["--version".to_owned()]);
    let time = median((0..STARTS).map(|_| program.time()).collect());
    Figure::less_than("start of the program (--version)", Some(time.as_secs_f64() * 1000.0), 10.0, "ms")
}

/// The servers of one case, each behind a relay of its own.
struct Site {
    registry: (Server, Relay),
    tokens: Option<(Server, Relay)>,
    authority: Option<NamedTempFile>,
    scheme: &'static str,
}

impl Site {
    fn start(case: &Case) -> Self {
        let authority = Authority::new();
        let scheme = if case.speaks == Speaks::Plain { "http" } else { "https" };
        let start = |role, host| {
            let server = Server::start(role, case.speaks, &authority, host);
            let relay = Relay::to(server.address, ROUND_TRIP);
            (server, relay)
        };
        let tokens = case.tokens.then(|| start(Role::Tokens, TOKEN_HOST));
        let realm = tokens.as_ref().map(|(_, relay)| format!("{scheme}://{TOKEN_HOST}:{}/token", relay.address.port()));
        let registry = start(Role::Registry { realm }, REGISTRY_HOST);
        let authority = (scheme == "https").then(|| {
            let mut file = NamedTempFile::new().expect("a file");
            file.write_all(authority.certificate.as_bytes()).expect("to write it");
            file
        });
        Self { registry, tokens, authority, scheme }
    }

    /// What a user would type. The names lead here by `--resolve` alone.
    fn arguments(&self) -> Vec<String> {
        let resolve =
            |host: &str, to: SocketAddr| ["--resolve".to_owned(), format!("{host}:{}:{}", to.port(), to.ip())];
        let at = self.registry.1.address;
        let mut arguments: Vec<String> = ["probe", "--json", "--platform", "linux/amd64"].map(str::to_owned).into();
        arguments.extend(resolve(REGISTRY_HOST, at));
        if let Some((_, relay)) = &self.tokens {
            arguments.extend(resolve(TOKEN_HOST, relay.address));
        }
        if let Some(file) = &self.authority {
            arguments.extend(["--cacert".to_owned(), file.path().display().to_string()]);
        }
        if self.scheme == "http" {
            arguments.push("--plain-http".to_owned());
        }
        arguments.push(format!("{REGISTRY_HOST}:{}/{REFERENCE}", at.port()));
        arguments
    }

    fn all(&self) -> impl Iterator<Item = &(Server, Relay)> {
        std::iter::once(&self.registry).chain(&self.tokens)
    }

    fn forget(&self) {
        self.since_forgotten();
    }

    /// The requests that arrived, and what the relays saw of them.
    fn since_forgotten(&self) -> (usize, Seen) {
        self.all().fold((0, Seen::default()), |(requests, seen), (server, relay)| {
            (requests + server.take_requests(), seen + relay.take_seen())
        })
    }
}
