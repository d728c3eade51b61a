//! The differences between the input and the reference that is requested, so that a report can show them.

use std::fmt;

use super::{DEFAULT_TAG, Host};
use crate::oci::Digest;
use serde::{Deserialize, Serialize};

/// A part that the input lacks and that every client adds. `Display` names it for a sentence like "added: the registry
/// docker.io".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Addition {
    /// The input has no host, so the registry is Docker Hub.
    DefaultRegistry,
    /// A name of one component on Docker Hub belongs to the official images under `library/`. Docker adds the
    /// namespace; a bare HTTP client and a proxy for Docker Hub do not.
    LibraryPrefix,
    /// The input has neither a tag nor a digest.
    DefaultTag,
}

impl Addition {
    /// The namespace of the official images.
    pub(super) const LIBRARY: &'static str = "library/";
}

impl fmt::Display for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultRegistry => write!(f, "the registry {}", Host::DOCKER_HUB),
            Self::LibraryPrefix => write!(f, "the namespace {}", Self::LIBRARY),
            Self::DefaultTag => write!(f, "the tag {DEFAULT_TAG}"),
        }
    }
}

/// A part of the input that is not used as written. `Display` describes the change in one clause.
///
/// The texts in the variants passed the grammar and are plain ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// A prefix such as `docker://` that selects a transport in other tools.
    PrefixRemoved {
        /// The prefix with its slashes.
        written: String,
    },
    /// A host name that is an alias of Docker Hub.
    HubAlias {
        /// The host as written.
        written: String,
    },
    /// The host in normalized form: host names have no case, and ports have no leading zeros.
    HostSpelling {
        /// The host as written.
        written: String,
        /// The host as used.
        used: Host,
    },
    /// The first component is a host only because it has a capital letter; in lower case it would be a namespace on
    /// Docker Hub. Docker reads it this way, which is rarely intended.
    CapitalMadeHost {
        /// The component as written.
        written: String,
    },
    /// The reference was taken from the address of a manifest.
    ManifestAddress,
    /// The repository was taken from the address of a blob. Its digest is not used: it names no manifest.
    BlobAddress {
        /// The digest of the blob; `None` for the address of an upload.
        digest: Option<Digest>,
    },
    /// The repository was taken from the address of a tag list.
    TagListAddress,
    /// The repository and the digest of the subject were taken from the address of a referrers list.
    ReferrersAddress,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrefixRemoved { written } => write!(f, "{written} was removed"),
            Self::HubAlias { written } => write!(f, "{written} is another name for {}", Host::DOCKER_HUB),
            Self::HostSpelling { written, used } => write!(f, "the host {written} is the same as {used}"),
            Self::CapitalMadeHost { written } => {
                write!(f, "{written} has a capital letter, so it is a host, not a Docker Hub namespace")
            }
            Self::ManifestAddress => f.write_str("the reference was taken from the address of a manifest"),
            Self::BlobAddress { digest: Some(digest) } => {
                write!(f, "the repository was taken from the address of the blob {digest}, which is not a manifest")
            }
            Self::BlobAddress { digest: None } => f.write_str("the repository was taken from the address of an upload"),
            Self::TagListAddress => f.write_str("the repository was taken from the address of a tag list"),
            Self::ReferrersAddress => f.write_str("the reference was taken from the address of a referrers list"),
        }
    }
}
