//! The hosts of a scenario, as its file describes them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::lab::fault::Fault;
use crate::lab::seed::Seed;
use crate::oci::Scheme;

/// One host of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::lab) struct HostSetup {
    /// The name, with a port unless that is the default of its scheme.
    pub name: String,
    /// The dialect: one of [`crate::lab::dialects`].
    pub dialect: String,
    /// The scheme that clients use.
    #[serde(default = "https")]
    pub scheme: SchemeName,
    /// The protocol on its port, if it is not that of its scheme.
    pub speaks: Option<Speech>,
    /// The fault in its certificate.
    #[serde(default)]
    pub certificate: Certificate,
    /// The number of the alert that ends its handshakes (RFC 8446 §6), if it speaks `tls-alert`; 40 by default.
    pub alert: Option<u8>,
    /// Its treatment of client certificates, which the lab's own authority issues.
    #[serde(default)]
    pub client_certificate: ClientCertificate,
    /// The content: repository, tag, name of the content. `1.{0..3}` means every tag from `1.0` to `1.3`.
    #[serde(default)]
    pub repositories: BTreeMap<String, BTreeMap<String, String>>,
    /// Its access control, if its dialect supports several kinds.
    #[serde(default)]
    pub access: Access,
    /// The URL of its token service, if its dialect does not define it.
    pub realm: Option<String>,
    /// The service in its challenges, if its dialect does not define it.
    pub service: Option<String>,
    /// Repositories that anonymous clients may not pull from.
    #[serde(default)]
    pub private: Vec<String>,
    /// Accounts, by name, with their passwords.
    #[serde(default)]
    pub accounts: BTreeMap<String, String>,
    /// The repositories that an account may read, if not all.
    #[serde(default)]
    pub rights: BTreeMap<String, Vec<String>>,
    /// Tags whose documents were deleted, as `repository:tag`: the tag is listed, but its document is gone.
    #[serde(default)]
    pub deleted: Vec<String>,
    /// Set if its name also has an IPv6 address, where nothing listens.
    #[serde(default)]
    pub broken_ipv6: bool,
    /// The seconds by which its clock is ahead; negative if it is behind.
    #[serde(default)]
    pub clock_ahead: i64,
    /// The lifetime of its tokens, in seconds. Negative: they have expired when they are issued.
    pub token_lifetime: Option<i64>,
    /// The number of pulls that are left.
    pub pulls_left: Option<u64>,
    /// The number of pulls that accounts have made already, if accounts have limits of their own.
    #[serde(default)]
    pub pulls_made: BTreeMap<String, u64>,
    /// The policy with which it blocks images, if its dialect has policies.
    pub policy: Option<Policy>,
    /// The host that it is related to: a token service's registry, a redirector's target, a registry's storage.
    pub of: Option<String>,
    /// The faults in its answers.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// Seeded content, which is not the lab's own.
    #[serde(skip)]
    pub seeds: Vec<Seed>,
}

/// A scheme in scenario files.
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

/// The protocol on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Speech {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
    /// TLS without common parameters: every handshake ends with an alert.
    TlsAlert,
    /// HTTP over TLS; a connection that does not begin with TLS is closed without an answer.
    HttpsAlone,
    /// No protocol: every connection is closed at its first byte.
    Nothing,
    /// TLS without HTTP: the connection is closed at the first request.
    HangUp,
    /// SSH, in which the server speaks first.
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

/// A host's treatment of client certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum ClientCertificate {
    /// It does not request one.
    #[default]
    Unasked,
    /// It requests one, and ends the handshake without it.
    Required,
    /// It requests one, and continues without it.
    Optional,
}

/// The access control of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::lab) enum Access {
    /// It does not require authentication.
    #[default]
    Open,
    /// It sends clients to a token service.
    Token,
    /// It requires a user name and a password with each request.
    Basic,
}

/// A policy that blocks images even for authorized clients (Harbor, `src/server/middleware`: `vulnerable.go`,
/// `contenttrust`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Policy {
    /// Blocks images with vulnerabilities of high severity, of which every image here has seven.
    Vulnerable,
    /// Blocks images that were not scanned, which are all images here.
    NotScanned,
    /// Blocks images without a cosign signature, which are all images here.
    NotSignedByCosign,
    /// Blocks images without a notation signature, which are all images here.
    NotSignedByNotation,
}

/// The fault in a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Certificate {
    /// The certificate is good.
    #[default]
    Good,
    /// It has expired.
    Expired,
    /// It is for another name.
    OtherName,
    /// An authority that is not trusted signed it; both certificates are presented.
    UnknownAuthority,
    /// It names the host in its subject, and has no subject alternative names.
    CommonNameOnly,
    /// An intermediate of the trusted authority signed it, and both are presented, as it should be.
    WithIntermediate,
    /// An intermediate of the trusted authority signed it, but only the certificate is presented.
    IntermediateMissing,
    /// It is self-signed and marked as a CA, as `openssl req -x509` makes it.
    SelfSigned,
    /// A TLS inspection product issued it.
    Inspected,
}
