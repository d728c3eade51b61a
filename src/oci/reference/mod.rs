//! Image references: text that people type, paste and script, parsed into exactly one registry, repository and version.
//!
//! Half of the reports about images that cannot be pulled come down to a name that was parsed differently from how it
//! was meant. So the parser does two things that others do not. It records everything that it added or rewrote, so that
//! a report can show what `alpine` really requests; and when it rejects an input, it points at the character, states
//! the rule and offers the text that was probably meant.
//!
//! The accepted input follows the most common client. Repository and tag follow the grammar of the distribution
//! specification ("Pulling manifests"), the host that of the `distribution/reference` library; Docker's rule decides
//! whether the first component is a host. Nothing is trimmed or corrected silently: white space or quotes around a
//! reference are rejected with the cleaned text as the suggestion, because the script or file that they came from
//! passes them to other tools too.

mod address;
mod changes;
mod characters;
mod grammar;
mod host;
mod other_scripts;
mod parser;
mod part;
mod picture;
mod refusal;
mod secrets;
mod suggestion;
#[cfg(test)]
mod tests;
mod violation;
mod written;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Digest, Scheme};

pub use changes::{Addition, Change};
pub use host::Host;
pub use refusal::Refusal;
pub use violation::Violation;

/// The tag that every client requests if a reference has neither a tag nor a digest.
const DEFAULT_TAG: &str = "latest";

/// A location in a registry: host, repository, and the tag or digest to request.
///
/// It always has a tag, a digest, or both, and all of its parts follow the grammar of the distribution specification,
/// so they can be used in a request path as they are.
///
/// `Display` writes the full form, such as `docker.io/library/alpine:latest`, which parses as the same reference. A
/// host that no client recognizes as one (a single word without a port) is prefixed with `oci://`, the only common way
/// to write it. The scheme is not part of the full form; see [`Reference::scheme`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "written::Written")]
pub struct Reference {
    input: String,
    scheme: Option<Scheme>,
    registry: Host,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
    additions: Vec<Addition>,
    changes: Vec<Change>,
}

impl Reference {
    /// Parses a reference in the notation of any tool.
    ///
    /// Accepted are Docker's short and full names, a tag, a digest or both, the prefixes `docker://` (parsed by
    /// Docker's rule), `oci://`, `http://` and `https://` (whose first component is always the host), and an address of
    /// the registry's API, from which the reference is extracted. In an address of a mirror (`?ns=docker.io`), the
    /// registry is the mirror.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for any other input. It never contains a user name or password from the input.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        parser::parse(input).map_err(|problem| suggestion::refused(input, problem))
    }

    /// The input, unchanged except for the `?ns=` of a mirror's address. A reference with credentials or any other
    /// query is rejected, so it contains neither.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// The registry. Docker Hub is always `docker.io`, not its API host.
    pub fn registry(&self) -> &Host {
        &self.registry
    }

    /// The `<name>` of the distribution specification: everything between the host and the tag or digest.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, with its case kept. If there is a digest as well, the tag is informational.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest. If there is one, it alone selects what is pulled.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The scheme, if `http://` or `https://` was written.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// The parts that were added to the input, from left to right.
    pub fn additions(&self) -> &[Addition] {
        &self.additions
    }

    /// The parts that were rewritten or removed, from left to right.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The path segment after `/manifests/` in a request: the digest if there is one, otherwise the tag.
    pub fn selector(&self) -> String {
        match &self.digest {
            Some(digest) => digest.to_string(),
            None => self.tag.as_deref().unwrap_or(DEFAULT_TAG).to_owned(),
        }
    }

    /// The registry that may have been meant, if Docker's rule makes its host part of a repository on Docker Hub.
    ///
    /// `registry.example.com`, `ghcr.io:1.0` and `localhost:5000` are valid Docker Hub repositories, but hardly ever
    /// meant as such. The reference stays as Docker reads it; callers should mention this host, and that a `/` and a
    /// repository have to follow it.
    pub fn looks_like_host(&self) -> Option<Host> {
        if !self.additions.contains(&Addition::DefaultRegistry) || !self.additions.contains(&Addition::LibraryPrefix) {
            return None;
        }
        let name = self.repository.strip_prefix(Addition::LIBRARY)?;
        let tag = if self.additions.contains(&Addition::DefaultTag) { None } else { self.tag() };
        let port = tag.filter(|tag| tag.bytes().all(|byte| byte.is_ascii_digit()));
        let last_label = name.rsplit_once('.').map(|(_, label)| label);
        let is_domain =
            last_label.is_some_and(|label| label.len() > 1 && label.bytes().all(|b| b.is_ascii_lowercase()));
        if !is_domain && name != "localhost" && port != Some("5000") {
            return None;
        }
        match port {
            Some(port) => format!("{name}:{port}").parse().ok(),
            None => name.parse().ok(),
        }
    }

    /// The same repository, pinned to a digest. A tag from the input is kept for information, an added one is dropped.
    pub fn with_digest(&self, digest: Digest) -> Self {
        let mut pinned = self.clone();
        if self.additions.contains(&Addition::DefaultTag) {
            pinned.tag = None;
            pinned.additions.retain(|addition| *addition != Addition::DefaultTag);
        }
        pinned.digest = Some(digest);
        pinned
    }

    /// The same tag or digest in another repository of the same registry.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] of the repository if it breaks the grammar (distribution-spec, "Pulling manifests").
    pub fn with_repository(&self, repository: &str) -> Result<Self, Refusal> {
        let refused = |problem| Refusal::of_fragment(repository, problem);
        grammar::check_repository(part::Part::whole(repository)).map_err(refused)?;
        let mut moved = self.clone();
        moved.repository = repository.to_owned();
        moved.additions.retain(|addition| *addition != Addition::LibraryPrefix);
        Ok(moved)
    }

    /// Returns `true` if a text is a valid tag (distribution-spec, "Pulling manifests").
    pub fn is_tag(text: &str) -> bool {
        grammar::check_tag(part::Part::whole(text)).is_ok()
    }

    /// Returns `true` if a text is a valid repository name (distribution-spec, "Pulling manifests").
    pub fn is_repository(text: &str) -> bool {
        grammar::check_repository(part::Part::whole(text)).is_ok()
    }

    /// The same repository at another tag. A digest is dropped, since it would still select what is pulled.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] of the tag if it breaks the grammar (distribution-spec, "Pulling manifests").
    pub fn with_tag(&self, tag: &str) -> Result<Self, Refusal> {
        grammar::check_tag(part::Part::whole(tag)).map_err(|problem| Refusal::of_fragment(tag, problem))?;
        let mut moved = self.clone();
        moved.tag = Some(tag.to_owned());
        moved.digest = None;
        moved.additions.retain(|addition| *addition != Addition::DefaultTag);
        Ok(moved)
    }
}

impl FromStr for Reference {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.registry.to_string();
        if !host::is_host_for_docker(&host) {
            f.write_str("oci://")?;
        }
        write!(f, "{host}/{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}
