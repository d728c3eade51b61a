//! Reads a file named by the user: a regular one, up to a bound, without blocking.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// How long reading a file may take. A file on a disk takes less; one on a network that hangs never ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a file was not read.
#[derive(Debug)]
pub enum UnreadFile {
    /// The file does not exist.
    NotThere,
    /// The system returned an error.
    Refused(io::Error),
    /// The path is a directory.
    Folder,
    /// The file is a pipe, a device or the like: reading it could block forever.
    NotRegular,
    /// The file is reported as regular but has no end: its content is generated as it is read, as in `/proc/kmsg`, or
    /// it is on a network that hangs.
    Endless,
    /// The file is longer than the bound.
    TooLong,
}

impl UnreadFile {
    /// The reason as the end of a sentence about the file; `limit` is the bound in bytes.
    pub fn words(&self, limit: u64) -> String {
        match self {
            Self::NotThere => "No such file or directory".to_owned(),
            Self::Refused(error) => super::system_words::plain_io_words(&error.to_string()),
            Self::Folder => "it is a directory".to_owned(),
            Self::NotRegular => "it is not a regular file, but a pipe or a device".to_owned(),
            Self::Endless => "reading it does not end: another program writes to it, or it is unreachable".to_owned(),
            Self::TooLong => match limit >> 20 {
                0 => format!("it is longer than {} KiB", limit >> 10),
                most => format!("it is longer than {most} MiB"),
            },
        }
    }
}

/// Reads a regular file of at most this many bytes, following links.
///
/// # Errors
/// See [`UnreadFile`].
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, UnreadFile> {
    let path = path.to_owned();
    apart(PATIENCE, move || {
        let file = open_regular(&path)?;
        let mut bytes = Vec::new();
        let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
        if read as u64 > limit { Err(UnreadFile::TooLong) } else { Ok(bytes) }
    })
}

/// Reads a regular file from its beginning, piece by piece, up to this many bytes. Returns whether that was all of it.
/// Each piece has the time limit of a whole file.
///
/// # Errors
/// See [`UnreadFile`].
pub fn read_long_file(path: &Path, limit: u64, mut each: impl FnMut(&[u8])) -> Result<bool, UnreadFile> {
    const PIECE: usize = 1 << 20;
    let path = path.to_owned();
    let (pieces, received) = mpsc::sync_channel(2);
    let read = move || -> Result<bool, UnreadFile> {
        let mut file = open_regular(&path)?;
        let mut left = limit;
        loop {
            let mut piece = Vec::new();
            let read = Read::by_ref(&mut file).take(left.min(PIECE as u64)).read_to_end(&mut piece).map_err(refused)?;
            left -= read as u64;
            // After a timeout, no one is receiving.
            if read == 0 || pieces.send(piece).is_err() {
                return Ok(left > 0 || file.read(&mut [0]).map_err(refused)? == 0);
            }
        }
    };
    let (done, result) = mpsc::sync_channel(1);
    let reading = std::thread::Builder::new().name("file".to_owned()).spawn(move || {
        let _ = done.send(read());
    });
    reading.map_err(UnreadFile::Refused)?;
    loop {
        match received.recv_timeout(PATIENCE) {
            Ok(piece) => each(&piece),
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(UnreadFile::Endless),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return result.recv_timeout(PATIENCE).unwrap_or(Err(UnreadFile::Endless));
            }
        }
    }
}

fn refused(error: io::Error) -> UnreadFile {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => UnreadFile::NotThere,
        // No data is available at the moment.
        io::ErrorKind::WouldBlock => UnreadFile::Endless,
        _ => UnreadFile::Refused(error),
    }
}

/// Opens a file if it is a regular one.
fn open_regular(path: &Path) -> Result<File, UnreadFile> {
    // Checked before it is opened: opening a device may have any effect.
    regular(&std::fs::metadata(path).map_err(refused)?)?;
    let file = open(path).map_err(refused)?;
    // Checked again, because the file may have been replaced meanwhile.
    regular(&file.metadata().map_err(refused)?)?;
    Ok(file)
}

