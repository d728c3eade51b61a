//! The program under test, run as a user runs it, in an environment of its own.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use ociscope::internals::captured;
use tempfile::TempDir;

use super::found;
use super::report::Report;

/// The slowest test asks some forty questions on the loopback device.
const DEADLINE: Duration = Duration::from_secs(60);

/// A run that is being prepared.
pub struct Ociscope {
    command: Command,
    input: String,
    home: TempDir,
}

/// A run under way.
pub struct Running {
    process: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    /// What was read of standard output already.
    read: String,
    home: TempDir,
}

/// What the program wrote and how it ended.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Prepares a run with these arguments, whose results have the form that a terminal of 80 columns gets, unless they say
/// otherwise; [`in_a_shell`] leaves the form to the program. Nothing of the environment of the tests reaches it: no proxy, no
/// credentials.
pub fn ociscope(arguments: &[&str]) -> Ociscope {
    let home = TempDir::new().expect("a home folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ociscope"));
    command.args(arguments).env_clear().env("HOME", home.path()).current_dir(home.path());
    command.env("OCISCOPE_FORMAT", "terminal");
    Ociscope { command, input: String::new(), home }
}

/// Runs a command line for anonymous users inside the process of the tests: for what is tried with very many inputs and
/// looks at what is written, where starting the program would be most of the work.
pub fn here(arguments: &[&str]) -> Run {
    // These would be read by the code under test. The program gets an environment without them.
    if std::env::vars_os().any(|(name, _)| name.to_string_lossy().to_ascii_lowercase().ends_with("_proxy")) {
        return ociscope(arguments).run();
    }
    // The stack of a program; threads of tests have a quarter of that, and code without optimisation needs more.
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let captured = std::thread::scope(|scope| {
        let run = || captured(&[&["ociscope"], arguments].concat());
        thread.spawn_scoped(scope, run).expect("a thread").join().expect("no panic in the program")
    });
    let captured = captured.unwrap_or_else(|error| panic!("{error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { status: captured.status.into(), stdout: text(captured.stdout), stderr: text(captured.stderr) }
}

/// Prepares a line for a shell, in which `ociscope` is the program under test.
pub fn in_a_shell(line: &str) -> Ociscope {
    let home = TempDir::new().expect("a home folder");
    let folder = Path::new(env!("CARGO_BIN_EXE_ociscope")).parent().expect("a folder").to_owned();
    let path = [folder, "/usr/bin".into(), "/bin".into()];
    let mut command = Command::new("sh");
    command.args(["-c", line]).env_clear().env("HOME", home.path()).current_dir(home.path());
    command.env("PATH", std::env::join_paths(path).expect("paths without colons"));
    Ociscope { command, input: String::new(), home }
}

/// Runs `probe --json` for an image on linux/amd64, whatever machine the tests run on.
pub fn probe(reference: &str, more: &[&str]) -> Run {
    probe_with_input(reference, more, "")
}

/// Like [`probe`], with a password or the like on standard input.
pub fn probe_with_input(reference: &str, more: &[&str], input: &str) -> Run {
    let arguments = [&["probe", "--json", "--platform", "linux/amd64"], more, &[reference]].concat();
    ociscope(&arguments).input(input).run()
}

impl Ociscope {
    /// What the program reads from standard input.
    pub fn input(mut self, input: &str) -> Self {
        self.input = input.to_owned();
        self
    }

    /// Runs it in another folder than the user's home.
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Adds an argument, which need not be text.
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets a variable of the program's environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Puts a file into the home of the user, with its folders.
    pub fn home_file(self, path: &str, content: &str) -> Self {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, content).expect("a file");
        self
    }

    /// Puts a credential helper into the home, as a script, and the folder of it on `PATH`.
    #[cfg(unix)]
    pub fn helper(mut self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let path = format!("bin/docker-credential-{name}");
        self = self.home_file(&path, &format!("#!/bin/sh\n{script}\n"));
        let path = self.home.path().join(path);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a program");
        let folders = [path.parent().expect("a folder").to_owned(), "/usr/bin".into(), "/bin".into()];
        self.command.env("PATH", std::env::join_paths(folders).expect("paths without colons"));
        self
    }

    /// The home of the user, for as long as the run is being prepared.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs the program to its end. One that does not end is stopped, and the test fails with what it wrote.
    pub fn run(self) -> Run {
        self.start().finish()
    }

    /// Runs the program with standard output going elsewhere.
    pub fn run_with_stdout(self, stdout: impl Into<Stdio>) -> Run {
        self.start_with_stdout(stdout).finish()
    }

    /// Starts the program with standard output going elsewhere.
    pub fn start_with_stdout(self, stdout: impl Into<Stdio>) -> Running {
        self.start_with(stdout.into())
    }

    /// Runs the program for a reader who has gone before anything is written.
    pub fn run_without_reader(self) -> Run {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        self.run_with_stdout(writer)
    }

    /// Starts the program.
    pub fn start(self) -> Running {
        self.start_with(Stdio::piped())
    }

    fn start_with(mut self, stdout: Stdio) -> Running {
        let piped = self.command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let mut process = piped.spawn().expect("to start the program");
        // Where standard output goes elsewhere there is nothing to read, and the channel is closed from the beginning.
        let stdout = process.stdout.take().map_or_else(|| mpsc::channel().1, read_all);
        let stderr = read_all(process.stderr.take().expect("a pipe"));
        // Nobody has to read standard input; the pipe closes when it is dropped here.
        let _ = process.stdin.take().expect("a pipe").write_all(self.input.as_bytes());
        Running { process, stdout, stderr, read: String::new(), home: self.home }
    }
}

impl Running {
    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let number = self.process.id().to_string();
        let status = Command::new("sh").args(["-c", "kill -\"$1\" \"$0\"", &number, name]).status();
        let status = status.expect("a shell, which can send signals by itself");
        assert!(status.success());
    }

    /// The most bytes of memory that the process ever held, where the system tells (Linux).
    pub fn most_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes << 10)
    }

    /// Waits for a line of standard output that fits, and returns the first one.
    #[track_caller]
    pub fn line_that(&mut self, fits: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + DEADLINE;
        loop {
            if let Some(line) = whole_lines(&self.read).find(|line| fits(line)) {
                return line.to_owned();
            }
            match self.stdout.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(more) => self.read.push_str(&String::from_utf8_lossy(&more)),
                Err(error) => panic!("no such line ({error}) in:\n{}", self.read),
            }
        }
    }

    /// Waits for the end. A program that does not end is stopped, and the test fails with what it wrote.
    pub fn finish(self) -> Run {
        self.finish_with(|| ()).0
    }

    /// Waits for the end, and tells the most memory that it was seen to hold, where the system tells.
    pub fn finish_and_weigh(self) -> (Run, Option<u64>) {
        let status = format!("/proc/{}/status", self.process.id());
        let (stop, stopped) = mpsc::channel::<()>();
        let watcher = std::thread::spawn(move || {
            let mut most = None;
            while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(Duration::from_millis(5)) {
                let text = std::fs::read_to_string(&status).unwrap_or_default();
                let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
                most = kibibytes.map(|kibibytes| kibibytes << 10).or(most);
            }
            most
        });
        let run = self.finish();
        drop(stop);
        (run, watcher.join().expect("no panic"))
    }

    /// Waits for the end, and looks at what the program has left behind in its home before that is gone.
    pub fn finish_with<T>(mut self, look: impl FnOnce() -> T) -> (Run, T) {
        let end = Instant::now() + DEADLINE;
        let (stdout, stdout_ended) = receive_until(&self.stdout, end);
        let stdout = self.read + &stdout;
        let (stderr, stderr_ended) = receive_until(&self.stderr, end);
        if !(stdout_ended && stderr_ended) {
            let _ = self.process.kill();
            let _ = self.process.wait();
            panic!("still running after {DEADLINE:?}:\n{stdout}\n{stderr}");
        }
        let status = self.process.wait().expect("its status");
        let looked = look();
        // Until here, the program may have needed its home.
        drop(self.home);
        let status = status.code().unwrap_or_else(|| panic!("ended by {status}:\n{stdout}\n{stderr}"));
        found::note(&stdout);
        (Run { status, stdout, stderr }, looked)
    }
}

impl Run {
    /// The JSON report on standard output, checked for what the contract says of every report.
    #[track_caller]
    pub fn report(&self) -> Report {
        Report::of(self)
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Checks that none of these secrets was written anywhere.
    #[track_caller]
    pub fn assert_hides(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.stdout.contains(secret) && !self.stderr.contains(secret), "{secret:?} is in {self:?}");
        }
    }
}

/// Passes on what comes through a pipe; the channel closes with it.
fn read_all(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The lines of a text that have come to their end.
fn whole_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'))
}

/// What comes until then, and whether it came to its end.
fn receive_until(receiver: &Receiver<Vec<u8>>, end: Instant) -> (String, bool) {
    let mut bytes = Vec::new();
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(more) => bytes.extend(more),
            Err(error) => {
                return (String::from_utf8_lossy(&bytes).into_owned(), error == mpsc::RecvTimeoutError::Disconnected);
            }
        }
    }
}
