//! The rows of the benchmark: which registry is asked, by which command, and what has to happen one after the other.

use std::time::Duration;

use super::content::{Content, IMAGE};
use super::server::Speaks;
use super::site::Setup;

/// Odd, so that the median is one of the runs.
const RUNS: usize = 9;
/// For what takes seconds.
const FEW: usize = 3;

const H2: Speaks = Speaks::Tls(&["h2", "http/1.1"]);
const H1: Speaks = Speaks::Tls(&["http/1.1"]);

/// Lengths of tokens, in characters, as registries issue them for one repository and for several.
const TOKEN: Option<usize> = Some(1400);
const LONG_TOKEN: Option<usize> = Some(2700);

/// What the program is asked to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Probe,
    Diagnose,
    /// A diagnosis that is also written as a recording.
    Record,
    Tags,
    Referrers,
}

/// A row with a registry.
pub struct Row {
    pub name: &'static str,
    pub command: Command,
    pub setup: Setup,
    /// The steps that wait for each other; empty where the row has no aim in round trips.
    pub chain: &'static [&'static str],
    /// Timed runs.
    pub runs: usize,
    /// How many lines are read of the output before the reader goes away.
    pub lines: usize,
    /// Whether other programs are run for the same content.
    pub peers: bool,
}

const fn setup(speaks: Speaks, token: Option<usize>, round_trip: u64) -> Setup {
    let round_trip = Duration::from_millis(round_trip);
    Setup { speaks, token, own_tokens: false, content: IMAGE, hangs: false, round_trip }
}

/// A setup whose registry issues tokens itself.
const fn own(setup: Setup) -> Setup {
    Setup { own_tokens: true, ..setup }
}

