//! References to images: what people type, paste and script, turned into exactly one registry, repository and version.
//!
//! Half of the reports about images that will not pull come down to a name that was read differently from how it was
//! meant. So the parser does two things that others leave out. It records everything it added or rewrote, so that
//! `alpine` can be shown as what is really asked for; and where it refuses, it points at the character, names the rule
//! and offers the text that was probably meant.
//!
//! What is accepted follows the client that most people use. The grammar is that of the distribution specification
//! ("Pulling manifests") for repository and tag, and that of the `distribution/reference` library for the host; which
//! first component is a host is decided as Docker decides it. Nothing is trimmed or corrected in silence: white space
//! or quotes around a reference are refused with the cleaned text as the suggestion, because the script or file that
//! they came from will hand them to other tools too.

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

/// The tag that every client asks for when neither a tag nor a digest is given.
const DEFAULT_TAG: &str = "latest";

/// A place in a registry: host, repository, and the tag or digest to ask for there.
///
/// It always has a tag, a digest, or both, and all of its parts satisfy the grammar of the distribution specification,
/// so they can be put into a request path as they are.
///
/// `Display` writes it in full, as in `docker.io/library/alpine:latest`, and what it writes is read back as the same
/// place. A host that no client would take for one (a single word without a port) has `oci://` in front, because that
/// is the only common way to write it. The scheme is not part of the full form; see [`Reference::scheme`].
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
    /// Reads a reference as any tool writes it.
    ///
    /// Understood are Docker's short and full names, a tag, a digest or both, the prefixes `docker://` (read by
    /// Docker's rule) and `oci://`, `http://`, `https://` (whose first component always is the host), and an address
    /// of the registry's API, from which the reference is taken. In an address of a mirror (`?ns=docker.io`), the mirror is
    /// the registry.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for everything else. It never shows a user name or password that stood in the input.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        parser::parse(input).map_err(|problem| suggestion::refused(input, problem))
    }

    /// What was typed, unchanged but for the `?ns=` of a mirror's address. A reference with credentials or any other query is
    /// refused, so none can be in here.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// The registry. Docker Hub is `docker.io` here, whatever its API host is called.
    pub fn registry(&self) -> &Host {
        &self.registry
    }

    /// The `<name>` of the distribution specification: everything between the host and the tag or digest.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, in the case in which it was typed. With a digest beside it, it is only a remark for people.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest. Where there is one, it alone decides what is pulled.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The scheme, only if `http://` or `https://` was written.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// What was added to the text that was typed, from left to right.
    pub fn additions(&self) -> &[Addition] {
        &self.additions
    }

    /// What was rewritten or left out, from left to right.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What stands behind `/manifests/` in a request: the digest if there is one, else the tag.
    pub fn selector(&self) -> String {
        match &self.digest {
            Some(digest) => digest.to_string(),
            None => self.tag.as_deref().unwrap_or(DEFAULT_TAG).to_owned(),
        }
    }

    /// The registry that may have been meant, where Docker's rule made its host part of a repository on Docker Hub.
    ///
    /// `registry.example.com`, `ghcr.io:1.0` and `localhost:5000` are valid names of Docker Hub repositories, and next
    /// to nobody means them. The reference is kept as Docker reads it; a caller should mention this host, and that a
    /// repository has to follow it behind a `/`.
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

    /// The same repository, pinned to a digest. A tag that was typed stays as a remark, an added one goes.
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

    /// Whether a text is a tag by the grammar (distribution-spec, "Pulling manifests").
    pub fn is_tag(text: &str) -> bool {
        grammar::check_tag(part::Part::whole(text)).is_ok()
    }

    /// Whether a text is the name of a repository by the grammar (distribution-spec, "Pulling manifests").
    pub fn is_repository(text: &str) -> bool {
        grammar::check_repository(part::Part::whole(text)).is_ok()
    }

    /// The same repository at another tag; a digest is dropped, since it would go on deciding what is pulled.
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
