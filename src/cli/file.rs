//! Writing a result to a file: private, complete or not at all, and not through a link.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Why a link is not written to.
pub(super) const IS_A_LINK: &str = "it is a link; name the file itself";

/// The file that is being written under another name, to be removed if the process ends meanwhile.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Removes a file that is not written whole, because the process ends.
pub(super) fn end_writing() {
    let unfinished = UNFINISHED.try_lock().ok().and_then(|mut unfinished| unfinished.take());
    unfinished.iter().for_each(|path| drop(fs::remove_file(path)));
}

/// Expands `~/` at the beginning of a path.
pub(crate) fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// What becomes of a file that a result is written to, if it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is kept, and nothing is written.
    Keep,
    /// It is replaced.
    Replace,
    /// The result is appended.
    Append,
}

/// Writes to a file, or to the end of it. A new one is for its owner alone, because private names may be in a result; an
/// existing one keeps its permissions. It is there whole or not at all, and an existing one is replaced or kept. What is not
/// a regular file, as `/dev/null`, is written to as it is.
///
/// # Errors
/// Where it cannot be written, it exists and is to be kept, or the last component of the path is a link, which another user
/// may have made.
pub(super) fn write(path: &Path, existing: Existing, bytes: &[u8]) -> io::Result<()> {
    let is_appended = existing == Existing::Append;
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::other(IS_A_LINK)),
        Ok(found) if found.is_file() && existing == Existing::Keep => Err(exists()),
        Ok(found) if found.is_file() && !is_appended => {
            place(path, bytes, Some(found.permissions()), |new| fs::rename(new, path))
        }
        Ok(_) => OpenOptions::new().append(is_appended).write(true).open(path)?.write_all(bytes),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) if existing == Existing::Keep => place(path, bytes, None, |new| keep(new, path)),
        Err(_) => place(path, bytes, None, |new| fs::rename(new, path)),
    }
}

fn exists() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "it exists")
}

/// Moves a file to a path at which nothing may have come to exist meanwhile, if the file system can tell.
fn keep(new: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(new, path) {
        Ok(()) => fs::remove_file(new),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
        // Not every file system has hard links.
        Err(_) => fs::rename(new, path),
    }
}

/// Creates a file. Nothing may exist at the path, not even a link.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Puts a file at a path: whole, or not at all where the disk is full. It is written under another name of the same folder
/// first, and then moved; a link that was made meanwhile is replaced and not followed.
fn place(
    path: &Path,
    bytes: &[u8],
    permissions: Option<Permissions>,
    moved: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let new = path.with_file_name(format!(".ociscope.{}.new", std::process::id()));
    let note = |path: Option<PathBuf>| drop(UNFINISHED.lock().map(|mut unfinished| *unfinished = path));
    // Where that name is taken, the file is not ours.
    let mut file = create(&new)?;
    note(Some(new.clone()));
    let written = file.write_all(bytes);
    let written = written.and_then(|()| permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions)));
    let placed = written.and_then(|()| moved(&new));
    note(None);
    if placed.is_err() {
        let _ = fs::remove_file(&new);
    }
    placed
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use Existing::{Append, Keep, Replace};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn new_file_is_private_and_existing_one_keeps_its_permissions() {
        let folder = tempfile::TempDir::new().unwrap();
        for (name, before, existing, after) in [
            ("new", None, Replace, 0o600),
            ("new to keep", None, Keep, 0o600),
            ("new to add to", None, Append, 0o600),
            ("public", Some(0o644), Replace, 0o644),
            ("public to add to", Some(0o644), Append, 0o644),
            ("own", Some(0o600), Replace, 0o600),
            ("group", Some(0o640), Replace, 0o640),
        ] {
            let path = folder.path().join(name);
            if let Some(mode) = before {
                fs::write(&path, "old\n").unwrap();
                fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            }
            write(&path, existing, b"text\n").unwrap();
            assert_eq!(mode(&path), after, "{name}");
            let kept = if before.is_some() && existing == Append { "old\ntext\n" } else { "text\n" };
            assert_eq!(fs::read_to_string(&path).unwrap(), kept, "{name}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7, "no temporary file is left");
    }

    #[test]
    fn file_that_cannot_be_written_whole_is_kept_or_does_not_come_to_be() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("folder/old"), "old").unwrap();
        assert!(write(&at("none/new"), Replace, b"text").is_err());
        assert!(write(&at("folder"), Replace, b"text").is_err());
        // The name under which it is written first is taken.
        let name = format!("folder/.ociscope.{}.new", std::process::id());
        fs::create_dir(at(&name)).unwrap();
        for name in ["folder/old", "folder/new"] {
            assert!(write(&at(name), Replace, b"text").is_err(), "{name}");
        }
        assert_eq!(fs::read_to_string(at("folder/old")).unwrap(), "old");
        assert!(!at("folder/new").exists() && at(&name).is_dir());
        // A long name leaves no room for another at its end.
        write(&at(&"n".repeat(255)), Replace, b"text").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn existing_file_is_kept_where_it_is_not_to_be_replaced() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("old"), "precious").unwrap();
        assert_eq!(write(&at("old"), Keep, b"text").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        // One that came to exist after it was looked for.
        fs::write(at("new"), "text").unwrap();
        assert_eq!(keep(&at("new"), &at("old")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(at("old")).unwrap(), "precious");
        keep(&at("new"), &at("other")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");
    }

    #[test]
    fn link_is_not_followed() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "precious").unwrap();
        fs::create_dir(at("folder")).unwrap();
        for (name, target) in
            [("to a file", "file"), ("to nothing", "nothing"), ("to a folder", "folder"), ("to itself", "to itself")]
        {
            symlink(at(target), at(name)).unwrap();
            for existing in [Keep, Replace, Append] {
                let refused = write(&at(name), existing, b"text").expect_err(name).to_string();
                assert_eq!(refused, "it is a link; name the file itself", "{name}");
            }
        }
        assert_eq!(fs::read_to_string(at("file")).unwrap(), "precious");
        assert!(!at("nothing").exists());
        // A link further up in the path is followed.
        symlink(at("folder"), at("way")).unwrap();
        write(&at("way/file"), Replace, b"text").unwrap();
        assert_eq!(fs::read_to_string(at("folder/file")).unwrap(), "text");
    }

    #[test]
    fn device_is_written_to_directly() {
        write(Path::new("/dev/null"), Replace, b"text").unwrap();
        write(Path::new("/dev/null"), Keep, b"text").unwrap();
        write(Path::new("/dev/null"), Append, b"text").unwrap();
        let full = write(Path::new("/dev/full"), Replace, b"text").expect_err("a full device");
        assert!(full.to_string().contains("No space left"), "{full}");
    }
}
