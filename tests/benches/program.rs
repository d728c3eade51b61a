//! Running a program and measuring it: time, CPU, memory, instructions.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How often the memory of a process is looked at.
const LOOK_EVERY: Duration = Duration::from_micros(500);

/// A program with its arguments, in an environment without proxies and credentials.
pub struct Program {
    name: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    input: String,
    home: TempDir,
}

/// One run of a program.
pub struct Run {
    /// From its start to its end.
    pub time: Duration,
    /// From its start to the end of its first line, where it wrote one.
    pub first_line: Option<Duration>,
    /// What it and its children computed, in user and system mode; `None` where the system does not report it.
    pub cpu: Option<Duration>,
    /// The most memory that it held, in megabytes; `None` where the system has no `/proc`.
    pub memory: Option<f64>,
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// This program, with these arguments.
    pub fn ociscope(arguments: Vec<String>) -> Self {
        Self::named(env!("CARGO_BIN_EXE_ociscope"), arguments)
    }

    /// Another program on PATH.
    pub fn named(name: &str, arguments: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            arguments,
            variables: Vec::new(),
            input: String::new(),
            home: TempDir::new().expect("a home folder"),
        }
    }

    /// Adds a variable to its environment.
    pub fn variable(mut self, name: &str, value: String) -> Self {
        self.variables.push((name.to_owned(), value));
        self
    }

    /// Gives it this text on standard input.
    pub fn input(mut self, text: String) -> Self {
        self.input = text;
        self
    }

    /// Whether it can be found on PATH.
    pub fn is_installed(name: &str) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    }

    /// Runs it and reads this many lines of what it writes, then closes its standard output. Looking at its memory
    /// takes time from it, so that is left out where it is not wanted.
    pub fn run(&self, lines: usize, watched: bool) -> Run {
        let mut stderr = tempfile::tempfile().expect("a file");
        let mut command = self.command(&self.name);
        command.stdout(Stdio::piped()).stderr(stderr.try_clone().expect("a handle"));
        let computed = cpu_of_children();
        let began = Instant::now();
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = process.stdout.take().expect("it is piped");
        let reader = thread::spawn(move || read_lines(stdout, lines, began));
        let memory = watched.then(|| peak_memory(&mut process)).flatten();
        let status = process.wait().expect("its status");
        let time = began.elapsed();
        let cpu = cpu_of_children().zip(computed).map(|(after, before)| after.saturating_sub(before));
        let (stdout, first_line) = reader.join().expect("no panic in the reader");
        Run { time, first_line, cpu, memory, status, stdout, stderr: text_of(&mut stderr) }
    }

    /// The instructions of one run, where valgrind is installed.
    pub fn instructions(&self) -> Option<u64> {
        if !Self::is_installed("valgrind") {
            return None;
        }
        let mut command = self.command("valgrind");
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let counted = said.lines().find_map(|line| line.rsplit_once(" I ")?.1.trim().strip_prefix("refs:"))?;
        counted.trim().replace(',', "").parse().ok()
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        if name == "valgrind" {
            command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", &self.name]);
        }
        command.args(&self.arguments).env_clear().env("HOME", self.home.path()).stdin(self.standard_input());
        command.env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("/usr/bin:/bin")));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn standard_input(&self) -> Stdio {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(self.input.as_bytes()).and_then(|()| file.rewind()).expect("to write it");
        file.into()
    }
}

impl Run {
    /// The run itself, if it ended as it should; a failed run would be a figure for something else.
    pub fn expect_success(self, what: &str) -> Self {
        assert!(self.status.success(), "{what}: {}\n{}\n{}", self.status, self.stdout, self.stderr);
        self
    }
}

fn read_lines(from: impl Read, most: usize, began: Instant) -> (String, Option<Duration>) {
    let mut from = BufReader::new(from);
    let mut read = Vec::new();
    let mut first = None;
    for _ in 0..most {
        match from.read_until(b'\n', &mut read) {
            Ok(1..) => first.get_or_insert_with(|| began.elapsed()),
            _ => break,
        };
    }
    (String::from_utf8_lossy(&read).into_owned(), first)
}

/// The most memory that a process held until its end. The system forgets it as the process ends, so it is read until then.
fn peak_memory(process: &mut Child) -> Option<f64> {
    let mut peak = None;
    loop {
        peak = high_water_mark(process).or(peak);
        if process.try_wait().expect("its status").is_some() {
            return peak;
        }
        thread::sleep(LOOK_EVERY);
    }
}

fn high_water_mark(process: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

/// What all children that have ended computed.
#[cfg(unix)]
fn cpu_of_children() -> Option<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    u64::try_from(microseconds).ok().map(Duration::from_micros)
}

#[cfg(not(unix))]
fn cpu_of_children() -> Option<Duration> {
    None
}

fn text_of(file: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
