//! Values that are serialized in their text form and parsed by their own grammar, for `#[serde(with =
//! "crate::text::spelled")]`.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer, de};

/// Writes a value in its text form.
///
/// # Errors
/// Errors of the serializer.
pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Parses a value by its grammar.
///
/// # Errors
/// Fails if the text does not match the grammar.
pub fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom("the text does not match the grammar of its kind"))
}
