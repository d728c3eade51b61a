//! The types of the specification: references, digests, media types and platforms, independent of any registry.

/// Serializes values in their text form, and parses them by their grammar on the way back.
macro_rules! serialized_as_text {
    ($($kind:ty),+) => {$(
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::text::spelled::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::spelled::deserialize(deserializer)
            }
        }
    )+};
}

pub mod address;
mod digest;
pub mod media_type;
mod origin;
mod platform;
mod reference;

pub use address::{AddressClass, Place};
pub use digest::{Algorithm, Digest, DigestError};
pub use origin::{Origin, Scheme};
pub use platform::Platform;
pub use reference::{Addition, Change, Host, Reference, Refusal, Violation};

serialized_as_text!(Digest, Host, Origin, Platform);
