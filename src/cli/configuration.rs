//! The configuration file: token services that registries may delegate to, and how results are shown.
//!
//! It is read only from the user's configuration directory. A file in the current directory could be another user's.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Value;

use super::preferences::KEPT;
use crate::auth::realm::names_a_host;
use crate::text::Untrusted;
use crate::transport::{UnreadFile, read_file};

/// The most bytes of the file.
const LIMIT: u64 = 64 << 10;

/// Why some options have no place in the file.
const WEAKENS: &str = "it weakens a check, so it is given with each command";
const SECRET: &str = "it may carry a secret, so it is given with each command";
const PAIRS: &str = "it would hold for every registry; name the pair: [[trust]] with registry and realm";

/// Options that have no place in the file, each with the reason.
const REFUSED: [(&str, &str); 15] = [
    ("insecure", WEAKENS),
    ("plain-http", WEAKENS),
    ("allow-cleartext-login", WEAKENS),
    ("cacert", WEAKENS),
    ("resolve", WEAKENS),
    ("trust-realm", PAIRS),
    ("header", SECRET),
    ("username", SECRET),
    ("password", SECRET),
    ("password-stdin", SECRET),
    ("login-host", SECRET),
    ("auth-file", SECRET),
    ("pull-secret", SECRET),
    ("cert", SECRET),
    ("key", SECRET),
];

/// What the user has said once and for all.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Configuration {
    /// The file; empty where there is none.
    pub file: String,
    /// The pairs of registry and realm that the user trusts.
    pub trusted_pairs: Vec<(String, String)>,
    /// Settings of the display by their names, as they are written.
    pub display: Vec<(&'static str, String)>,
}

/// What is in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    trust: Vec<Pair>,
    format: Option<Value>,
    color: Option<Value>,
    platform: Option<Value>,
    timeout: Option<Value>,
    pager: Option<Value>,
    public: Option<Value>,
    echo: Option<Value>,
}

/// A registry, and the host of a token service that may receive its credentials.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    registry: String,
    realm: String,
}

