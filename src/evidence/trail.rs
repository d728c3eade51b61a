//! The search for a credential: every file and helper, in order, with its result.
//!
//! Kept in order to report which entry was used and why the others were not. It contains no secrets: entries are named
//! by their keys, and the output of helpers is only counted.

mod damage;
mod words;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Untrusted;

pub use damage::{CredentialField, Damage};

/// The path to a credential, or to none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialTrail {
    /// The places searched, in order. The search ends with the step that found a credential, or that found an unusable
    /// one.
    pub steps: Vec<TrailStep>,
    /// The name of the pull secret, if one was read and has a name.
    pub pull_secret: PullSecretName,
}

/// The name of a pull secret in its cluster, according to the file. Only names that Kubernetes allows are kept (RFC
/// 1123 subdomains), so that they can be used in commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullSecretName {
    /// The name of the Secret.
    pub name: Option<String>,
    /// The namespace of the Pod in the file, else that of the Secret.
    pub namespace: Option<String>,
}

/// One finding in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStep {
    /// The place.
    pub place: CredentialPlace,
    /// The finding.
    pub seen: Seen,
}

/// A file with credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialPlace {
    /// Its path; the user's home is `~`.
    #[serde(with = "crate::text::raw")]
    pub file: Untrusted,
    /// The reason for searching it.
    pub because: PlaceReason,
    /// The client whose rules apply.
    pub reader: Reader,
}

/// Why a file is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("type" = "string"))]
pub enum PlaceReason {
    /// `--auth-file`.
    AuthFileOption,
    /// `--pull-secret`.
    PullSecretOption,
    /// `$REGISTRY_AUTH_FILE` (containers-auth.json(5)).
    RegistryAuthFile,
    /// `$XDG_RUNTIME_DIR/containers/auth.json`, where `podman login` writes.
    RuntimeFolder,
    /// `$XDG_CONFIG_HOME/containers/auth.json` or the same in `~/.config`.
    ConfigFolder,
    /// `$DOCKER_CONFIG/config.json`.
    DockerConfig,
    /// `~/.docker/config.json`, where `docker login` writes.
    DockerHome,
}

/// The client whose rules for keys apply to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// Docker, and the tools that use its library.
    Docker,
    /// Podman, Buildah, Skopeo and CRI-O (containers-auth.json(5)).
    Containers,
    /// The kubelet, for pull secrets.
    Kubelet,
}

/// A finding in a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// The file does not exist.
    NotThere,
    /// The file could not be opened or read; the system's message.
    Unreadable(String),
    /// The file cannot be used; the reason.
    Unusable(String),
    /// No entry is for this registry.
    NoEntry {
        /// The number of entries for other registries.
        others: usize,
        /// The keys of the first ones, at most [`Seen::MOST_KEYS`].
        #[serde(default, with = "crate::text::raw")]
        keys: Vec<Untrusted>,
    },
    /// An entry almost matches.
    NearMiss {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// The fault of the key.
        why: NearMiss,
        /// Whether it names a helper, and contains no credential itself.
        helper: bool,
    },
    /// An entry of this registry is used.
    Entry {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// Its contents.
        form: CredentialForm,
        /// Apparent damage.
        damage: Vec<Damage>,
    },
    /// An entry of this registry cannot be used.
    Damaged {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// The reason.
        damage: Damage,
    },
    /// An entry of this registry is empty: logging in left it there, and the credential is elsewhere.
    Empty {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
    },
    /// An entry is ignored, because a helper is used instead.
    BehindHelper {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// The helper's name, without `docker-credential-`.
        #[serde(with = "crate::text::raw")]
        helper: Untrusted,
    },
    /// A key occurs more than once; the last one counts.
    Repeated {
        /// The key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
    },
    /// This many entries of other registries are damaged, so Docker ignores the whole file.
    OthersDamaged(usize),
    /// A helper was to be run.
    Helper {
        /// Its name, without `docker-credential-`.
        #[serde(with = "crate::text::raw")]
        helper: Untrusted,
        /// The server that it was run for.
        #[serde(with = "crate::text::raw")]
        server: Untrusted,
        /// The outcome.
        outcome: HelperOutcome,
    },
    /// The file names a helper for all registries, which these clients ignore.
    StoreNotHeeded {
        /// Its name.
        #[serde(with = "crate::text::raw")]
        helper: Untrusted,
    },
    /// An invalid pull secret.
    PullSecret(PullSecretFault),
    /// The file was not searched, and has an entry for this registry.
    Elsewhere {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// Why it was not searched.
        why: Elsewhere,
    },
}

/// The form of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialForm {
    /// A user name and a password.
    Password,
    /// An identity token, which token services exchange for tokens (distribution specification, OAuth2 token).
    IdentityToken,
    /// A token for the registry itself.
    RegistryToken,
}

