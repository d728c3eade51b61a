//! Text from outside as a recording keeps it, verbatim, for `#[serde(with = "crate::text::raw")]`.
//!
//! [`Untrusted`] itself has no serialization, so that none of it gets into a result by accident: a recording is only
//! read back by this program, and everything else is made printable.

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

use super::Untrusted;

/// A type that holds text from outside in a field of evidence.
pub trait Raw: Sized {
    /// The value as plain text.
    type Plain<'a>: serde::Serialize
    where
        Self: 'a;
    /// The value as it is deserialized.
    type Read: for<'de> serde::Deserialize<'de>;

    /// Returns the value to serialize.
    fn plain(&self) -> Self::Plain<'_>;
    /// Restores the value that was serialized.
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

/// Writes the text verbatim.
///
/// # Errors
/// Errors of the serializer.
pub fn serialize<T: Raw, S: Serializer>(text: &T, serializer: S) -> Result<S::Ok, S::Error> {
    text.plain().serialize(serializer)
}

/// Reads text that was written verbatim.
///
/// # Errors
/// Errors of the deserializer.
pub fn deserialize<'de, T: Raw, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::Read::deserialize(deserializer).map(T::of)
}
