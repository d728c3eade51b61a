//! A reference as a recording has it: all of its parts, because how it was typed matters to what is said of it.

use serde::Deserialize;

use super::{Addition, Change, Digest, Host, Reference, Scheme};

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
    type Error = &'static str;

    /// # Errors
    /// Where a part breaks the grammar of references, as it may not in one that is asked for.
    fn try_from(written: Written) -> Result<Self, &'static str> {
        let Written { input, scheme, registry, repository, tag, digest, additions, changes } = written;
        let reference = Self { input, scheme, registry, repository, tag, digest, additions, changes };
        let parts = |reference: &Self| {
            let Self { registry, repository, tag, digest, .. } = reference;
            (registry.clone(), repository.clone(), tag.clone(), digest.clone())
        };
        let read = Self::parse(&reference.to_string());
        // What is typed has no credentials in it, and no other query.
        let is_read = Self::parse(&reference.input).is_ok() && read.is_ok_and(|read| parts(&read) == parts(&reference));
        is_read.then_some(reference).ok_or("a part of the reference breaks the grammar of references")
    }
}
