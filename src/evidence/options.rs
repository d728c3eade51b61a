//! The options of a run that matter to its report, so that printed commands repeat its requests.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::CredentialUse;
use crate::oci::Platform;

/// The options of a run that its report uses. None of them is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunOptions {
    /// The platform, if it is not the machine's.
    pub platform: Option<Platform>,
    /// The media types of the asking client, if the user gave them.
    pub accept: Vec<String>,
    /// The option that named a credential file, and the file.
    pub credentials_file: Option<(Cow<'static, str>, PathBuf)>,
    /// A file with additional trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Whether plain HTTP was requested.
    pub plain_http: bool,
    /// Whether the login may be sent over plain HTTP at any address of the registry.
    pub cleartext_login: bool,
    /// Whether certificate faults of the registry are ignored.
    pub insecure: bool,
    /// The source of the credentials.
    pub credential: CredentialUse,
    /// Whether a client certificate was given.
    pub certificate: bool,
    /// Whether the report is anonymized.
    pub public: bool,
    /// The lab to use instead of the network.
    pub lab: Option<LabOption>,
    /// A sentence that says why a given login was not used.
    pub login_withheld: Option<String>,
    /// Sentences that say why given headers were not used.
    pub headers_withheld: Vec<String>,
    /// Whether the next command can be entered where the report is read.
    pub typed: bool,
    /// Whether commands follow each other, and share what they find.
    pub follows: bool,
}

/// The lab scenario in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabOption {
    /// The scenario for the image.
    ByReference,
    /// The scenario with this name.
    Named(String),
}
