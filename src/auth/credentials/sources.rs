//! The files that are searched for credentials, their order, and the reason for each.
//!
//! A file that the user named is the only one that is searched, as with Podman and its relatives: `--auth-file` or
//! `--pull-secret`, otherwise `$REGISTRY_AUTH_FILE`. Without one, Podman's runtime file, the one in the configuration
//! directory, and Docker's are searched, and the first that has a credential counts (containers-auth.json(5)). Docker
//! itself knows only the last one.
//!
//! Relative directories in variables are ignored, and the current directory is never searched.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file::{self, Unread};
use super::{Config, read_pull_secret};
use crate::evidence::{CredentialPlace, Elsewhere, PlaceReason, Reader, Seen};
use crate::text::Untrusted;

/// The timeout of a helper if no user is present.
const PATIENCE: Duration = Duration::from_secs(10);

/// The variables that are passed to helpers: those that they need for their own configuration, a keyring, or a display.
const HELPER_VARIABLES: [&str; 27] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TMPDIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
    "GPG_TTY",
    "PASSWORD_STORE_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SystemRoot",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
];

/// Prefixes of further variables: desktop directories, and clouds whose helpers read credentials from them.
const HELPER_PREFIXES: [&str; 8] = ["XDG_", "AWS_", "GOOGLE_", "CLOUDSDK_", "AZURE_", "MSI_", "ACR_", "IDENTITY_"];

/// The places that are searched for credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The files, in order.
    pub(super) files: Vec<Source>,
    /// Files that are not searched, but may have an entry that the user expects to be used.
    pub(super) elsewhere: Vec<(Source, Elsewhere)>,
    /// The environment of helpers.
    pub(super) environment: Vec<(OsString, OsString)>,
    /// The search path for helpers.
    pub(super) path: OsString,
    /// The timeout of a helper.
    pub(super) patience: Duration,
}

/// A file with credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub path: PathBuf,
    pub place: CredentialPlace,
}

impl Source {
    /// Parses the content by the rules of the client that reads it; otherwise returns its fault.
    pub(super) fn config(&self, bytes: &[u8]) -> Result<Config, Seen> {
        match self.place.reader {
            Reader::Kubelet => read_pull_secret(bytes).1.map_err(Seen::PullSecret),
            Reader::Docker | Reader::Containers => Config::read(bytes).map_err(Seen::Unusable),
        }
    }
}

/// The reason why a file that the user named cannot be used. Going on without it would ignore the user's choice.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// The file does not exist.
    #[error("{option}: file {path} does not exist")]
    NotThere {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: String,
    },
    /// The file cannot be read or is not of the expected kind.
    #[error("{option}: {path} cannot be used: {why}")]
    Unusable {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: String,
        /// The reason.
        why: String,
    },
}

impl Sources {
    /// The sources for an environment with these variables, and these files named by the user.
    pub fn new(auth_file: Option<PathBuf>, pull_secret: Option<PathBuf>, variables: Vec<(OsString, OsString)>) -> Self {
        let environment = Environment(&variables);
        let (files, elsewhere) = match (auth_file, pull_secret) {
            (Some(path), _) => (vec![environment.named(path, PlaceReason::AuthFileOption)], Vec::new()),
            (None, Some(path)) => (vec![environment.named(path, PlaceReason::PullSecretOption)], Vec::new()),
            (None, None) => environment.files(),
        };
        let for_helpers = |name: &OsString| {
            let name = name.to_string_lossy();
            HELPER_VARIABLES.contains(&&*name) || HELPER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        };
        let path = environment.get("PATH").unwrap_or_default();
        let environment = variables.iter().filter(|(name, _)| for_helpers(name)).cloned().collect();
        Self { files, elsewhere, environment, path, patience: PATIENCE }
    }

    /// The option that named the only file to search, and the file; `None` if the usual places are searched.
    pub fn named(&self) -> Option<(&'static str, &Path)> {
        self.files.iter().find_map(|source| match source.place.because {
            PlaceReason::AuthFileOption => Some(("--auth-file", source.path.as_path())),
            PlaceReason::PullSecretOption => Some(("--pull-secret", source.path.as_path())),
            _ => None,
        })
    }

    /// The sources of this process.
    pub fn of_this_process(auth_file: Option<PathBuf>, pull_secret: Option<PathBuf>) -> Self {
        Self::new(auth_file, pull_secret, std::env::vars_os().collect())
    }

