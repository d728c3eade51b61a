//! Reading a file that somebody has named: a regular one, up to a bound, without waiting for anything.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Why a file was not read.
#[derive(Debug)]
pub enum UnreadFile {
    /// There is none.
    NotThere,
    /// The system refuses.
    Refused(io::Error),
    /// It is a folder.
    Folder,
    /// It is a pipe, a device or the like: to read it would be to wait for somebody, perhaps without end.
    NotRegular,
    /// It has more bytes than are read.
    TooLong,
}

impl UnreadFile {
    /// Why, as the end of a sentence about the file; `limit` is the most bytes that are read of it.
    pub fn words(&self, limit: u64) -> String {
        match self {
            Self::NotThere => "No such file or directory".to_owned(),
            Self::Refused(error) => super::classify::plain_io_words(&error.to_string()),
            Self::Folder => "it is a folder".to_owned(),
            Self::NotRegular => "it is not a regular file, but a pipe or a device".to_owned(),
            Self::TooLong => match limit >> 20 {
                0 => format!("it is longer than {} KiB", limit >> 10),
                most => format!("it is longer than {most} MiB"),
            },
        }
    }
}

/// Reads a regular file of at most this many bytes, or what a link to one leads to.
///
/// # Errors
/// See [`UnreadFile`].
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, UnreadFile> {
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => UnreadFile::NotThere,
        _ => UnreadFile::Refused(error),
    };
    // Before it is opened: opening a pipe would wait for a writer, and opening a device may do anything.
    regular(&std::fs::metadata(path).map_err(refused)?)?;
    let file = File::open(path).map_err(refused)?;
    // And again, for it may have been replaced meanwhile.
    regular(&file.metadata().map_err(refused)?)?;
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
    if read as u64 > limit { Err(UnreadFile::TooLong) } else { Ok(bytes) }
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
    fn nothing_waits_for_whoever_could_write() {
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

    #[test]
    fn a_bound_is_told_in_its_unit() {
        assert_eq!(UnreadFile::TooLong.words(64 << 10), "it is longer than 64 KiB");
        assert_eq!(UnreadFile::TooLong.words(4 << 20), "it is longer than 4 MiB");
    }
}