/// Opens a file without waiting for a writer, and so that reading does not wait for one either; a terminal does not
/// become the controlling terminal.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits());
    }
    options.open(path)
}

/// Reads on a separate thread, which is abandoned if it takes too long: the system call may never return, and cannot be
/// cancelled.
fn apart(
    patience: Duration,
    read: impl FnOnce() -> Result<Vec<u8>, UnreadFile> + Send + 'static,
) -> Result<Vec<u8>, UnreadFile> {
    let (done, result) = mpsc::sync_channel(1);
    let reading = std::thread::Builder::new().name("file".to_owned()).spawn(move || {
        // After a timeout, no one is receiving.
        let _ = done.send(read());
    });
    reading.map_err(UnreadFile::Refused)?;
    result.recv_timeout(patience).unwrap_or(Err(UnreadFile::Endless))
}

fn regular(found: &Metadata) -> Result<(), UnreadFile> {
    match found.is_file() {
        true => Ok(()),
        false if found.is_dir() => Err(UnreadFile::Folder),
        false => Err(UnreadFile::NotRegular),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_file_is_read_up_to_its_bound() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "12345678").unwrap();
        assert_eq!(read_file(&at("file"), 8).unwrap(), b"12345678");
        assert!(matches!(read_file(&at("file"), 7), Err(UnreadFile::TooLong)));
        assert!(matches!(read_file(&at("none"), 8), Err(UnreadFile::NotThere)));
        assert!(matches!(read_file(&at("file/below"), 8), Err(UnreadFile::NotThere)));
        assert!(matches!(read_file(folder.path(), 8), Err(UnreadFile::Folder)));
    }

    #[cfg(unix)]
    #[test]
    fn read_does_not_wait_for_a_writer() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("link")).unwrap();
        for path in [at("pipe"), at("socket"), at("link"), "/dev/zero".into(), "/dev/null".into(), "/dev/full".into()] {
            assert!(matches!(read_file(&path, 8), Err(UnreadFile::NotRegular)), "{path:?}");
        }
        std::fs::write(at("file"), "1").unwrap();
        std::os::unix::fs::symlink(at("file"), at("to a file")).unwrap();
        assert_eq!(read_file(&at("to a file"), 8).unwrap(), b"1");
    }

    /// A file reported as regular may have no end.
    #[cfg(target_os = "linux")]
    #[test]
    fn file_without_an_end_is_not_waited_for() {
        let began = std::time::Instant::now();
        // Readable by the administrator only.
        if File::open("/proc/kmsg").is_ok() {
            for limit in [0, 100, 64 << 20] {
                let unread = read_file(Path::new("/proc/kmsg"), limit);
                assert!(matches!(unread, Err(UnreadFile::Endless | UnreadFile::TooLong)), "{unread:?}");
            }
        }
        for finite in ["/proc/self/status", "/proc/version", "/proc/self/mountinfo"] {
            assert!(!read_file(Path::new(finite), 1 << 20).unwrap().is_empty(), "{finite}");
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }

    #[test]
    fn read_that_does_not_return_is_abandoned() {
        let (end, ended) = mpsc::channel::<()>();
        let hangs = move || {
            let _ = ended.recv();
            Ok(Vec::new())
        };
        let began = std::time::Instant::now();
        assert!(matches!(apart(Duration::from_millis(50), hangs), Err(UnreadFile::Endless)));
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        drop(end);
        assert_eq!(apart(PATIENCE, || Ok(vec![7])).unwrap(), [7]);
    }

    #[test]
    fn bound_is_shown_in_its_unit() {
        assert_eq!(UnreadFile::TooLong.words(64 << 10), "it is longer than 64 KiB");
        assert_eq!(UnreadFile::TooLong.words(4 << 20), "it is longer than 4 MiB");
    }
}
