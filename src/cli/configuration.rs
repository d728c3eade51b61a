//! What the user has said once and for all, in a file: which token services belong to which registries.
//!
//! It is read from the user's own configuration folder alone. One in the current folder would be whoever's the folder is.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::auth::realm::names_a_host;
use crate::text::Untrusted;
use crate::transport::{UnreadFile, read_file};

/// The most bytes that the file may have.
const LIMIT: u64 = 64 << 10;

/// What stands in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    #[serde(default)]
    trust: Vec<Pair>,
}

/// A registry, and the host of a token service that may have the credentials for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    registry: String,
    realm: String,
}

/// Why the file is not used. It could say that a host may have credentials, so nothing of it is guessed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigurationError {
    #[error("{} could not be read: {source}", shown(path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} cannot be used: {why}", shown(path))]
    Unfit { path: PathBuf, why: String },
    #[error("{} can be written by others; they could let their hosts have your credentials (chmod go-w)", shown(.0))]
    WritableByOthers(PathBuf),
    #[error("{} belongs to somebody else, who could let their hosts have your credentials", shown(.0))]
    OfSomebodyElse(PathBuf),
    #[error("{} is not as it should be: {words}", shown(path))]
    Malformed { path: PathBuf, words: String },
    #[error("in {}, {name:?} is no host; write auth.example.com or auth.example.com:5001", shown(path))]
    NoHost { path: PathBuf, name: String },
}

fn shown(path: &Path) -> String {
    Untrusted::new(path.display().to_string()).printable()
}

/// The pairs of registry and realm that the user trusts. Without a file, none.
///
/// # Errors
/// Where there is a file that cannot be used.
pub(super) fn trusted_pairs() -> Result<Vec<(String, String)>, ConfigurationError> {
    match place(|name| std::env::var_os(name)) {
        Some(path) => read(&path),
        None => Ok(Vec::new()),
    }
}

/// `$XDG_CONFIG_HOME/ociscope/config.toml`, or `~/.config/ociscope/config.toml`; on Windows `%APPDATA%\ociscope\config.toml`.
/// A relative folder is not heeded (XDG base directory specification).
fn place(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    folder.map(|folder| folder.join("ociscope").join("config.toml"))
}

