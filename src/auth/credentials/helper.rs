//! Runs a credential helper (docker-credential-helpers): `docker-credential-NAME get`, with the server on standard
//! input and JSON on standard output.
//!
//! A file names the program, so the name is restricted to a grammar, and the program is searched for here, only in
//! absolute directories of PATH. It runs without a shell, in a process group of its own that is ended as a whole, with
//! only the variables that helpers need. Its output may contain secrets even on failure; none of it is ever shown.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize as _;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::Credentials;
use super::entry::password_of;
use super::tree::Tree;
use crate::evidence::HelperOutcome;
use crate::text::Secret;

/// The maximum length in bytes of a helper's output.
const LIMIT: usize = 64 << 10;

/// The message of helpers without a credential, on standard output and with status 1
/// (`credentials.errCredentialsNotFound`).
const NOT_FOUND: &str = "credentials not found in native keychain";

/// The parameters of a helper.
pub(super) struct Helper<'a> {
    pub name: &'a str,
    pub path: &'a OsStr,
    pub environment: &'a [(OsString, OsString)],
    pub patience: Duration,
}

/// The output of a helper, and its exit status.
struct Printed {
    out: Vec<u8>,
    errors: usize,
    status: Option<i32>,
}

impl Helper<'_> {
    /// Gets the credential of a server.
    pub(super) async fn get(&self, server: &str) -> (HelperOutcome, Option<Credentials>) {
        if !is_name(self.name) {
            return (HelperOutcome::NameRefused, None);
        }
        // A line break would make two servers of one (as in CVE-2020-5260).
        if server.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return (HelperOutcome::ServerRefused, None);
        }
        let Some(program) = find_program(&format!("docker-credential-{}", self.name), self.path) else {
            return (HelperOutcome::NotFound, None);
        };
        let printed = match self.run(&program, server).await {
            Ok(printed) => printed,
            Err(outcome) => return (outcome, None),
        };
        let Printed { out, errors, status } = printed;
        if status != Some(0) {
            let says_none = out.len() < 200 && String::from_utf8_lossy(&out).trim() == NOT_FOUND;
            let failed = HelperOutcome::Failed { status, printed: out.len() + errors };
            return (if says_none { HelperOutcome::HasNone } else { failed }, None);
        }
        match read(&out) {
            Ok((credentials, damage)) => (HelperOutcome::Gave(credentials.form(), damage), Some(credentials)),
            Err(why) => (HelperOutcome::Unusable(why), None),
        }
    }

    async fn run(&self, program: &Path, server: &str) -> Result<Printed, HelperOutcome> {
        let mut command = Command::new(program);
        command.arg("get").env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut group = Group::start(&mut command).map_err(|error| HelperOutcome::CannotStart(error.to_string()))?;
        let answer = group.talk(server);
        match tokio::time::timeout(self.patience, answer).await {
            Ok(printed) => printed,
            Err(_) => Err(HelperOutcome::TimedOut(self.patience.as_secs())),
        }
    }
}

/// The process groups of running helpers.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Ends all running helpers and their child processes, for a process that is about to exit without dropping what it
/// awaits.
pub fn end_helpers() {
    let running = std::mem::take(&mut *RUNNING.lock().unwrap_or_else(PoisonError::into_inner));
    running.into_iter().for_each(end_group);
}

#[cfg(unix)]
fn end_group(id: u32) {
    if let Some(id) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        // The group may be empty by then.
        let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end_group(_: u32) {}

/// A helper and its child processes. Dropping it ends all of them, for whatever reason the caller gave up waiting.
struct Group {
    child: Child,
    id: Option<u32>,
}

impl Group {
    fn start(command: &mut Command) -> io::Result<Self> {
        // `end_helpers` must not run between the start of a helper and its registration.
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let child = command.spawn()?;
        let id = child.id();
        running.extend(id);
        Ok(Self { child, id })
    }

    async fn talk(&mut self, server: &str) -> Result<Printed, HelperOutcome> {
        let (stdin, stdout, stderr) = (self.child.stdin.take(), self.child.stdout.take(), self.child.stderr.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // If a helper does not read its input, its answer shows that; a failed write needs no report.
                let _ = stdin.write_all(server.as_bytes()).await;
            }
        };
        let ((), out, errors) = tokio::join!(write, kept(stdout), kept(stderr));
        let out = out.ok_or(HelperOutcome::TooMuch)?;
        let errors = errors.ok_or(HelperOutcome::TooMuch)?.len();
        let status = self.child.wait().await.ok().and_then(|status| status.code());
        Ok(Printed { out, errors, status })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        }
        // After `wait`, the process ID may belong to another process.
        self.child.id().into_iter().for_each(end_group);
        let _ = self.child.start_kill();
    }
}

/// All data from a pipe; `None` if it exceeds the limit.
async fn kept(pipe: Option<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.take(LIMIT as u64 + 1).read_to_end(&mut bytes).await;
    }
    (bytes.len() <= LIMIT).then_some(bytes)
}

/// Returns `true` if a name can be part of a program name: plain letters, as in all helpers. A path could point
/// anywhere.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    name.len() <= 64 && name.bytes().all(plain) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The first program of a name on PATH. Empty and relative directories mean the current directory, so they are skipped.
pub fn find_program(program: &str, path: &OsStr) -> Option<PathBuf> {
    let file = if cfg!(windows) && !program.ends_with(".exe") { format!("{program}.exe") } else { program.to_owned() };
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|it| can_run(it))
}

#[cfg(unix)]
fn can_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn can_run(path: &Path) -> bool {
    path.is_file()
}

/// `{"ServerURL": …, "Username": …, "Secret": …}`.
fn read(out: &[u8]) -> Result<(Credentials, Vec<crate::evidence::Damage>), String> {
    let mut json = serde_json::Deserializer::from_slice(out);
    let tree = Tree::deserialize(&mut json).map_err(|_| "it is not JSON".to_owned())?;
    json.end().map_err(|_| "there is data after the JSON".to_owned())?;
    let text = |name: &str| match tree.field(name) {
        Some(Tree::Text(text)) => Ok(text.clone()),
        Some(_) => Err(format!("{name} is not text")),
        None => Err(format!("it has no {name}")),
    };
    let (username, secret): (Secret, Secret) = (text("Username")?, text("Secret")?);
    password_of(username, secret).map_err(|damage| damage.words())
}

#[cfg(all(test, unix))]
mod tests;