const fn probe(name: &'static str, setup: Setup, chain: &'static [&'static str]) -> Row {
    Row { name, command: Command::Probe, setup, chain, runs: RUNS, lines: usize::MAX, peers: true }
}

const fn diagnose(name: &'static str, content: Content, setup: Setup) -> Row {
    let setup = Setup { content, ..setup };
    Row { name, command: Command::Diagnose, setup, chain: &[], runs: FEW, lines: usize::MAX, peers: false }
}

const fn batch(name: &'static str, repositories: usize, setup: Setup) -> Row {
    let content = Content { repositories, ..IMAGE };
    let runs = if repositories > 500 { 0 } else { FEW };
    Row { runs, peers: true, ..diagnose(name, content, setup) }
}

const fn tags(name: &'static str, tags: (usize, usize), lines: usize) -> Row {
    let content = Content { tags, ..IMAGE };
    let setup = Setup { content, ..setup(H2, None, 50) };
    Row { name, command: Command::Tags, setup, chain: &[], runs: FEW, lines, peers: lines == usize::MAX }
}

const fn referrers(name: &'static str, referrers: (usize, usize), lines: usize) -> Row {
    let content = Content { referrers, ..IMAGE };
    let setup = Setup { content, ..setup(H2, None, 50) };
    Row { name, command: Command::Referrers, setup, chain: &[], runs: FEW, lines, peers: false }
}

const fn index(children: usize) -> Content {
    Content { children, ..IMAGE }
}

const SIGNED: Content = Content { layers: 190, signed: true, ..IMAGE };
const LARGE: Content = Content { padded_to: 4 << 20, ..IMAGE };

/// Over TLS one request goes ahead of the others by design (see `src/probe/plan.rs`): most registries that speak TLS
/// challenge, and then not all are sent twice. A connection of HTTP/1.1 carries one request at a time, so there the
/// others need connections of their own, and that it is HTTP/1.1 is known after the first handshake only.
pub const ROWS: [Row; 31] = [
    probe("probe, HTTP", setup(Speaks::Plain, None, 50), &["connect", "answers"]),
    probe(
        "probe, HTTP, token of 1,400",
        setup(Speaks::Plain, TOKEN, 50),
        &["connect", "challenges", "connect to the token host", "token", "answers"],
    ),
    probe(
        "probe, HTTP, token of 2,700",
        setup(Speaks::Plain, LONG_TOKEN, 50),
        &["connect", "challenges", "connect to the token host", "token", "answers"],
    ),
    probe(
        "probe, HTTP, token of 2,700 from the registry itself",
        own(setup(Speaks::Plain, LONG_TOKEN, 50)),
        &["connect", "challenges", "token", "answers"],
    ),
    probe("probe, TLS, HTTP/2", setup(H2, None, 50), &["connect", "TLS", "first answer", "other answers"]),
    probe(
        "probe, TLS, HTTP/1.1",
        setup(H1, None, 50),
        &["connect", "TLS", "first answer", "connect the others", "TLS", "other answers"],
    ),
    probe(
        "probe, TLS, HTTP/2, token of 1,400",
        setup(H2, TOKEN, 50),
        &["connect", "TLS", "challenge", "connect to the token host", "TLS", "token", "answers"],
    ),
    probe(
        "probe, TLS, HTTP/2, token of 2,700",
        setup(H2, LONG_TOKEN, 50),
        &["connect", "TLS", "challenge", "connect to the token host", "TLS", "token", "answers"],
    ),
    probe(
        "probe, TLS, HTTP/2, token of 2,700 from the registry itself",
        own(setup(H2, LONG_TOKEN, 50)),
        &["connect", "TLS", "challenge", "token", "answers"],
    ),
    probe(
        "probe, TLS, HTTP/1.1, token of 1,400",
        setup(H1, TOKEN, 50),
        &[
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
    ),
    Row { command: Command::Probe, ..diagnose("probe, manifest of 4 MiB, TLS, HTTP/2", LARGE, setup(H2, None, 50)) },
    diagnose("diagnose, 190 layers in signed storage, TLS, HTTP/2", SIGNED, setup(H2, None, 50)),
    diagnose("diagnose, index of 20, TLS, HTTP/2", index(20), setup(H2, None, 150)),
    diagnose("diagnose, index of 20, TLS, HTTP/2, token", index(20), setup(H2, TOKEN, 150)),
    diagnose("diagnose, index of 100, TLS, HTTP/2", index(100), setup(H2, None, 150)),
    diagnose("diagnose, index of 100, TLS, HTTP/2, token", index(100), setup(H2, TOKEN, 150)),
    diagnose(
        "diagnose, index of 100, TLS, HTTP/2, token from the registry itself",
        index(100),
        own(setup(H2, TOKEN, 150)),
    ),
    Row {
        command: Command::Record,
        ..diagnose("diagnose, index of 100, TLS, HTTP/2, recorded", index(100), setup(H2, None, 150))
    },
    batch("diagnose 100 references, HTTP", 100, setup(Speaks::Plain, None, 50)),
    batch("diagnose 100 references, TLS, HTTP/2", 100, setup(H2, None, 50)),
    batch("diagnose 100 references, TLS, HTTP/2, token", 100, setup(H2, TOKEN, 50)),
    batch("diagnose 100 references, TLS, HTTP/2, token from the registry itself", 100, own(setup(H2, TOKEN, 50))),
    batch("diagnose 1,000 references, TLS, HTTP/2", 1000, setup(H2, None, 50)),
    batch("diagnose 1,000 references, TLS, HTTP/1.1", 1000, setup(H1, None, 50)),
    Row {
        runs: 0,
        peers: false,
        ..batch(
            "diagnose 20 references after one that hangs, HTTP",
            20,
            Setup { hangs: true, ..setup(Speaks::Plain, None, 50) },
        )
    },
    tags("tags, 20,000 in pages of 100", (20_000, 100), usize::MAX),
    tags("tags, 20,000 in pages of 100, first 3 lines", (20_000, 100), 3),
    tags("tags, 100,000 in pages of 1,000", (100_000, 1000), usize::MAX),
    tags("tags, 100,000 in pages of 1,000, first 3 lines", (100_000, 1000), 3),
    referrers("referrers, 10,000 in pages of 1,000", (10_000, 1000), usize::MAX),
    referrers("referrers, 10,000 in pages of 1,000, first 3 lines", (10_000, 1000), 3),
];

/// Content whose size is doubled, to see that the cost is linear.
pub struct Doubling {
    pub name: &'static str,
    pub command: Command,
    /// The content of this size.
    pub content: fn(usize) -> Content,
    pub size: usize,
}

/// What is doubled.
pub const DOUBLINGS: [Doubling; 4] = [
    Doubling {
        name: "tags",
        command: Command::Tags,
        content: |tags| Content { tags: (tags, 1000), ..IMAGE },
        size: 50_000,
    },
    Doubling { name: "children of an index", command: Command::Diagnose, content: index, size: 50 },
    Doubling {
        name: "layers in signed storage",
        command: Command::Diagnose,
        content: |layers| Content { layers, ..SIGNED },
        size: 95,
    },
    Doubling {
        name: "references",
        command: Command::Diagnose,
        content: |repositories| Content { repositories, ..IMAGE },
        size: 100,
    },
];

/// The registry of a doubling, without any delay, so that what is measured is work.
pub const fn near(content: Content) -> Setup {
    Setup { content, ..setup(H2, None, 0) }
}
