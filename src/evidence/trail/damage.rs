//! What can be wrong with the bytes of a credential in a file.

use serde::{Deserialize, Serialize};

/// What is wrong with the bytes of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Damage {
    /// `auth` is no base64.
    NotBase64,
    /// `auth` is base64 for addresses, with `-` and `_`, which clients do not read.
    UrlSafeBase64,
    /// `auth` was encoded twice.
    TwiceEncoded,
    /// There is no colon between name and password.
    NoColon,
    /// There is no name.
    NoName,
    /// There is a name, and no password.
    NoPassword,
    /// What `auth` holds is not text in UTF-8.
    NotUtf8,
    /// A line break at the end of the name or the password.
    LineBreak,
    /// A blank at the beginning or the end of the name or the password.
    Blank,
    /// Another control character in the name or the password.
    Control,
    /// `auth` does not say the same as `username` and `password` beside it.
    Contradiction,
    /// A field is not text.
    NotText(CredentialField),
    /// More than 64 KiB.
    TooLong,
}

/// A field of a credential in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CredentialField {
    /// All of the entry.
    Entry,
    /// `auth`.
    Auth,
    /// `identitytoken`.
    IdentityToken,
    /// `registrytoken`.
    RegistryToken,
    /// `username`.
    Username,
    /// `password`.
    Password,
}

impl CredentialField {
    /// Its name in the file; of the entry, words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entry => "the entry",
            Self::Auth => "auth",
            Self::IdentityToken => "identitytoken",
            Self::RegistryToken => "registrytoken",
            Self::Username => "username",
            Self::Password => "password",
        }
    }
}

impl Damage {
    /// Whether Docker gives up reading a file at such an entry, whosever it is (docker/cli, `LoadFromReader`).
    pub fn stops_docker(self) -> bool {
        matches!(
            self,
            Self::NotBase64
                | Self::UrlSafeBase64
                | Self::TwiceEncoded
                | Self::NoColon
                | Self::NoName
                | Self::NotText(_)
        )
    }
}
