//! The file of the history: one command per line.
//!
//! Several shells may use it. They write under a lock, and the file is cut in place and never replaced, so that no shell
//! writes to a deleted file. A shell that does not get the lock in time continues without the file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::KEPT;
use crate::text::{Untrusted, is_safe};

/// The longest line that is read and written, in bytes.
const LONGEST: usize = 4096;
/// The number of lines above which the file is cut.
const FULL: usize = 2 * KEPT;
/// The most bytes that are read, from the end of the file.
const LIMIT: u64 = 8 << 20;
/// The number of attempts to get the lock, and the pause between them.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Why the file is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// There is no directory for it.
    #[error("HOME is not set")]
    NoHome,
    /// It is not a regular file, or the path contains a link.
    #[error("{} is not a plain file", shown(.0))]
    NotAFile(PathBuf),
    /// Another program holds the lock.
    #[error("{} is locked by another program", shown(.0))]
    Locked(PathBuf),
    /// An error of the system.
    #[error("{} cannot be used: {source}", shown(path))]
    System {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn shown(path: &Path) -> String {
    Untrusted::new(path.to_string_lossy()).cut_within(200)
}

/// Whether a line fits in the file.
pub(super) fn fits(line: &str) -> bool {
    !line.trim().is_empty() && line.len() <= LONGEST && line.chars().all(is_safe)
}

/// The file. It is opened for each line, so that it can be removed at any time.
#[derive(Debug)]
pub(super) struct HistoryFile {
    path: PathBuf,
}

impl HistoryFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the lines, oldest first, without damaged ones; and why lines cannot be added, if so.
    pub(super) fn read(&self) -> Result<(Vec<String>, Option<Trouble>), Trouble> {
        let (mut file, trouble) = match self.open() {
            Ok(file) => (file, None),
            Err(trouble @ Trouble::System { .. }) => match File::open(self.checked()?) {
                Ok(file) => (file, Some(trouble)),
                Err(_) => return Err(trouble),
            },
            Err(trouble) => return Err(trouble),
        };
        // Without the lock, the last line may be incomplete.
        let _ = tried(|| file.try_lock_shared());
        let bytes = end_of(&mut file).map_err(|source| self.system(source))?;
        let lines = bytes.split(|&byte| byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
        Ok((lines.filter(|line| fits(line)).map(str::to_owned).collect(), trouble))
    }

    /// Adds a line, and cuts the file if it is too long.
    pub(super) fn append(&self, line: &str) -> Result<(), Trouble> {
        let mut file = self.open()?;
        match tried(|| file.try_lock()) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Trouble::Locked(self.path.clone())),
            Err(TryLockError::Error(source)) => return Err(self.system(source)),
        }
        // Closing the file releases the lock.
        append_locked(&mut file, line).and_then(|()| cut(&mut file)).map_err(|source| self.system(source))
    }

    fn system(&self, source: io::Error) -> Trouble {
        Trouble::System { path: self.path.clone(), source }
    }

    /// The path, if it is a regular file. Opening a pipe would wait for its other end.
    fn checked(&self) -> Result<&Path, Trouble> {
        match fs::symlink_metadata(&self.path) {
            Ok(found) if !found.is_file() => Err(Trouble::NotAFile(self.path.clone())),
            Ok(_) => Ok(&self.path),
            Err(source) => Err(self.system(source)),
        }
    }

    /// Opens the file to read and write; creates it if needed; makes it private.
    fn open(&self) -> Result<File, Trouble> {
        let file = match self.checked() {
            Ok(path) => OpenOptions::new().read(true).write(true).open(path),
            Err(Trouble::System { source, .. }) if source.kind() == io::ErrorKind::NotFound => self.create(),
            Err(trouble) => return Err(trouble),
        };
        let file = file.map_err(|source| self.system(source))?;
        self.same(&file)?;
        narrowed(&file).map_err(|source| self.system(source))?;
        Ok(file)
    }

    fn create(&self) -> io::Result<File> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            folder.mode(0o700);
            options.mode(0o600);
        }
        if let Some(parent) = self.path.parent() {
            folder.create(parent)?;
        }
        match options.open(&self.path) {
            // Another shell has created it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(&self.path)
            }
            result => result,
        }
    }

    /// Checks that the opened file is the one that was checked, and not the target of a link created meanwhile.
    #[cfg(unix)]
    fn same(&self, file: &File) -> Result<(), Trouble> {
        use std::os::unix::fs::MetadataExt;
        let opened = file.metadata().map_err(|source| self.system(source))?;
        let named = fs::symlink_metadata(self.checked()?).map_err(|source| self.system(source))?;
        if (opened.dev(), opened.ino()) == (named.dev(), named.ino()) {
            return Ok(());
        }
        Err(Trouble::NotAFile(self.path.clone()))
    }

    #[cfg(not(unix))]
    fn same(&self, _: &File) -> Result<(), Trouble> {
        self.checked().map(|_| ())
    }
}

/// Removes permissions of other users.
#[cfg(unix)]
fn narrowed(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o177 == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(mode & 0o600))
}

#[cfg(not(unix))]
fn narrowed(_: &File) -> io::Result<()> {
    Ok(())
}

/// Tries to get a lock, for a bounded time.
fn tried(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            result => return result,
        }
    }
    lock()
}

/// The end of the file, from the beginning of a line.
fn end_of(file: &mut File) -> io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(LIMIT);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LIMIT).read_to_end(&mut bytes)?;
    if start > 0 {
        let line = bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| end + 1);
        bytes.drain(..line);
    }
    Ok(bytes)
}

fn append_locked(file: &mut File, line: &str) -> io::Result<()> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut text = format!("{line}\n");
    if end > 0 {
        // An incomplete line of a killed shell is ended first.
        let mut last = [0];
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.insert(0, '\n');
        }
    }
    file.seek(SeekFrom::Start(end))?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // An incomplete line is removed; if that fails too, readers skip it.
        let _ = file.set_len(end);
    })
}

/// Keeps the last lines of a file that is too long.
fn cut(file: &mut File) -> io::Result<()> {
    let bytes = end_of(file)?;
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
    if lines <= FULL && file.metadata()?.len() <= LIMIT {
        return Ok(());
    }
    let ends = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n').map(|(at, _)| at + 1);
    let start = ends.take(lines.saturating_sub(KEPT)).last().unwrap_or(0);
    let kept = &bytes[start..];
    file.seek(SeekFrom::Start(0))?;
    file.write_all(kept)?;
    file.set_len(kept.len() as u64)
}

#[cfg(test)]
mod tests;
