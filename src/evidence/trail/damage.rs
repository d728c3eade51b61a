//! The faults of a credential in a file.

use serde::{Deserialize, Serialize};

/// The fault of a credential's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// `auth` is not base64.
    NotBase64,
    /// `auth` is URL-safe base64, with `-` and `_`, which clients do not decode.
    UrlSafeBase64,
    /// `auth` was encoded twice.
    TwiceEncoded,
    /// There is no colon between name and password.
    NoColon,
    /// There is no name.
    NoName,
    /// There is a name, but no password.
    NoPassword,
    /// `auth` does not contain UTF-8 text.
    NotUtf8,
    /// A line break at the end of the name or the password.
    LineBreak,
    /// Whitespace at the beginning or the end of the name or the password.
    Blank,
    /// Another control character in the name or the password.
    Control,
    /// `auth` contradicts `username` and `password` next to it.
    Contradiction,
    /// A field is not text.
    NotText(CredentialField),
    /// More than 64 KiB.
    TooLong,
}

/// A field of a credential in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialField {
    /// The whole entry.
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
    /// Its name in the file; for the entry, a description.
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
    /// Whether Docker stops reading a file at such an entry, for any registry (docker/cli, `LoadFromReader`).
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
