//! The sources of credentials: Docker's and Podman's files, the helpers that they name, and Kubernetes pull secrets.
//!
//! Parsing is pure (`key`, `entry`, `config`, `pull_secret`) and separate from the two modules that access the machine,
//! `file` and `helper`. `search` goes through the places of [`Sources`] in order and records a trail of what it found.
//! A helper that fails ends the search: going on would send a different credential than the one intended, or send it
//! elsewhere (CVE-2021-41092).

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

/// The credentials of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A user name and a password, or a token used as one.
    Password {
        /// The user name. It is a secret too, because it identifies the user.
        username: Secret,
        /// The password or access token.
        password: Secret,
    },
    /// An identity token, which a token service accepts instead of a password (OAuth2, `refresh_token`). It is never
    /// sent to the registry itself.
    IdentityToken(Secret),
    /// A token that the registry accepts as it is, without a token service.
    RegistryToken(Secret),
}

impl Credentials {
    /// The value of a Basic `Authorization` header without its scheme (RFC 7617, section 2), if there is a password.
    pub fn basic(&self) -> Option<Secret> {
        match self {
            Self::Password { username, password } => {
                Some(Secret::new(STANDARD.encode(format!("{}:{}", username.reveal(), password.reveal()))))
            }
            Self::IdentityToken(_) | Self::RegistryToken(_) => None,
        }
    }

    /// The kind of the credentials.
    pub fn form(&self) -> CredentialForm {
        match self {
            Self::Password { .. } => CredentialForm::Password,
            Self::IdentityToken(_) => CredentialForm::IdentityToken,
            Self::RegistryToken(_) => CredentialForm::RegistryToken,
        }
    }

    /// All secrets in them, each with its kind. In a password of several lines, such as a key file, each line is a
    /// secret too.
    pub fn secrets(&self) -> Vec<(&'static str, Secret)> {
        /// Shorter lines of a password could occur in other text by chance.
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
