//! A part of a text that must not be shown, as the searches find it.

use std::ops::Range;

/// A part of a text that must not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretPart {
    /// Its position.
    pub range: Range<usize>,
    /// The kind: `query value`, `fragment`, …
    pub what: &'static str,
    /// Whether it is replaced by a label. User information before a host is not, so that the address stays valid.
    pub is_named: bool,
}

impl SecretPart {
    pub fn named(range: Range<usize>, what: &'static str) -> Self {
        Self { range, what, is_named: true }
    }
}