    /// Sets the timeout of helpers, which is longer if a user is present to unlock a keyring.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Checks that the files that the user named can be used at all. Faults inside a pull secret are for the rules.
    ///
    /// # Errors
    /// An error if one does not exist, cannot be read, or is not of the expected kind.
    pub fn check(&self) -> Result<(), SourcesError> {
        for source in &self.files {
            let option = match source.place.because {
                PlaceReason::AuthFileOption => "--auth-file",
                PlaceReason::PullSecretOption => "--pull-secret",
                _ => continue,
            };
            let path = source.place.named();
            match file::read(&source.path) {
                Err(Unread::NotThere) => return Err(SourcesError::NotThere { option, path }),
                Err(Unread::Refused(why) | Unread::Unfit(why)) => {
                    return Err(SourcesError::Unusable { option, path, why });
                }
                Ok(bytes) if source.place.reader != Reader::Kubelet => {
                    Config::read(&bytes).map_err(|why| SourcesError::Unusable { option, path, why })?;
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// The keys of all registries that the files have entries for, without the entries.
    pub fn keys(&self) -> Vec<String> {
        let configs = self.files.iter().filter_map(|source| {
            let bytes = file::read(&source.path).ok()?;
            source.config(&bytes).ok()
        });
        configs.flat_map(|config| config.keys().map(str::to_owned).collect::<Vec<_>>()).collect()
    }
}

/// The variables that name the files.
struct Environment<'a>(&'a [(OsString, OsString)]);

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<OsString> {
        let value = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        value.filter(|value| !value.is_empty())
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    fn home(&self) -> Option<PathBuf> {
        self.folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }

    fn files(&self) -> (Vec<Source>, Vec<(Source, Elsewhere)>) {
        let home = |below: &str| self.home().map(|home| home.join(below));
        let docker_home = home(".docker/config.json").map(|path| (path, PlaceReason::DockerHome));
        let docker_named =
            self.folder("DOCKER_CONFIG").map(|folder| (folder.join("config.json"), PlaceReason::DockerConfig));
        let is_elsewhere =
            docker_named.is_some() && docker_named.as_ref().map(|it| &it.0) != docker_home.as_ref().map(|it| &it.0);
        let unasked = docker_home.clone().filter(|_| is_elsewhere);
        let runtime = self.folder("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json"));
        let configuration = self.folder("XDG_CONFIG_HOME").or_else(|| home(".config"));
        let configuration = configuration.map(|folder| folder.join("containers/auth.json"));
        let usual = [
            runtime.map(|path| (path, PlaceReason::RuntimeFolder)),
            configuration.map(|path| (path, PlaceReason::ConfigFolder)),
            docker_named.or(docker_home),
        ];
        let usual: Vec<_> = usual.into_iter().flatten().map(|(path, because)| self.source(path, because)).collect();
        let unasked =
            unasked.map(|(path, because)| (self.source(path, because), Elsewhere::Variable("DOCKER_CONFIG".into())));
        let mut elsewhere: Vec<_> = unasked.into_iter().collect();
        elsewhere.extend(self.of_sudo_user());
        match self.folder("REGISTRY_AUTH_FILE") {
            Some(path) => {
                let passed_over = |source| (source, Elsewhere::Variable("REGISTRY_AUTH_FILE".into()));
                let elsewhere = usual.into_iter().map(passed_over).chain(elsewhere).collect();
                (vec![self.source(path, PlaceReason::RegistryAuthFile)], elsewhere)
            }
            None => (usual, elsewhere),
        }
    }

    /// Docker's and Podman's files of the user who ran `sudo`, which may contain the login.
    fn of_sudo_user(&self) -> Vec<(Source, Elsewhere)> {
        let Some(user) = self.get("SUDO_USER").and_then(|user| user.into_string().ok()) else { return Vec::new() };
        let Some(home) = home_of(&user, Path::new("/etc/passwd")).filter(|home| self.home().as_ref() != Some(home))
        else {
            return Vec::new();
        };
        let files = [
            (".docker/config.json", PlaceReason::DockerHome),
            (".config/containers/auth.json", PlaceReason::ConfigFolder),
        ];
        let source = |(below, because)| {
            (self.source(home.join(below), because), Elsewhere::SudoUser(Untrusted::from(user.as_str())))
        };
        files.into_iter().map(source).collect()
    }

    /// A file that the user named. If it has the name of Docker's file, Docker's rules apply.
    fn named(&self, path: PathBuf, because: PlaceReason) -> Source {
        let mut source = self.source(path, because);
        if because == PlaceReason::AuthFileOption && source.path.file_name().is_some_and(|name| name == "config.json") {
            source.place.reader = Reader::Docker;
        }
        source
    }

    fn source(&self, path: PathBuf, because: PlaceReason) -> Source {
        let reader = match because {
            PlaceReason::PullSecretOption => Reader::Kubelet,
            PlaceReason::DockerConfig | PlaceReason::DockerHome => Reader::Docker,
            _ => Reader::Containers,
        };
        let shown = match self
            .home()
            .filter(|home| home != Path::new("/"))
            .map(|home| path.strip_prefix(home).map(Path::to_owned))
        {
            Some(Ok(below)) => format!("~/{}", below.display()),
            _ => path.display().to_string(),
        };
        Source { path, place: CredentialPlace { file: Untrusted::new(shown), because, reader } }
    }
}

/// The home directory of a user, from passwd(5).
fn home_of(user: &str, passwd: &Path) -> Option<PathBuf> {
    let bytes = file::read(passwd).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find(|line| line.split(':').next() == Some(user))?;
    line.split(':').nth(5).map(PathBuf::from).filter(|home| home.is_absolute())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Sources {
        Sources::new(None, None, variables.iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    fn files(sources: &Sources) -> Vec<(&str, PlaceReason)> {
        sources.files.iter().map(|source| (source.place.file.as_str(), source.place.because)).collect()
    }

    #[test]
    fn podman_s_places_come_before_docker_s() {
        use PlaceReason::{ConfigFolder, DockerConfig, DockerHome, RuntimeFolder};
        let all = with(&[("HOME", "/home/a"), ("XDG_RUNTIME_DIR", "/run/user/1")]);
        assert_eq!(
            files(&all),
            [
                ("/run/user/1/containers/auth.json", RuntimeFolder),
                ("~/.config/containers/auth.json", ConfigFolder),
                ("~/.docker/config.json", DockerHome)
            ]
        );
        let moved = with(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/c"), ("DOCKER_CONFIG", "/d")]);
        assert_eq!(files(&moved), [("/c/containers/auth.json", ConfigFolder), ("/d/config.json", DockerConfig)]);
        assert_eq!(moved.elsewhere[0].1, Elsewhere::Variable("DOCKER_CONFIG".into()));
        assert_eq!(moved.elsewhere[0].0.place.file.as_str(), "~/.docker/config.json");
    }

    #[test]
    fn a_file_that_is_named_is_the_only_one() {
        let named = with(&[("HOME", "/home/a"), ("REGISTRY_AUTH_FILE", "/x/auth.json")]);
        assert_eq!(files(&named), [("/x/auth.json", PlaceReason::RegistryAuthFile)]);
        assert_eq!(named.elsewhere.len(), 2);
        let option = Sources::new(Some("mine.json".into()), None, vec![("REGISTRY_AUTH_FILE".into(), "/x".into())]);
        assert_eq!(files(&option), [("mine.json", PlaceReason::AuthFileOption)]);
        assert_eq!(option.files[0].place.reader, Reader::Containers);
        let docker = Sources::new(Some("/d/config.json".into()), None, Vec::new());
        assert_eq!(docker.files[0].place.reader, Reader::Docker);
        let secret = Sources::new(None, Some("s.yaml".into()), Vec::new());
        assert_eq!(secret.files[0].place.reader, Reader::Kubelet);
    }

    /// Case F21.
    #[test]
    fn variables_that_are_empty_or_relative_name_nothing() {
        assert_eq!(files(&with(&[])), []);
        let odd = [("HOME", ""), ("XDG_RUNTIME_DIR", "run"), ("XDG_CONFIG_HOME", ""), ("DOCKER_CONFIG", ".docker")];
        assert_eq!(files(&with(&odd)), []);
        assert_eq!(files(&with(&[("HOME", "."), ("REGISTRY_AUTH_FILE", "auth.json")])), []);
        assert_eq!(files(&with(&[("HOME", "/")]))[0].0, "/.config/containers/auth.json");
    }

    /// Case F18.
    #[test]
    fn a_helper_gets_the_variables_that_it_needs_and_no_others() {
        let given = with(&[
            ("PATH", "/bin"),
            ("AWS_PROFILE", "p"),
            ("OCISCOPE_PASSWORD", "CANARY"),
            ("GITHUB_TOKEN", "CANARY"),
        ]);
        assert_eq!(given.environment, [("PATH".into(), "/bin".into()), ("AWS_PROFILE".into(), "p".into())]);
    }

    #[test]
    fn home_of_a_user_is_read_from_passwd() {
        let folder = tempfile::TempDir::new().unwrap();
        let list = folder.path().join("passwd");
        std::fs::write(&list, "root:x:0:0:root:/root:/bin/sh\nalice:x:1:1::/home/alice:/bin/sh\nbad:x\n").unwrap();
        assert_eq!(home_of("alice", &list), Some("/home/alice".into()));
        assert_eq!(home_of("bad", &list), None);
        assert_eq!(home_of("nobody", &list), None);
    }

    #[test]
    fn named_file_has_to_be_usable() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| Sources::new(Some(folder.path().join(name)), None, Vec::new()).check();
        assert!(matches!(at("none"), Err(SourcesError::NotThere { .. })));
        std::fs::write(folder.path().join("bad"), "{\"auths\": \"CANARY\"}").unwrap();
        let error = at("bad").unwrap_err().to_string();
        assert!(error.contains("auths is not an object") && !error.contains("CANARY"), "{error}");
        std::fs::write(folder.path().join("good"), "{}").unwrap();
        assert!(at("good").is_ok());
    }
}
