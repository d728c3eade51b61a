//! A reference as a recording has it: all of its parts, because how it was typed matters to what is said of it.

use serde::Deserialize;

use super::{Addition, Change, Digest, Host, Reference, Refusal, Scheme};

/// The parts of a reference, as they are written. Nothing is known of them yet.
#[derive(Deserialize)]
pub(super) struct Written {
    input: String,
    scheme: Option<Scheme>,
    registry: Host,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
    additions: Vec<Addition>,
    changes: Vec<Change>,
}

impl TryFrom<Written> for Reference {
    type Error = Refusal;

    /// # Errors
    /// Where a part breaks the grammar of references, as it may not in one that is asked for.
    fn try_from(written: Written) -> Result<Self, Refusal> {
        let Written { input, scheme, registry, repository, tag, digest, additions, changes } = written;
        let reference = Self { input, scheme, registry, repository, tag, digest, additions, changes };
        let read = Self::parse(&reference.to_string())?;
        // What is typed has no credentials in it, and no other query.
        Self::parse(&reference.input)?;
        let is_same = (&read.registry, &read.repository, &read.digest)
            == (&reference.registry, &reference.repository, &reference.digest);
        let tag = read.tag.filter(|_| !read.additions.contains(&Addition::DefaultTag));
        let parts = Self { tag, ..reference.clone() };
        if is_same && parts.tag == reference.tag { Ok(reference) } else { Self::parse("") }
    }
}
