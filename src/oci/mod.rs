//! The specification as types: what a reference, a digest and a media type are, whatever a registry makes of them.

/// Makes values be serialised as they are spelled, and read by their grammar.
macro_rules! serialised_as_spelled {
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

serialised_as_spelled!(Digest, Host, Origin, Platform);
