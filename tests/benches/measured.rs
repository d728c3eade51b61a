//! Measuring a row: one run for its counts and its memory, others for its times.

use std::time::Duration;

use super::figures::median;
use super::limits::Counts;
use super::peers::{self, Took};
use super::program::{Program, Run};
use super::rows::{Command, Doubling, Row, near};
use super::site::Site;

/// Runs of each size of a doubling.
const DOUBLED_RUNS: usize = 5;

/// The figures of one row.
pub struct Measured {
    pub name: &'static str,
    /// The delay of the relay; zero for what asks no registry.
    pub round_trip: Duration,
    /// Steps that wait for each other; 0 where there is no aim.
    pub aim: usize,
    pub counts: Counts,
    pub time: Duration,
    pub first_line: Option<Duration>,
    pub cpu: Option<Duration>,
    /// In megabytes.
    pub memory: Option<f64>,
    pub instructions: Option<u64>,
    /// Lines of output.
    pub lines: usize,
    pub peers: Vec<Took>,
}

/// What doubling a size does.
pub struct Doubled {
    pub name: &'static str,
    pub size: usize,
    pub time: [Duration; 2],
    pub cpu: [Option<Duration>; 2],
}

/// Measures a row; with its peers where they are asked for.
pub fn row(row: &Row, with_peers: bool) -> Measured {
    let site = Site::start(row.setup);
    let program = Program::ociscope(arguments(row.command, &site));
    // A registry that hangs is reported by the exit status.
    let succeeded = |run: Run| if row.setup.hangs { run } else { run.expect_success(row.name) };
    let run = |watched| succeeded(program.run(row.lines, watched));
    let first = run(true);
    let mut counts = site.take_counts();
    let timed: Vec<Run> = (0..row.runs)
        .map(|_| {
            let run = run(false);
            counts = counts.max(site.take_counts());
            run
        })
        .collect();
    // The short answer leaves the rounds out. The long one takes the same requests, but more time and memory to write.
    if matches!(row.command, Command::Probe | Command::Diagnose | Command::Record) {
        let long = Program::ociscope([arguments(row.command, &site), vec!["--verbose".to_owned()]].concat());
        let shown = succeeded(long.run(usize::MAX, false)).stdout;
        counts = counts.max(Counts { rounds: rounds(&shown), ..site.take_counts() });
    }
    let instructions = (row.command == Command::Probe).then(|| program.instructions()).flatten();
    let peers = if with_peers { peers::measure(row, &site) } else { Vec::new() };
    Measured {
        round_trip: row.setup.round_trip,
        aim: row.chain.len(),
        counts,
        instructions,
        peers,
        ..figures(row.name, first, &timed)
    }
}

/// Measures a command that asks no registry.
pub fn local(name: &'static str, arguments: &[&str], runs: usize, with_instructions: bool) -> Measured {
    let program = Program::ociscope(arguments.iter().map(|&argument| argument.to_owned()).collect());
    let run = |watched| program.run(usize::MAX, watched).expect_success(name);
    let first = run(true);
    let timed: Vec<Run> = (0..runs).map(|_| run(false)).collect();
    let instructions = with_instructions.then(|| program.instructions()).flatten();
    Measured { instructions, ..figures(name, first, &timed) }
}

/// Measures what a size costs, and twice that size.
pub fn doubling(doubling: &Doubling) -> Doubled {
    let of = |size| {
        let site = Site::start(near((doubling.content)(size)));
        let program = Program::ociscope(arguments(doubling.command, &site));
        let run = |_| program.run(usize::MAX, false).expect_success(doubling.name);
        let runs: Vec<Run> = (0..DOUBLED_RUNS).map(run).collect();
        (median(runs.iter().map(|run| run.time).collect()), median_of(&runs, |run| run.cpu))
    };
    let (once, twice) = (of(doubling.size), of(2 * doubling.size));
    Doubled { name: doubling.name, size: doubling.size, time: [once.0, twice.0], cpu: [once.1, twice.1] }
}

/// What users would type.
fn arguments(command: Command, site: &Site) -> Vec<String> {
    let (command, platform): (_, &[&str]) = match command {
        Command::Probe => ("probe", &["--platform", "linux/amd64"]),
        Command::Diagnose => ("diagnose", &["--platform", "linux/amd64"]),
        // All of the work but that of the disk.
        Command::Record => ("diagnose", &["--platform", "linux/amd64", "--record", "/dev/null"]),
        Command::Tags => ("tags", &[]),
        Command::Referrers => ("referrers", &[]),
    };
    let mut arguments = vec![command.to_owned()];
    arguments.extend(platform.iter().map(|&word| word.to_owned()));
    arguments.extend(site.options());
    arguments.extend(site.references());
    arguments
}

fn figures(name: &'static str, first: Run, timed: &[Run]) -> Measured {
    let memory = first.memory;
    let lines = first.stdout.lines().count();
    let watched = std::slice::from_ref(&first);
    let timed = if timed.is_empty() { watched } else { timed };
    Measured {
        name,
        round_trip: Duration::ZERO,
        aim: 0,
        counts: Counts::default(),
        time: median(timed.iter().map(|run| run.time).collect()),
        first_line: median_of(timed, |run| run.first_line),
        cpu: median_of(timed, |run| run.cpu),
        memory,
        instructions: None,
        lines,
        peers: Vec::new(),
    }
}

fn median_of(runs: &[Run], of: impl Fn(&Run) -> Option<Duration>) -> Option<Duration> {
    runs.iter().map(of).collect::<Option<Vec<_>>>().map(median)
}

/// The rounds that a report with all of its evidence names; of several reports, the most.
pub fn rounds(shown: &str) -> Option<u64> {
    let words: Vec<_> = shown.split_whitespace().collect();
    let pairs = words.windows(2).filter(|pair| pair[1].trim_end_matches(',').trim_end_matches('s') == "round");
    pairs.filter_map(|pair| pair[0].parse().ok()).max()
}
