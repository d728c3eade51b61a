//! Where a credential was looked for: every file and helper, in order, and what was found there.
//!
//! Kept so that one can be told which entry was used and why the others were not. Nothing secret is in it: entries are
//! named by their keys, and what helpers print is only counted.

mod damage;
mod words;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Untrusted;

pub use damage::{CredentialField, Damage};

/// The way to a credential, or to none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialTrail {
    /// What was looked at, in order. The search ends with the step that has a credential, or that says that there is to be
    /// one and it cannot be had.
    pub steps: Vec<TrailStep>,
    /// What the pull secret is called, where one was looked into and says so.
    pub pull_secret: PullSecretName,
}

/// What a pull secret is called in its cluster, as far as the file says. Only names that Kubernetes allows are kept
/// (RFC 1123 subdomains), so that commands can be made of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullSecretName {
    /// The name of the Secret.
    pub name: Option<String>,
    /// The namespace of the Pod in the file, else that of the Secret.
    pub namespace: Option<String>,
}

/// One thing that was seen in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStep {
    /// The place.
    pub place: CredentialPlace,
    /// What was seen there.
    pub seen: Seen,
}

/// A file in which credentials are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialPlace {
    /// Its path; the user's home is `~`.
    #[serde(with = "crate::text::raw")]
    pub file: Untrusted,
    /// Why it is one.
    pub because: PlaceReason,
    /// Whose rules it is read by.
    pub reader: Reader,
}

/// Why a file is looked at.
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
    /// `$XDG_CONFIG_HOME/containers/auth.json` or the same below `~/.config`.
    ConfigFolder,
    /// `$DOCKER_CONFIG/config.json`.
    DockerConfig,
    /// `~/.docker/config.json`, where `docker login` writes.
    DockerHome,
}

/// Whose rules for keys hold in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reader {
    /// Docker's, and those of the tools that use its library.
    Docker,
    /// Those of Podman, Buildah, Skopeo and CRI-O (containers-auth.json(5)).
    Containers,
    /// Those of the kubelet, for pull secrets.
    Kubelet,
}

/// What was seen in a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seen {
    /// There is no such file.
    NotThere,
    /// The file could not be opened or read; the system's words.
    Unreadable(String),
    /// The file cannot be used; why.
    Unusable(String),
    /// No entry is for this registry.
    NoEntry {
        /// How many there are for others.
        others: usize,
        /// The keys of the first of them, at most [`Seen::MOST_KEYS`].
        #[serde(default, with = "crate::text::raw")]
        keys: Vec<Untrusted>,
    },
    /// An entry nearly is.
    NearMiss {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// What is wrong with the key.
        why: NearMiss,
        /// Whether it names a helper, and holds no credential itself.
        helper: bool,
    },
    /// An entry of this registry is used.
    Entry {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// What it holds.
        form: CredentialForm,
        /// What looks damaged about it.
        damage: Vec<Damage>,
    },
    /// An entry of this registry cannot be used.
    Damaged {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// Why.
        damage: Damage,
    },
    /// An entry of this registry holds nothing: logging in left it there, and the credential is elsewhere.
    Empty {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
    },
    /// An entry is not looked at, because a helper is asked in its place.
    BehindHelper {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// The helper's name, without `docker-credential-`.
        #[serde(with = "crate::text::raw")]
        helper: Untrusted,
    },
    /// A key stands there more than once; the last one counts.
    Repeated {
        /// The key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
    },
    /// An entry of another registry is damaged, and Docker then reads nothing of the file; how many.
    OthersDamaged(usize),
    /// A helper was to be asked.
    Helper {
        /// Its name, without `docker-credential-`.
        #[serde(with = "crate::text::raw")]
        helper: Untrusted,
        /// The server that it was asked for.
        #[serde(with = "crate::text::raw")]
        server: Untrusted,
        /// What came of it.
        outcome: HelperOutcome,
    },
    /// The file names a helper for all registries, which these clients do not heed.
    StoreNotHeeded {
        /// Its name.
        #[serde(with = "crate::text::raw")]
        helper: Untrusted,
    },
    /// A pull secret that is none.
    PullSecret(PullSecretFault),
    /// The file was not looked at, and has an entry for this registry.
    Elsewhere {
        /// Its key.
        #[serde(with = "crate::text::raw")]
        key: Untrusted,
        /// Why it was not looked at.
        why: Elsewhere,
    },
}