/// Why a key does not match a registry, although it looks like it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NearMiss {
    /// Another port, an extra one, or a missing one.
    Port,
    /// A name of Docker Hub that this client does not look up; the key that it looks up.
    HubAlias(Cow<'static, str>),
    /// The key has a repository after the host, and it is not the one that is pulled.
    Repository,
    /// Whitespace or control characters next to the host.
    Blank,
    /// Keys of helpers have to be the plain host; the key that would match.
    NotPlain(String),
    /// Another host of the same service: another region, another account.
    SameService,
    /// A parent domain or a subdomain.
    Domain,
}

/// The outcome of running a credential helper (docker-credential-helpers, `get`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HelperOutcome {
    /// It returned a credential.
    Gave(CredentialForm, Vec<Damage>),
    /// It has none for this server.
    HasNone,
    /// It is not in any absolute directory of `PATH`.
    NotFound,
    /// Its name is not valid for a program.
    NameRefused,
    /// It could not be started; the system's message.
    CannotStart(String),
    /// It exited with this status, or was killed, and its output may contain secrets; its length in bytes.
    Failed {
        /// Its exit status; `None` where a signal ended it.
        status: Option<i32>,
        /// The length of its output.
        printed: usize,
    },
    /// It did not answer within this many seconds and was stopped, with all its child processes.
    TimedOut(u64),
    /// It printed more than 64 KiB.
    TooMuch,
    /// Its answer cannot be used; the reason.
    Unusable(String),
    /// The name of the server contains characters that cannot be passed to it.
    ServerRefused,
}

/// Why a pull secret contains no usable credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullSecretFault {
    /// The file is neither YAML nor JSON; where parsing failed.
    NotYaml(String),
    /// It does not contain a Secret; the kinds that it contains.
    NoSecret(#[serde(with = "crate::text::raw")] Vec<Untrusted>),
    /// It contains a Pod, or the like, that names Secrets which are not in it.
    OnlyNames(#[serde(with = "crate::text::raw")] Vec<Untrusted>),
    /// The Secret is of another type, which is named.
    WrongType(#[serde(with = "crate::text::raw")] Untrusted),
    /// The Secret lacks this data.
    NoData(Cow<'static, str>),
    /// The data is not base64.
    NotBase64,
    /// The data was encoded twice.
    TwiceEncoded,
    /// Its content is not JSON of the right form; the reason.
    NotConfig(String),
}

/// Why a file with an entry was not searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Elsewhere {
    /// This variable names another file.
    Variable(Cow<'static, str>),
    /// It belongs to the user who runs this with `sudo`.
    SudoUser(#[serde(with = "crate::text::raw")] Untrusted),
}

impl CredentialTrail {
    /// The step whose credential is used.
    pub fn chosen(&self) -> Option<&TrailStep> {
        self.steps.iter().find(|step| step.seen.form().is_some())
    }

    /// Whether the used credential was stored for plain HTTP: its key in the file says so.
    pub fn is_for_plain_http(&self) -> bool {
        let key = self.chosen().and_then(|step| step.seen.key());
        key.and_then(|key| key.as_str().get(..7)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
    }
}

impl Seen {
    /// The maximum number of other registries' keys that are kept.
    pub const MOST_KEYS: usize = 5;

    /// The form of the credential, if there is one.
    pub fn form(&self) -> Option<CredentialForm> {
        match self {
            Self::Entry { form, .. } | Self::Helper { outcome: HelperOutcome::Gave(form, _), .. } => Some(*form),
            _ => None,
        }
    }

    /// The damage of the used credential, or that made it unusable.
    pub fn damage(&self) -> &[Damage] {
        match self {
            Self::Entry { damage, .. } | Self::Helper { outcome: HelperOutcome::Gave(_, damage), .. } => damage,
            Self::Damaged { damage, .. } => std::slice::from_ref(damage),
            _ => &[],
        }
    }

    /// The key of the step's entry.
    pub fn key(&self) -> Option<&Untrusted> {
        match self {
            Self::NearMiss { key, .. }
            | Self::Entry { key, .. }
            | Self::Damaged { key, .. }
            | Self::Empty { key }
            | Self::BehindHelper { key, .. }
            | Self::Repeated { key }
            | Self::Elsewhere { key, .. } => Some(key),
            _ => None,
        }
    }

    /// The helper of the step, without `docker-credential-`.
    pub fn helper(&self) -> Option<&Untrusted> {
        match self {
            Self::Helper { helper, .. } | Self::BehindHelper { helper, .. } | Self::StoreNotHeeded { helper } => {
                Some(helper)
            }
            _ => None,
        }
    }
}

impl HelperOutcome {
    /// Whether a configured credential could not be obtained: a pull fails here, or continues anonymously.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Gave(..) | Self::HasNone)
    }
}
