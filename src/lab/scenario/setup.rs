//! The hosts of a scenario, as its file describes them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::lab::fault::Fault;
use crate::lab::guest::Guest;
use crate::oci::Scheme;

/// One host of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::lab) struct HostSetup {
    /// Its name, with a port where that is not the usual one of its scheme.
    pub name: String,
    /// How it answers: one of [`crate::lab::dialects`].
    pub dialect: String,
    /// How it is asked.
    #[serde(default = "https")]
    pub scheme: SchemeName,
    /// What its port speaks, where that is not what its scheme says.
    pub speaks: Option<Speech>,
    /// What is wrong with its certificate.
    #[serde(default)]
    pub certificate: Certificate,
    /// What it stores: repository, tag, name of the content. `1.{0..3}` is every tag from `1.0` to `1.3`.
    #[serde(default)]
    pub repositories: BTreeMap<String, BTreeMap<String, String>>,
    /// How it knows who asks, where its dialect leaves that open.
    #[serde(default)]
    pub access: Access,
    /// The address of its token service, where its dialect leaves that open.
    pub realm: Option<String>,
    /// What it calls itself towards the token service, where its dialect leaves that open.
    pub service: Option<String>,
    /// Repositories that only accounts may see.
    #[serde(default)]
    pub private: Vec<String>,
    /// Accounts, by name, with their passwords.
    #[serde(default)]
    pub accounts: BTreeMap<String, String>,
    /// What an account may read, where that is not everything.
    #[serde(default)]
    pub rights: BTreeMap<String, Vec<String>>,
    /// Tags whose documents were deleted, as `repository:tag`: the tag is listed, and nothing is there.
    #[serde(default)]
    pub deleted: Vec<String>,
    /// Whether its name has an IPv6 address, too, at which nothing listens.
    #[serde(default)]
    pub broken_ipv6: bool,
    /// By how many seconds its clock is ahead. Negative: it is behind.
    #[serde(default)]
    pub clock_ahead: i64,
    /// For how many seconds its tokens are good. Negative: they have expired when they are issued.
    pub token_lifetime: Option<i64>,
    /// How many more pulls it allows.
    pub pulls_left: Option<u64>,
    /// How many pulls accounts have made already, where those of accounts are counted apart.
    #[serde(default)]
    pub pulls_made: BTreeMap<String, u64>,
    /// The rule by which it keeps images back, where its dialect has such rules.
    pub policy: Option<Policy>,
    /// The host that it stands for or sends on to: a token service's registry, a redirector's registry, where blobs are.
    pub of: Option<String>,
    /// What it does wrong.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// What it stores that is not the lab's own.
    #[serde(skip)]
    pub guests: Vec<Guest>,
}

/// A scheme as scenario files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::lab) enum SchemeName {
    Http,
    Https,
}

fn https() -> SchemeName {
    SchemeName::Https
}

impl From<SchemeName> for Scheme {
    fn from(name: SchemeName) -> Self {
        match name {
            SchemeName::Http => Self::Http,
            SchemeName::Https => Self::Https,
        }
    }
}

/// What a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Speech {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
    /// TLS, in which it agrees with nobody: every handshake ends with an alert.
    TlsAlert,
    /// TLS of a version that the client does not have: every handshake ends with an alert that says so.
    TlsOtherVersion,
    /// TLS, and then no word more: the connection ends at the first request.
    HangUp,
    /// Another protocol altogether, in which the server speaks first.
    Ssh,
}

impl From<Scheme> for Speech {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Http => Self::Http,
            Scheme::Https => Self::Https,
        }
    }
}

/// How a registry knows who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::lab) enum Access {
    /// It does not ask.
    #[default]
    Open,
    /// It sends clients to a token service.
    Token,
    /// It asks for a name and a password with each request.
    Basic,
}

/// A rule that keeps images back from people who may see them (Harbor, `src/server/middleware`: `vulnerable.go`,
/// `contenttrust`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Policy {
    /// Images with vulnerabilities of a high severity, of which every image here has seven.
    Vulnerable,
    /// Images that were not scanned, as all are here.
    NotScanned,
    /// Images that cosign did not sign, as all are here.
    NotSignedByCosign,
    /// Images that notation did not sign, as all are here.
    NotSignedByNotation,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Certificate {
    /// Nothing.
    #[default]
    Good,
    /// It was good until some day in the past.
    Expired,
    /// It is for another name.
    OtherName,
    /// Nobody knows who signed it.
    UnknownAuthority,
    /// An intermediate authority signed it, and the server leaves out the certificate of that.
    MissingIntermediate,
}
