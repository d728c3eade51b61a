//! What a run was told that matters to its report: so that a command that is printed asks again as this one did.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::CredentialUse;
use crate::oci::Platform;

/// The options of a run, as far as its report has to do with them. Nothing secret is among them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunOptions {
    /// The platform, where it is not that of the machine.
    pub platform: Option<Platform>,
    /// The media types of the client that asks, where the user named them.
    pub accept: Vec<String>,
    /// The option that named a file with credentials, and the file.
    pub credentials_file: Option<(Cow<'static, str>, PathBuf)>,
    /// A file with further trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Plain HTTP was asked for.
    pub plain_http: bool,
    /// The login may go over plain HTTP wherever the registry is.
    pub cleartext_login: bool,
    /// Certificate faults of the registry are let pass.
    pub insecure: bool,
    /// Whose credentials were to be used.
    pub credential: CredentialUse,
    /// A client certificate was given.
    pub certificate: bool,
    /// The report is for everybody to read.
    pub public: bool,
    /// The lab is asked instead of the network.
    pub lab: Option<LabOption>,
    /// Why the login that was given was not used, in a sentence.
    pub login_withheld: Option<String>,
    /// Why headers that were given were not used, a sentence each.
    pub headers_withheld: Vec<String>,
    /// The next command can be typed where the report is read.
    pub typed: bool,
    /// Commands follow each other, and what one has learnt the next one knows.
    pub follows: bool,
}

/// Which scenario of the lab is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabOption {
    /// The one that is about the image.
    ByReference,
    /// The one of this name.
    Named(String),
}