/// Why the file is not used. It decides which hosts receive credentials, so nothing in it is guessed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigurationError {
    #[error("{} could not be read: {source}", shown(path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} cannot be used: {why}", shown(path))]
    Unfit { path: PathBuf, why: String },
    #[error("other users can write {}, and so send your credentials to their hosts; restrict it: chmod go-w", shown(.0))]
    WritableByOthers(PathBuf),
    #[error("{} belongs to another user, who could send your credentials to their hosts", shown(.0))]
    OfSomebodyElse(PathBuf),
    #[error("{} is not valid: {words}", shown(path))]
    Malformed { path: PathBuf, words: String },
    #[error("in {}, {name} cannot be set: {why}", shown(path))]
    Refused { path: PathBuf, name: String, why: &'static str },
    #[error("in {}, {name} is not a text, a number, true or false", shown(path))]
    Shape { path: PathBuf, name: &'static str },
    #[error("in {}, {name:?} is not a host; write auth.example.com or auth.example.com:5001", shown(path))]
    NoHost { path: PathBuf, name: String },
}

fn shown(path: &Path) -> String {
    Untrusted::new(path.display().to_string()).printable()
}

/// The contents of the file; empty without one.
///
/// # Errors
/// Where the file cannot be used.
pub(super) fn configuration() -> Result<Configuration, ConfigurationError> {
    match place(|name| std::env::var_os(name)) {
        Some(path) => read(&path),
        None => Ok(Configuration::default()),
    }
}

/// `$XDG_CONFIG_HOME/ociscope/config.toml`, or `~/.config/ociscope/config.toml`; on Windows `%APPDATA%\ociscope\config.toml`.
/// A relative directory is ignored (XDG base directory specification).
fn place(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    folder.map(|folder| folder.join("ociscope").join("config.toml"))
}

fn read(path: &Path) -> Result<Configuration, ConfigurationError> {
    let unreadable = |source| ConfigurationError::Unreadable { path: path.to_owned(), source };
    let bytes = match read_file(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(UnreadFile::NotThere) => return Ok(Configuration::default()),
        Err(UnreadFile::Refused(error)) => return Err(unreadable(error)),
        Err(unread) => {
            let why = unread.words(LIMIT);
            return Err(ConfigurationError::Unfit { path: path.to_owned(), why });
        }
    };
    // Users who can write the directory can replace the file.
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
    if let Ok(table) = toml::from_str::<toml::Table>(&text)
        && let Some((name, why)) = table.keys().find_map(|name| refused(name))
    {
        return Err(ConfigurationError::Refused { path: path.to_owned(), name: name.to_owned(), why });
    }
    let Written { trust, format, color, platform, timeout, pager, public, echo } =
        toml::from_str(&text).map_err(malformed)?;
    let display = [format, color, platform, timeout, pager, public, echo];
    let display = KEPT.into_iter().zip(display).filter_map(|(name, value)| Some((name, value?)));
    let shape = |name| ConfigurationError::Shape { path: path.to_owned(), name };
    let display = display.map(|(name, value)| Ok((name, as_text(&value).ok_or_else(|| shape(name))?)));
    let display = display.collect::<Result<_, _>>()?;
    let pairs: Vec<_> = trust.into_iter().map(|Pair { registry, realm }| (registry, realm)).collect();
    let no_host =
        pairs.iter().flat_map(|(registry, realm)| [registry, realm]).find(|name| !names_a_host(name)).cloned();
    match no_host {
        Some(name) => Err(ConfigurationError::NoHost { path: path.to_owned(), name }),
        None => Ok(Configuration { file: shown(path), trusted_pairs: pairs, display }),
    }
}

/// The option that a name means, and why it has no place in the file.
fn refused(name: &str) -> Option<(&'static str, &'static str)> {
    let name = name.replace('_', "-").to_ascii_lowercase();
    REFUSED.into_iter().find(|(refused, _)| *refused == name)
}

/// A value as an option would have it.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(is_on) => Some(is_on.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// Checks that only the user and root can change a path. In a directory with the sticky bit, such as `/tmp`, other users can
/// create files but not replace existing ones, whose owner is checked.
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
    // With sudo, root acts for the user.
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

    fn of(text: &str) -> Result<Configuration, ConfigurationError> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        read(&path)
    }

    #[test]
    fn pair_is_a_registry_and_the_host_of_its_token_service() {
        let text = "[[trust]]\nregistry = \"r.example.com\"\nrealm = \"auth.example.com:5001\"\n";
        assert_eq!(of(text).unwrap().trusted_pairs, [("r.example.com".to_owned(), "auth.example.com:5001".to_owned())]);
        assert_eq!(of("").unwrap().trusted_pairs, []);
        assert_eq!(read(Path::new("/nowhere/config.toml")).unwrap(), Configuration::default());
    }

    #[test]
    fn invalid_file_is_refused() {
        for (text, words) in [
            ("[[trust]]\nregistry = \"r.example.com\"\n", "missing field `realm`"),
            ("trust-realms = \"a\"\n", "unknown field `trust-realms`"),
            ("format = [\"json\"]\n", "format is not a text, a number, true or false"),
            ("[[trust]]\nregistry = \"https://r.example.com\"\nrealm = \"a\"\n", "is not a host"),
            ("[[trust]", "is not valid"),
        ] {
            let error = of(text).expect_err(text).to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(of(&"#".repeat(70_000)).is_err_and(|error| error.to_string().ends_with("it is longer than 64 KiB")));
    }

    #[test]
    fn display_is_kept_as_it_is_written() {
        let text = "format = \"markdown\"\ncolor = \"never\"\ntimeout = 2.5\npager = false\n\
                    platform = \"linux/arm64\"\npublic = true\necho = false\n";
        let expected = [
            ("format", "markdown"),
            ("color", "never"),
            ("platform", "linux/arm64"),
            ("timeout", "2.5"),
            ("pager", "false"),
            ("public", "true"),
            ("echo", "false"),
        ];
        assert_eq!(of(text).unwrap().display, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(of("timeout = 30\n").unwrap().display, [("timeout", "30".to_owned())]);
    }

    #[test]
    fn what_weakens_a_check_or_carries_a_secret_is_refused_with_a_sentence() {
        for (text, words) in [
            ("insecure = true", "insecure cannot be set: it weakens a check"),
            ("plain_http = false", "plain-http cannot be set: it weakens a check"),
            ("allow-cleartext-login = true", "allow-cleartext-login cannot be set: it weakens"),
            ("cacert = \"/tmp/ca.pem\"", "cacert cannot be set: it weakens a check"),
            ("trust-realm = \"a.test\"", "trust-realm cannot be set: it would hold for every registry"),
            ("header = \"X-Key: CANARY\"", "header cannot be set: it may carry a secret"),
            ("password = \"CANARY\"", "password cannot be set: it may carry a secret"),
            ("username = \"CANARY\"", "username cannot be set: it may carry a secret"),
            ("[key]\nfile = \"CANARY\"", "key cannot be set: it may carry a secret"),
        ] {
            let error = of(text).expect_err(text).to_string();
            assert!(error.contains(words) && !error.contains("CANARY"), "{error}");
        }
    }

    /// A file in `folders/ociscope`, with these modes of the folder above, of its own, and of the file.
    #[cfg(unix)]
    fn with_modes(modes: [u32; 3]) -> Result<Configuration, ConfigurationError> {
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
    fn file_that_other_users_can_write_or_replace_is_refused() {
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
            assert_eq!(with_modes(modes).unwrap().display, [], "{modes:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn other_kinds_of_files_are_refused_at_once() {
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
    fn file_is_in_the_configuration_directory_of_the_user() {
        let with = |name: &'static str, value: &'static str| place(move |asked| (asked == name).then(|| value.into()));
        if cfg!(not(windows)) {
            assert_eq!(with("HOME", "/home/a"), Some("/home/a/.config/ociscope/config.toml".into()));
            assert_eq!(with("XDG_CONFIG_HOME", "/etc/mine"), Some("/etc/mine/ociscope/config.toml".into()));
            assert_eq!(with("XDG_CONFIG_HOME", "mine"), None);
        }
    }
}
