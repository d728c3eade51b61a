//! Where credentials come from: the files of Docker and Podman, the helpers that they name, pull secrets of Kubernetes.
//!
//! Reading is pure (`key`, `entry`, `config`, `pull_secret`) and apart from the two ways to touch the machine,
//! `file` and `helper`. The `search` goes through the places of [`Sources`] in order and leaves a trail of what it
//! saw. A helper that fails ends the search: to go on would be to send another credential than the one that was meant, or
//! to send it elsewhere (CVE-2021-41092).

mod config;
mod entry;
mod file;
mod helper;
mod key;
mod pull_secret;
mod search;
mod sources;
mod tree;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::evidence::CredentialForm;
use crate::text::Secret;

pub use config::Config;
pub use helper::{end_helpers, find_program};
pub use pull_secret::read_pull_secret;
pub use search::{FoundCredential, look_for};
pub use sources::Sources;

/// What somebody logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A user name and a password, or what stands in for one.
    Password {
        /// The name. Not shown either: it tells who asked.
        username: Secret,
        /// The password or access token.
        password: Secret,
    },
    /// An identity token, which a token service takes in the place of a password (OAuth2, `refresh_token`). The registry
    /// itself never gets it.
    IdentityToken(Secret),
    /// A token that the registry takes as it is; no token service is asked.
    RegistryToken(Secret),
}

impl Credentials {
    /// The value of a Basic `Authorization` header without its scheme (RFC 7617, section 2), where there is a password.
    pub fn basic(&self) -> Option<Secret> {
        match self {
            Self::Password { username, password } => {
                Some(Secret::new(STANDARD.encode(format!("{}:{}", username.reveal(), password.reveal()))))
            }
            Self::IdentityToken(_) | Self::RegistryToken(_) => None,
        }
    }

    /// What they consist of.
    pub fn form(&self) -> CredentialForm {
        match self {
            Self::Password { .. } => CredentialForm::Password,
            Self::IdentityToken(_) => CredentialForm::IdentityToken,
            Self::RegistryToken(_) => CredentialForm::RegistryToken,
        }
    }

    /// Every secret in them, each with what it is. A password of several lines, as a key file is one, is a secret line by
    /// line too.
    pub fn secrets(&self) -> Vec<(&'static str, Secret)> {
        /// Shorter lines of a password could be found by chance.
        const SHORTEST_LINE: usize = 16;
        match self {
            Self::Password { password, .. } => {
                let lines = password.reveal().lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
                let lines = lines.map(Secret::new).collect::<Vec<_>>().into_iter();
                [password.clone()].into_iter().chain(self.basic()).chain(lines).map(|one| ("password", one)).collect()
            }
            Self::IdentityToken(token) => vec![("identity token", token.clone())],
            Self::RegistryToken(token) => vec![("token", token.clone())],
        }
    }
}
