//! The difference between what was typed and what is asked for, so that a report can show it.

use std::fmt;

use super::{DEFAULT_TAG, Host};
use crate::oci::Digest;
use serde::{Deserialize, Serialize};

/// Something that was not typed and that every client would add. `Display` names it for a sentence like
/// "added: the registry docker.io".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Addition {
    /// No host was written, so the registry is Docker Hub.
    DefaultRegistry,
    /// A name of one component on Docker Hub belongs to the official images, below `library/`. Docker adds this; a
    /// bare HTTP client and a proxy in front of Docker Hub do not.
    LibraryPrefix,
    /// Neither tag nor digest was written.
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

/// Something that was typed and is not taken as it stands. `Display` says what happened to it, in one clause.
///
/// The texts inside passed the grammar and are plain ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Change {
    /// A prefix such as `docker://` that tells other tools where to look.
    PrefixRemoved {
        /// The prefix with its slashes.
        written: String,
    },
    /// A host name that is a second name of Docker Hub.
    HubAlias {
        /// The host as it was typed.
        written: String,
    },
    /// Host names have no case and ports no leading zeros, so the host is kept in its plain spelling.
    HostSpelling {
        /// The host as it was typed.
        written: String,
        /// The host as it is used.
        used: Host,
    },
    /// The first component is a host only because it has a capital letter; in lower case it would be a namespace on
    /// Docker Hub. Docker reads it so, and few people mean it.
    CapitalMadeHost {
        /// The component as it was typed.
        written: String,
    },
    /// The reference was taken from the address of a manifest.
    ManifestAddress,
    /// The repository was taken from the address of a blob. Its digest is not used: it names no manifest.
    BlobAddress {
        /// The digest of the blob; none in the address of an upload.
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
            Self::HubAlias { written } => write!(f, "{written} is another name of {}", Host::DOCKER_HUB),
            Self::HostSpelling { written, used } => write!(f, "the host {written} is the same as {used}"),
            Self::CapitalMadeHost { written } => {
                write!(f, "{written} has a capital letter and is therefore a host, not a namespace on Docker Hub")
            }
            Self::ManifestAddress => f.write_str("the reference was taken from the address of a manifest"),
            Self::BlobAddress { digest: Some(digest) } => {
                write!(f, "the repository was taken from the address of the blob {digest}, which is not a manifest")
            }
            Self::BlobAddress { digest: None } => f.write_str("the repository was taken from the address of an upload"),
            Self::TagListAddress => f.write_str("the repository was taken from the address of a tag list"),
            Self::ReferrersAddress => f.write_str("the reference was taken from the address of a list of referrers"),
        }
    }
}
