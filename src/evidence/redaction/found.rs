//! A part of a text that must not be shown, as the searches find it.

use std::ops::Range;

/// A part of a text that must not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretPart {
    /// Where it is.
    pub range: Range<usize>,
    /// The kind: `query value`, `fragment`, …
    pub what: &'static str,
    /// Whether words are left in its place. User and password before a host leave none, so that the address stays one.
    pub is_named: bool,
}

impl SecretPart {
    pub fn named(range: Range<usize>, what: &'static str) -> Self {
        Self { range, what, is_named: true }
    }
}
