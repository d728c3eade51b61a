//! Values that must never be shown: passwords, tokens, the values of the user's own headers.

use std::fmt;

use zeroize::Zeroizing;

/// A secret value. It has no `Display`, its `Debug` shows nothing of it, and its memory is wiped on drop.
///
/// Only [`Secret::reveal`] returns the value; it is called where a request is put on the wire and where output is
/// searched for secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the value; the caller keeps no copy.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself. Nothing derived from it may be in a text that a person can see.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹secret›")
    }
}

#[cfg(test)]
mod tests {
    use crate::text::secret::*;

    #[test]
    fn debug_output_shows_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "‹secret›");
    }
}
