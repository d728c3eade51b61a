//! Running the program, and curl beside it, as a user would.

use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program with its arguments, in an environment without proxies and credentials.
pub struct Program {
    arguments: Vec<String>,
    home: TempDir,
}

impl Program {
    pub fn new(arguments: Vec<String>) -> Self {
        Self { arguments, home: TempDir::new().expect("a home folder") }
    }

    /// How long one run takes, from its start to its end.
    pub fn time(&self) -> Duration {
        let mut command = self.command();
        let began = Instant::now();
        let output = command.output().expect("to start the program");
        let time = began.elapsed();
        // A failed run would be a figure for something else.
        assert!(output.status.success(), "{command:?}\n{output:?}");
        time
    }

    /// The most memory that one run has held, in megabytes; `None` where the system has no `/proc`.
    pub fn peak_memory(&self) -> Option<f64> {
        let mut command = self.command();
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("to start the program");
        let mut peak = None;
        // The system keeps the peak, but forgets it as the process ends: it is read as late as can be.
        loop {
            peak = high_water_mark(&process).or(peak);
            if process.try_wait().expect("its status").is_some() {
                return peak;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ociscope"));
        command.args(&self.arguments).env_clear().env("HOME", self.home.path()).stdin(Stdio::null());
        command
    }
}

fn high_water_mark(process: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

/// How long curl takes for one request; `None` where it is not installed.
pub fn curl(url: &str, accept: &str) -> Option<Duration> {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--show-error",
        "--fail",
        "--noproxy",
        "*",
        "--header",
        &format!("Accept: {accept}"),
        url,
    ]);
    let began = Instant::now();
    match command.output() {
        Ok(output) if output.status.success() => Some(began.elapsed()),
        Ok(output) => panic!("{command:?}\n{output:?}"),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{command:?}: {error}"),
    }
}
