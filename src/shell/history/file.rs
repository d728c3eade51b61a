//! The file that the history is kept in: one command a line.
//!
//! Two shells may have it open. Both write under a lock, and always into the same file: it is cut in its place and
//! never replaced by another, so that no shell goes on writing into one that is gone. Who cannot get the lock for a
//! moment goes on without the file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::KEPT;
use crate::text::{Untrusted, is_safe};

/// The longest line that is read and written, in bytes.
const LONGEST: usize = 4096;
/// With more lines than this the file is cut.
const FULL: usize = 2 * KEPT;
/// How much of the file is looked at, from its end, in bytes.
const LIMIT: u64 = 8 << 20;
/// How often the lock is tried, and how long it is waited in between.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Why the file is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Nobody says where it should be.
    #[error("there is no HOME to keep it in")]
    NoHome,
    /// There is something else in its place, or the way there leads elsewhere.
    #[error("{} is not a plain file", shown(.0))]
    NotAFile(PathBuf),
    /// Another program keeps it.
    #[error("{} is locked by another program", shown(.0))]
    Locked(PathBuf),
    /// The system says no.
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

/// Whether a line can stand in the file.
pub(super) fn fits(line: &str) -> bool {
    !line.trim().is_empty() && line.len() <= LONGEST && line.chars().all(is_safe)
}

/// The file. It is opened for each line anew, so that it can be removed at any time.
#[derive(Debug)]
pub(super) struct HistoryFile {
    path: PathBuf,
}

impl HistoryFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The lines, oldest first, without those that are damaged; and why none can be added to them, if so.
    pub(super) fn read(&self) -> Result<(Vec<String>, Option<Trouble>), Trouble> {
        let (mut file, trouble) = match self.open() {
            Ok(file) => (file, None),
            Err(trouble @ Trouble::System { .. }) => match File::open(self.checked()?) {
                Ok(file) => (file, Some(trouble)),
                Err(_) => return Err(trouble),
            },
            Err(trouble) => return Err(trouble),
        };
        // Half a line at the end is the worst that reading without the lock can meet.
        let _ = tried(|| file.try_lock_shared());
        let bytes = end_of(&mut file).map_err(|source| self.system(source))?;
        let lines = bytes.split(|&byte| byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
        Ok((lines.filter(|line| fits(line)).map(str::to_owned).collect(), trouble))
    }

    /// Adds a line, and cuts the file where it has grown too long.
    pub(super) fn append(&self, line: &str) -> Result<(), Trouble> {
        let mut file = self.open()?;
        match tried(|| file.try_lock()) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Trouble::Locked(self.path.clone())),
            Err(TryLockError::Error(source)) => return Err(self.system(source)),
        }
        // The lock ends with the file.
        append_locked(&mut file, line).and_then(|()| cut(&mut file)).map_err(|source| self.system(source))
    }

    fn system(&self, source: io::Error) -> Trouble {
        Trouble::System { path: self.path.clone(), source }
    }

    /// The path, where nothing but a plain file is behind it. To open a pipe would be to wait for its other end.
    fn checked(&self) -> Result<&Path, Trouble> {
        match fs::symlink_metadata(&self.path) {
            Ok(found) if !found.is_file() => Err(Trouble::NotAFile(self.path.clone())),
            Ok(_) => Ok(&self.path),
            Err(source) => Err(self.system(source)),
        }
    }

    /// The file, open to read and write, made where there is none, and for nobody else to look into.
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
            // Another shell was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(&self.path)
            }
            result => result,
        }
    }

    /// Whether what was opened is what was looked at, and not what a link was made to meanwhile.
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

/// Takes the file away from others, where they could read it.
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

/// Tries a lock for a moment, and never longer.
fn tried(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            result => return result,
        }
    }
    lock()
}

/// The last of what is in the file, from the beginning of a line on.
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
        // What a shell left half written when it was killed is a line of its own.
        let mut last = [0];
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.insert(0, '\n');
        }
    }
    file.seek(SeekFrom::Start(end))?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // Rather no line than half a one; where that fails too, the next reader leaves it out.
        let _ = file.set_len(end);
    })
}

/// Keeps the last lines of a file that has grown too long.
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