/// What a credential consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CredentialForm {
    /// A user name and a password.
    Password,
    /// An identity token, for which token services give tokens (distribution specification, OAuth2 token).
    IdentityToken,
    /// A token for the registry itself.
    RegistryToken,
}

/// Why a key is not the one of a registry, although it looks like it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NearMiss {
    /// Another port, or one too much, or none.
    Port,
    /// A name of Docker Hub that this client does not look under; the key that it looks under.
    HubAlias(Cow<'static, str>),
    /// The key has a repository behind the host, and it is not the one that is pulled.
    Repository,
    /// Blanks or control characters beside the host.
    Blank,
    /// Keys of helpers have to be the plain host; the key that would be found.
    NotPlain(String),
    /// Another host of the same service: another region, another account.
    SameService,
    /// A host above or below.
    Domain,
}

/// What came of asking a credential helper (docker-credential-helpers, `get`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HelperOutcome {
    /// It gave a credential.
    Gave(CredentialForm, Vec<Damage>),
    /// It has none for this server.
    HasNone,
    /// It is on no absolute folder of `PATH`.
    NotFound,
    /// Its name is none that a program could have.
    NameRefused,
    /// It could not be started; the system's words.
    CannotStart(String),
    /// It ended with this status, or was ended, and what it printed may hold secrets; how many bytes.
    Failed {
        /// Its exit status; `None` where a signal ended it.
        status: Option<i32>,
        /// How much it printed.
        printed: usize,
    },
    /// It gave no answer within this many seconds and was ended, with all that it had started.
    TimedOut(u64),
    /// It printed more than 64 KiB.
    TooMuch,
    /// Its answer cannot be used; why.
    Unusable(String),
    /// The name of the server has characters that cannot be handed to it.
    ServerRefused,
}

/// Why a pull secret cannot give anybody a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullSecretFault {
    /// The file is neither YAML nor JSON; where reading it ended.
    NotYaml(String),
    /// It has no Secret; which kinds it has.
    NoSecret(#[serde(with = "crate::text::raw")] Vec<Untrusted>),
    /// It has a Pod, or the like, that names Secrets which are not in it.
    OnlyNames(#[serde(with = "crate::text::raw")] Vec<Untrusted>),
    /// The Secret is of another type; which.
    WrongType(#[serde(with = "crate::text::raw")] Untrusted),
    /// The Secret has no such data; which it should have had.
    NoData(Cow<'static, str>),
    /// The data is no base64.
    NotBase64,
    /// The data was encoded twice.
    TwiceEncoded,
    /// What is in it is no JSON of the right form; why.
    NotConfig(String),
}

/// Why a file was not looked at that has an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Elsewhere {
    /// A variable names another one.
    Variable(Cow<'static, str>),
    /// It is that of the user for whom `sudo` runs this.
    SudoUser(#[serde(with = "crate::text::raw")] Untrusted),
}

impl CredentialTrail {
    /// The step whose credential is used.
    pub fn chosen(&self) -> Option<&TrailStep> {
        self.steps.iter().find(|step| step.seen.form().is_some())
    }

    /// Whether the credential that is used was stored for plain HTTP: its key in the file says so itself.
    pub fn is_for_plain_http(&self) -> bool {
        let key = self.chosen().and_then(|step| step.seen.key());
        key.and_then(|key| key.as_str().get(..7)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
    }
}

impl Seen {
    /// The most keys of other registries' entries that are kept.
    pub const MOST_KEYS: usize = 5;

    /// What the credential consists of, where there is one.
    pub fn form(&self) -> Option<CredentialForm> {
        match self {
            Self::Entry { form, .. } | Self::Helper { outcome: HelperOutcome::Gave(form, _), .. } => Some(*form),
            _ => None,
        }
    }

    /// What looks damaged about the credential that is used, or made it unusable.
    pub fn damage(&self) -> &[Damage] {
        match self {
            Self::Entry { damage, .. } | Self::Helper { outcome: HelperOutcome::Gave(_, damage), .. } => damage,
            Self::Damaged { damage, .. } => std::slice::from_ref(damage),
            _ => &[],
        }
    }

    /// The key that this is about.
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

    /// The helper that this is about, without `docker-credential-`.
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
    /// Whether there is to be a credential, and it could not be had: whoever pulls fails here, or goes on without.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Gave(..) | Self::HasNone)
    }
}
