//! What the program costs: round trips, requests, connections, bytes, time, memory. `cargo bench` prints it.
//!
//! The real program asks a registry inside this process, through a relay that delays every byte as a distant network
//! would. Counts are compared with `limits.toml`, and one that is higher fails the benchmark. Times are printed, and
//! nothing fails because a machine is slow.
//!
//! ```text
//! cargo bench --bench probe                  print the figures, compare the counts
//! cargo bench --bench probe -- TEXT          only of rows whose name contains TEXT
//! cargo bench --bench probe -- --counts      print the counts in the form of the table, compare nothing
//! cargo bench --bench probe -- --write       also run other programs, and write docs/performance.md
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reports to its caller")]

mod answers;
// The tests sign for the loopback device; here servers have names.
#[expect(dead_code)]
#[path = "../it/support/certificates.rs"]
mod certificates;
mod content;
mod diagnosis;
mod document;
mod figures;
mod limits;
mod measured;
mod peers;
mod program;
mod relay;
mod rows;
mod server;
mod site;

use std::io::Write;
use std::process::ExitCode;

use document::{Figures, document};
use limits::{Counts, Limits};
use measured::Measured;
use program::Program;

const LIMITS: &str = include_str!("limits.toml");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
/// The image of the recording: an index of 20 platforms, whose diagnosis takes 38 requests.
const REFERENCE: &str = "registry.example/wide/greeting:1.0";
/// The size of a long log, in bytes.
const LOG: usize = 20_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    // Cargo passes this to benchmarks. `cargo test --all-targets` starts this program too, and wants no figures.
    if !has("--bench") {
        println!("run this with `cargo bench`");
        return ExitCode::SUCCESS;
    }
    let filter = arguments.iter().find(|argument| !argument.starts_with("--")).map_or("", String::as_str);
    let write = has("--write");
    if write && !filter.is_empty() {
        eprintln!("--write measures all rows; leave {filter:?} out");
        return ExitCode::FAILURE;
    }
    let figures = measure(filter, write);
    let page = document(&figures);
    if has("--counts") {
        counted(&figures).for_each(|(name, counts)| println!("{}", counts.entry(name)));
        return ExitCode::SUCCESS;
    }
    println!("{page}");
    if write {
        std::fs::write(PAGE, page).expect("to write the page");
    }
    let limits = Limits::parse(LIMITS).expect("a table");
    let mut exceeded: Vec<String> =
        counted(&figures).flat_map(|(name, counts)| limits.exceeded(name, counts)).collect();
    if filter.is_empty() {
        exceeded.extend(limits.unmeasured(&counted(&figures).map(|(name, _)| name).collect::<Vec<_>>()));
    }
    if exceeded.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("more than tests/benches/limits.toml allows:\n{}", exceeded.join("\n"));
    ExitCode::FAILURE
}

/// The rows that have counts.
fn counted(figures: &Figures) -> impl Iterator<Item = (&'static str, &Counts)> {
    let rows = figures.rows.iter().map(|row| (row.name, &row.counts));
    rows.chain(figures.lab.iter().map(|(name, counts)| (*name, counts)))
}

fn measure(filter: &str, with_peers: bool) -> Figures {
    let wanted = |name: &str| {
        let is_wanted = name.contains(filter);
        if is_wanted {
            eprintln!("measuring: {name}");
        }
        is_wanted
    };
    let rows = rows::ROWS.iter().filter(|row| wanted(row.name));
    let rows = rows.map(|row| measured::row(row, with_peers)).collect();
    let lab = diagnosis::CASES.iter().filter(|(name, ..)| wanted(name));
    let lab = lab.map(|(name, scenario)| (*name, diagnosis::counts(scenario))).collect();
    let doubled = rows::DOUBLINGS.iter().filter(|doubling| wanted(doubling.name)).map(measured::doubling).collect();
    Figures { rows, local: local(&wanted), lab, doubled }
}

/// The commands that ask no registry.
fn local(wanted: &dyn Fn(&str) -> bool) -> Vec<Measured> {
    let log = long_log();
    let log = log.path().display().to_string();
    let recording = recording();
    let recording = recording.path().display().to_string();
    let commands: [(&str, &[&str], usize, bool); 5] = [
        ("--version", &["--version"], 31, true),
        ("lab list", &["lab", "list"], 31, true),
        ("explain, one line", &["explain", "manifest for acme/api:latest not found: manifest unknown"], 31, true),
        ("manifest --from, a recording of 1,000 requests", &["manifest", REFERENCE, "--from", &recording], 9, true),
        ("explain, a log of 20 MB with the error at its end", &["explain", &log], 3, false),
    ];
    let wanted = commands.into_iter().filter(|(name, ..)| wanted(name));
    wanted.map(|(name, arguments, runs, counts)| measured::local(name, arguments, runs, counts)).collect()
}

/// A recording of a thousand requests, of a session in the lab.
fn recording() -> tempfile::NamedTempFile {
    const DIAGNOSES: usize = 27;
    let file = tempfile::Builder::new().suffix(".json").tempfile().expect("a file");
    let mut script = format!("diagnose {REFERENCE}\n").repeat(DIAGNOSES);
    script.push_str(&format!("record {}\n", file.path().display()));
    let arguments = ["--lab", "--platform", "linux/amd64"].map(str::to_owned).to_vec();
    let run = Program::ociscope(arguments).input(script).run(usize::MAX, false).expect_success("a recording");
    assert!(run.stderr.contains(" recorded in "), "{}", run.stderr);
    file
}

/// A log of a build that ends with the error of a registry.
fn long_log() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let mut lines = std::io::BufWriter::new(&mut file);
    let mut written = 0;
    for number in 0.. {
        if written >= LOG {
            break;
        }
        let line = format!("2026-01-02T03:04:05Z step {number}: compiling module {number} of the build\n");
        lines.write_all(line.as_bytes()).expect("to write it");
        written += line.len();
    }
    lines
        .write_all(b"Error response from daemon: manifest for acme/api:latest not found: manifest unknown\n")
        .expect("to write it");
    drop(lines);
    file
}
