//! Text from outside as a recording keeps it: as it came, for `#[serde(with = "crate::text::raw")]`.
//!
//! [`Untrusted`] itself is not serialised, so that none of it gets into a result by accident: a recording is read back by
//! this program alone, and everything else is made printable.

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

use super::Untrusted;

/// What holds text from outside in a field of evidence.
pub trait Raw: Sized {
    /// The same as plain text.
    type Plain<'a>: serde::Serialize
    where
        Self: 'a;
    /// The same as it is read.
    type Read: for<'de> serde::Deserialize<'de>;

    /// What is written.
    fn plain(&self) -> Self::Plain<'_>;
    /// What was written.
    fn of(read: Self::Read) -> Self;
}

impl Raw for Untrusted {
    type Plain<'a> = &'a str;
    type Read = String;

    fn plain(&self) -> &str {
        self.as_str()
    }

    fn of(read: String) -> Self {
        Self::new(read)
    }
}

impl<T: Raw> Raw for Option<T> {
    type Plain<'a>
        = Option<T::Plain<'a>>
    where
        T: 'a;
    type Read = Option<T::Read>;

    fn plain(&self) -> Self::Plain<'_> {
        self.as_ref().map(T::plain)
    }

    fn of(read: Self::Read) -> Self {
        read.map(T::of)
    }
}

impl<T: Raw> Raw for Vec<T> {
    type Plain<'a>
        = Vec<T::Plain<'a>>
    where
        T: 'a;
    type Read = Vec<T::Read>;

    fn plain(&self) -> Self::Plain<'_> {
        self.iter().map(T::plain).collect()
    }

    fn of(read: Self::Read) -> Self {
        read.into_iter().map(T::of).collect()
    }
}

/// A header: its name, which is a token (RFC 9110 §5.1), and its value.
impl Raw for (String, Untrusted) {
    type Plain<'a> = (&'a str, &'a str);
    type Read = (String, String);

    fn plain(&self) -> (&str, &str) {
        (&self.0, self.1.as_str())
    }

    fn of((name, value): (String, String)) -> Self {
        (name, Untrusted::new(value))
    }
}

/// Writes the text as it came.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Raw, S: Serializer>(text: &T, serializer: S) -> Result<S::Ok, S::Error> {
    text.plain().serialize(serializer)
}

/// Reads text that was written as it came.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, T: Raw, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::Read::deserialize(deserializer).map(T::of)
}
