//! Reads files with credentials.

use std::path::Path;

use crate::transport::{UnreadFile, read_file};

/// The maximum length in bytes of a file with credentials.
pub(super) const LIMIT: u64 = 1 << 20;

/// The reason why a file could not be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The file does not exist.
    NotThere,
    /// The system refused access, with the reason.
    Refused(String),
    /// It is not a file of the expected kind, with the reason.
    Unfit(String),
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unread> {
    read_file(path, LIMIT).map_err(|unread| match unread {
        UnreadFile::NotThere => Unread::NotThere,
        UnreadFile::Refused(_) => Unread::Refused(unread.words(LIMIT)),
        _ => Unread::Unfit(unread.words(LIMIT)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case F07.
    #[test]
    fn only_a_regular_file_within_the_limit_is_read() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "{}").unwrap();
        assert_eq!(read(&at("file")).unwrap(), b"{}");
        assert!(matches!(read(&at("none")), Err(Unread::NotThere)));
        assert!(matches!(read(&at("file/config.json")), Err(Unread::NotThere)));
        assert!(matches!(read(folder.path()), Err(Unread::Unfit(why)) if why == "it is a directory"));
        std::fs::write(at("long"), vec![b' '; (1 << 20) + 1]).unwrap();
        assert!(matches!(read(&at("long")), Err(Unread::Unfit(why)) if why.contains("1 MiB")));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_waits_for_whoever_could_write() {
        let folder = tempfile::TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(read(&pipe), Err(Unread::Unfit(why)) if why == UnreadFile::NotRegular.words(LIMIT)));
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        std::os::unix::fs::symlink(&one, &other).unwrap();
        std::os::unix::fs::symlink(&other, &one).unwrap();
        assert!(matches!(read(&one), Err(Unread::Refused(_))));
    }
}
