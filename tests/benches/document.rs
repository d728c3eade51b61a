//! The document of the benchmark: what was measured, and how.

use std::time::Duration;

use super::figures::{grouped, or_none, table, time};
use super::limits::Counts;
use super::measured::{Doubled, Measured};
use super::peers;

/// Everything that a run of the benchmark measured.
pub struct Figures {
    pub rows: Vec<Measured>,
    pub local: Vec<Measured>,
    pub lab: Vec<(&'static str, Counts)>,
    pub doubled: Vec<Doubled>,
}

const HEAD: &str = "\
# Performance

`cargo bench --locked --bench probe -- --write` writes this page; do not edit it.

The cost of a registry tool is measured in round trips, requests and bytes first, and then in time. The first three are the
same on every machine. The benchmark compares them with [limits.toml](../tests/benches/limits.toml) and fails if one is
higher. Times are from one machine and are never compared.
";

const METHOD: &str = "\
## How it is measured

The benchmark runs the real program against a registry that it starts itself, through a relay that delays every byte by
half a round trip in each direction, and everything on a new connection by one more round trip, as a TCP handshake would.
The token service and the storage are separate servers, each with its own relay. The registry answers without delay. Bandwidth
and loss are not simulated.

- **Rounds** are taken from the report of one more run, with `--verbose`: requests that wait for the answers to earlier
  ones. For several references, the count is the highest of any one reference. Challenges, tokens and handshakes are included only where the report counts them.
- **Requests**, **connections** and **bytes** are counted at the servers and the relays; bytes include TLS and HTTP/2
  overhead. The highest count of several runs is given.
- **Time in round trips** is the elapsed time divided by the round trip. The **chain** is the number of steps that have to
  wait for each other.
- **CPU** is the user and system time of the process. **Peak memory** is the high-water mark of its resident set.
  **Instructions** are counted by valgrind.
- Times are medians of 9 runs, of 3 where a run takes seconds, or one run for 1,000 references.
- In rows with several references, each manifest has its own repository. An image has 7 layers of 2 MiB.
";

/// The whole page.
pub fn document(figures: &Figures) -> String {
    let mut page = format!("{HEAD}\n{METHOD}\n{}\n", machine());
    for (title, text, table) in [
        ("Counts", "", counts(figures)),
        ("Times", "", times(&figures.rows)),
        ("Other programs", OTHERS, others(&figures.rows)),
        ("Without a registry", "", local(&figures.local)),
        ("Twice as much", TWICE, doubled(&figures.doubled)),
    ] {
        if let Some(table) = table {
            let text = if text.is_empty() { String::new() } else { format!("{text}\n\n") };
            page += &format!("## {title}\n\n{text}{table}\n");
        }
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

const OTHERS: &str = "\
The other programs fetch one manifest per reference; `probe` fetches all variants of it, and `diagnose` its config and
layers too. Several references are run with `xargs -P8`; \"curl, all requests\" sends what `diagnose` sends, with a process
and a connection for each reference. The other programs connect by address, and for plain HTTP skopeo tries TLS first. A
dash means that the program was not installed, or does not do the same work in one command.";

const TWICE: &str = "\
Without delay, over TLS and HTTP/2; medians of 5. A cost that is linear in the size has a ratio of 2, less the startup
time of the program.";

/// The kind of machine and of build, in general words.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (system, family) = (std::env::consts::OS, std::env::consts::ARCH);
    // Cargo's variable for a quicker build.
    let build = match option_env!("CARGO_PROFILE_BENCH_LTO") {
        Some("off" | "false") => "\nThe program was built without link-time optimization.",
        _ => "",
    };
    format!(
        "The figures below are from a machine with {cores} cores ({family}, {system}), shared by the program, the servers \
         and the relays.{build}\n"
    )
}

fn counts(figures: &Figures) -> Option<String> {
    let with_registry = figures.rows.iter().map(|row| (row.name, row.counts));
    let all = with_registry.chain(figures.lab.iter().map(|(name, counts)| (*name, *counts)));
    let rows: Vec<_> = all
        .map(|(name, counts)| {
            let cells = counts.each().map(|(_, count)| or_none(count, grouped));
            std::iter::once(name.to_owned()).chain(cells).collect()
        })
        .collect();
    table(&["row", "rounds", "requests", "counted pulls", "connections", "bytes sent", "bytes received"], &rows)
}

fn times(rows: &[Measured]) -> Option<String> {
    let cells = |row: &Measured| {
        let trips = |time: Duration| format!("{:.1}", time.as_secs_f64() / row.round_trip.as_secs_f64());
        vec![
            row.name.to_owned(),
            time(row.round_trip),
            trips(row.time),
            or_none((row.aim > 0).then_some(row.aim), |aim| aim.to_string()),
            time(row.time),
            or_none(row.first_line, time),
            grouped(row.lines as u64),
            or_none(row.cpu, time),
            or_none(row.memory, |megabytes| format!("{megabytes:.1} MB")),
            or_none(row.instructions, |count| format!("{} M", count / 1_000_000)),
        ]
    };
    let heads = [
        "row",
        "round trip",
        "time in round trips",
        "chain",
        "time",
        "first line",
        "lines",
        "CPU",
        "peak memory",
        "instructions",
    ];
    table(&heads, &rows.iter().map(cells).collect::<Vec<_>>())
}

fn others(rows: &[Measured]) -> Option<String> {
    let compared = rows.iter().filter(|row| row.peers.iter().any(peers::Took::is_something));
    let cells = compared.map(|row| {
        let mut cells = vec![row.name.to_owned(), time(row.time)];
        cells.extend(row.peers.iter().map(peers::Took::shown));
        cells
    });
    let heads: Vec<&str> = ["row", "ociscope"].into_iter().chain(peers::NAMES).collect();
    table(&heads, &cells.collect::<Vec<_>>())
}

fn local(rows: &[Measured]) -> Option<String> {
    let cells = |row: &Measured| {
        vec![
            row.name.to_owned(),
            time(row.time),
            or_none(row.cpu, time),
            or_none(row.memory, |megabytes| format!("{megabytes:.1} MB")),
            or_none(row.instructions, |count| format!("{} M", count / 1_000_000)),
        ]
    };
    table(&["command", "time", "CPU", "peak memory", "instructions"], &rows.iter().map(cells).collect::<Vec<_>>())
}

fn doubled(rows: &[Doubled]) -> Option<String> {
    let ratio = |[once, twice]: [Duration; 2]| format!("{:.2}", twice.as_secs_f64() / once.as_secs_f64());
    let cells = |row: &Doubled| {
        let cpu = row.cpu[0].zip(row.cpu[1]).map(|(once, twice)| [once, twice]);
        vec![
            format!("{} {}, then twice that", grouped(row.size as u64), row.name),
            time(row.time[0]),
            time(row.time[1]),
            ratio(row.time),
            or_none(cpu, ratio),
        ]
    };
    table(&["size", "time", "time of twice that", "ratio", "ratio of CPU"], &rows.iter().map(cells).collect::<Vec<_>>())
}
