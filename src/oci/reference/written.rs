//! The recorded form of a reference: all of its parts, because reports depend on how it was written.

use serde::Deserialize;

use super::{Addition, Change, Digest, Host, Reference, Scheme};

/// The parts of a reference as they are recorded, not yet validated.
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
    /// An error if a part breaks the grammar of references.
    fn try_from(written: Written) -> Result<Self, &'static str> {
        let Written { input, scheme, registry, repository, tag, digest, additions, changes } = written;
        let reference = Self { input, scheme, registry, repository, tag, digest, additions, changes };
        let parts = |reference: &Self| {
            let Self { registry, repository, tag, digest, .. } = reference;
            (registry.clone(), repository.clone(), tag.clone(), digest.clone())
        };
        let read = Self::parse(&reference.to_string());
        // A valid input contains neither credentials nor any other query.
        let is_read = Self::parse(&reference.input).is_ok() && read.is_ok_and(|read| parts(&read) == parts(&reference));
        is_read.then_some(reference).ok_or("a part of the reference breaks the grammar of references")
    }
}
