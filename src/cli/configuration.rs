//! What the user has said once and for all, in a file: which token services belong to which registries.
//!
//! It is read from the user's own configuration folder alone. One in the current folder would be whoever's the folder is.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::auth::realm::names_a_host;
use crate::evidence::Untrusted;

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
    #[error("{} is longer than 64 KiB", shown(.0))]
    TooLong(PathBuf),
    #[error("{} can be written by others; they could let their hosts have your credentials (chmod go-w)", shown(.0))]
    WritableByOthers(PathBuf),
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
    let file = match File::open(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        opened => opened.map_err(unreadable)?,
    };
    if is_writable_by_others(&file).map_err(unreadable)? {
        return Err(ConfigurationError::WritableByOthers(path.to_owned()));
    }
    let mut text = String::new();
    let length = file.take(LIMIT + 1).read_to_string(&mut text).map_err(unreadable)?;
    if length as u64 > LIMIT {
        return Err(ConfigurationError::TooLong(path.to_owned()));
    }
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

#[cfg(unix)]
fn is_writable_by_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_writable_by_others(_: &File) -> io::Result<bool> {
    Ok(false)
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
        assert!(matches!(of(&"#".repeat(70_000)), Err(ConfigurationError::TooLong(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
        assert!(matches!(read(&path), Err(ConfigurationError::WritableByOthers(_))));
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