fn read(path: &Path) -> Result<Vec<(String, String)>, ConfigurationError> {
    let unreadable = |source| ConfigurationError::Unreadable { path: path.to_owned(), source };
    let bytes = match read_file(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(UnreadFile::NotThere) => return Ok(Vec::new()),
        Err(UnreadFile::Refused(error)) => return Err(unreadable(error)),
        Err(unread) => {
            let why = unread.words(LIMIT);
            return Err(ConfigurationError::Unfit { path: path.to_owned(), why });
        }
    };
    // Whoever can write the folder can put another file there.
    let (folder, above) = (path.parent(), path.parent().and_then(Path::parent));
    for place in [Some(path), folder, above].into_iter().flatten() {
        owners_alone(place)?;
    }
    let not_text = |_| unreadable(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"));
    let text = String::from_utf8(bytes).map_err(not_text)?;
    let malformed = |error: toml::de::Error| ConfigurationError::Malformed {
        path: path.to_owned(),
        words: error.to_string().trim_end().to_owned(),
    };
    let configuration: Configuration = toml::from_str(&text).map_err(malformed)?;
    let pairs: Vec<_> = configuration.trust.into_iter().map(|Pair { registry, realm }| (registry, realm)).collect();
    let no_host =
        pairs.iter().flat_map(|(registry, realm)| [registry, realm]).find(|name| !names_a_host(name)).cloned();
    match no_host {
        Some(name) => Err(ConfigurationError::NoHost { path: path.to_owned(), name }),
        None => Ok(pairs),
    }
}

/// Checks that nobody but the user and root can change what is at a path. In a folder with the sticky bit, as `/tmp` has
/// it, others can make files and not replace those that are there, whose owners are looked at.
#[cfg(unix)]
fn owners_alone(path: &Path) -> Result<(), ConfigurationError> {
    use std::os::unix::fs::MetadataExt;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let found = std::fs::metadata(path);
    let found = found.map_err(|source| ConfigurationError::Unreadable { path: path.to_owned(), source })?;
    let is_sticky = found.is_dir() && found.mode() & STICKY != 0;
    if found.mode() & WRITABLE_BY_OTHERS != 0 && !is_sticky {
        return Err(ConfigurationError::WritableByOthers(path.to_owned()));
    }
    let user = rustix::process::geteuid().as_raw();
    // Root may act for a user who keeps their own files.
    let for_user = || std::env::var("SUDO_UID").ok()?.parse().ok();
    let is_own = [0, user].contains(&found.uid()) || (user == 0 && for_user() == Some(found.uid()));
    if is_own { Ok(()) } else { Err(ConfigurationError::OfSomebodyElse(path.to_owned())) }
}

#[cfg(not(unix))]
fn owners_alone(_: &Path) -> Result<(), ConfigurationError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<(String, String)>, ConfigurationError> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        read(&path)
    }

    #[test]
    fn a_pair_is_a_registry_and_the_host_of_its_token_service() {
        let text = "[[trust]]\nregistry = \"r.example.com\"\nrealm = \"auth.example.com:5001\"\n";
        assert_eq!(of(text).unwrap(), [("r.example.com".to_owned(), "auth.example.com:5001".to_owned())]);
        assert_eq!(of("").unwrap(), []);
        assert_eq!(read(Path::new("/nowhere/config.toml")).unwrap(), []);
    }

    #[test]
    fn nothing_of_a_file_is_guessed() {
        for (text, words) in [
            ("[[trust]]\nregistry = \"r.example.com\"\n", "missing field `realm`"),
            ("trust-realm = \"a\"\n", "unknown field `trust-realm`"),
            ("[[trust]]\nregistry = \"https://r.example.com\"\nrealm = \"a\"\n", "is no host"),
            ("[[trust]", "is not as it should be"),
        ] {
            let error = of(text).expect_err(text).to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(of(&"#".repeat(70_000)).is_err_and(|error| error.to_string().ends_with("it is longer than 64 KiB")));
    }

    /// A file in `folders/ociscope`, with these modes of the folder above, of its own, and of the file.
    #[cfg(unix)]
    fn with_modes(modes: [u32; 3]) -> Result<Vec<(String, String)>, ConfigurationError> {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::TempDir::new().unwrap();
        let (above, folder) = (root.path().join("config"), root.path().join("config/ociscope"));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("config.toml");
        std::fs::write(&path, "").unwrap();
        for (place, mode) in [&path, &folder, &above].into_iter().zip(modes.into_iter().rev()) {
            std::fs::set_permissions(place, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        read(&path)
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_write_or_replace_is_not_used() {
        for modes in [
            [0o755, 0o755, 0o664],
            [0o755, 0o755, 0o602],
            [0o755, 0o775, 0o600],
            [0o755, 0o757, 0o600],
            [0o755, 0o777, 0o644],
            [0o777, 0o700, 0o600],
            [0o775, 0o755, 0o644],
        ] {
            let refused = with_modes(modes);
            assert!(matches!(refused, Err(ConfigurationError::WritableByOthers(_))), "{modes:?}: {refused:?}");
        }
        for modes in [[0o755, 0o755, 0o644], [0o700, 0o700, 0o600], [0o1777, 0o755, 0o644], [0o755, 0o1777, 0o600]] {
            assert_eq!(with_modes(modes).unwrap(), [], "{modes:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_waited_for() {
        let root = tempfile::TempDir::new().unwrap();
        let folder = root.path().join("config/ociscope");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("config.toml");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(matches!(read(&path), Err(ConfigurationError::Unfit { .. })));
        for device in ["/dev/zero", "/dev/null", "/dev/full"] {
            std::fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(device, &path).unwrap();
            assert!(matches!(read(&path), Err(ConfigurationError::Unfit { .. })), "{device}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(read(&path), Err(ConfigurationError::Unfit { .. })));
    }

    #[test]
    fn the_file_is_in_the_user_s_folder_and_nowhere_else() {
        let with = |name: &'static str, value: &'static str| place(move |asked| (asked == name).then(|| value.into()));
        if cfg!(not(windows)) {
            assert_eq!(with("HOME", "/home/a"), Some("/home/a/.config/ociscope/config.toml".into()));
            assert_eq!(with("XDG_CONFIG_HOME", "/etc/mine"), Some("/etc/mine/ociscope/config.toml".into()));
            assert_eq!(with("XDG_CONFIG_HOME", "mine"), None);
        }
    }
}
